"""The service that waits a minute and more for a certificate or a thread, not five seconds; for gunicorn in a test."""

from datetime import timedelta

from django.conf import settings

from dsop.wsgi import application  # first: it sets Django up

from dsop import certificates, certpub  # isort: skip

__all__ = ["application"]

certificates.LOOK_UP_SECONDS = certpub.CONNECT_AND_READ_SECONDS = 100.0
certificates.LEASE = timedelta(seconds=200)
settings.QUEUE_SECONDS = settings.WORK_SECONDS = 400.0
