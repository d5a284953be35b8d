"""The pages of the documentation, followed word by word."""
