"""Django's PostgreSQL, on connections that keep the time of the request they serve."""
