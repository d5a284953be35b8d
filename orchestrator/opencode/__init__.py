"""OpenCode's side of the house: its configuration, and the plugin's entry in it."""
