"""A laptop's stand-ins for the outside world; installed only when DSOP_ENVIRONMENT=sandbox."""
