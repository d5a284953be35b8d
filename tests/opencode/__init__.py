"""The real OpenCode with the packed plugin, in a home of its own, before a scripted model: `make e2e`."""
