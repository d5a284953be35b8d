"""Where work happens: run folder, snapshot, lanes, sandbox, checks and evidence, merge, apply, undo. Knows no model."""
