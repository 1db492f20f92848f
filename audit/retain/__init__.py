"""How long the trail is kept, what is held longer, and how it is deleted without a hole in the proof."""
