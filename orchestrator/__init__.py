"""The application around the graph: commands, configuration, runs, and what a person sees."""
