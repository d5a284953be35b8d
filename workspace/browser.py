"""The browser of whoever sits at this machine."""

import os
import sys
import webbrowser


def show_page(address: str) -> bool:
    """Open an address where there is a screen; returns whether a browser took it."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False  # a browser in the terminal would take the terminal away
    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False
