"""Many runs on many machines: a queue that lasts, workers that may die, and what a run takes along between them."""
