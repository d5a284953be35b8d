"""A fork: a new run that shares everything before one step with another run, and goes on from there otherwise."""
