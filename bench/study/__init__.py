"""The statistical study behind bench/oracle.py."""
