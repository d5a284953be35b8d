"""LangGraph Studio's server on the runs of a machine: `make studio`."""
