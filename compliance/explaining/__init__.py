"""Explaining: one question and its answer in plain words, and what was sent, to look at."""
