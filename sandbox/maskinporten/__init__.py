"""A stand-in for Maskinporten over real HTTP: metadata, keys and the JWT-bearer grant."""
