"""The benchmark: what an answer costs here, beside the floor under it and two other ways to write it."""
