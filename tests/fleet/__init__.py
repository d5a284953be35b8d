"""Several workers as processes, each a host of its own, one real PostgreSQL, and a scripted model server."""
