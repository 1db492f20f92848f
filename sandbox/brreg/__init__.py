"""A stand-in for Konkursvarsel over real HTTP: the list of notices in small pages, and each notice in full."""
