"""The operations of the native tools that bench/native.py measures, and how their figures are reported."""
