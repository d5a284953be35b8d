"""LangGraph Studio: the same graph, with forms to start it, on the checkpoints of the command line's runs."""
