"""The desk's own pages of the admin."""

from compliance import retention_admin  # noqa: F401 - registers pages of its own
