"""The service that follows the table of agencies' certificates ten times a second, and gives a look-up two seconds.

For gunicorn in a test.
"""

from dsop.wsgi import application  # first: it sets Django up

from dsop import certificates  # isort: skip

__all__ = ["application"]

certificates.TURN_SECONDS = 0.1
certificates.LOOK_UP_SECONDS = 2.0
