"""Exporting: a part of the trail for a court or a supervisor, with its proofs."""
