"""The service whose workers follow the table of agencies' certificates ten times a second; for gunicorn in a test."""

from dsop.wsgi import application  # first: it sets Django up

from dsop import certificates  # isort: skip

__all__ = ["application"]

certificates.TURN_SECONDS = 0.1
