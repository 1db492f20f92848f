"""What operators see of the service in figures. Their labels are words of closed lists, and nobody's number."""
