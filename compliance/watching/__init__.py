"""Watching: what is usual, what is strange, and who is told of it."""
