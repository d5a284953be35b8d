"""Tools: what the agents can do with files. They know no model; only they use the Rust core, `tools._native`."""
