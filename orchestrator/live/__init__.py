"""The runs of this machine as pages that follow them, over loopback."""
