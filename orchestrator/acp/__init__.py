"""The Agent Client Protocol: the team as an agent of Zed, JetBrains, Neovim, Emacs and whatever else speaks it."""
