"""Answering the citizen: what was told about a person, to whom, and what of it the person is told."""
