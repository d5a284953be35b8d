"""The commands, one module for each group; only the one that is asked for is imported."""
