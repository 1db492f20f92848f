"""What the desk's letters have in common: whose they are, in which font, in which frame."""
