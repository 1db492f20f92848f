"""The desk: the people who look after the service, and their rights."""
