"""The police on a laptop: an authority, the key that lawyers sign extradition orders with, and its key set."""
