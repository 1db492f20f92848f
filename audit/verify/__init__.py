"""The proof read again: whether every row, checkpoint and answer is still what was sealed."""
