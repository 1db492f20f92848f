"""The front door: settings, addresses, errors out, health and the server."""
