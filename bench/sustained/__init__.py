"""What the shipped server bears: a rate of mixed questions held for long, a burst, and a very long account."""
