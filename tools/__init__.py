"""Tools: what the agents can do with files. They know no model; only this package uses the Rust core, `tools._native`."""
