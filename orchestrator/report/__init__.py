"""A run as one page that opens from the disk: what proved it, what was tried, what was asked, what it cost."""
