"""The proof: the record of every question and answer."""
