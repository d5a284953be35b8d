"""The six agents, one file each, and what they share: the state that travels and the session that is held."""
