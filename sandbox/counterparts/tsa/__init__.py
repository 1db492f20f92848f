"""A time-stamp authority as of RFC 3161: the second place that the roots of the trail go to, once a day."""
