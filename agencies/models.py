"""Which calls are under way: five leases for each agency API and enterprise, over all processes and hosts."""

from django.db import models


class Slot(models.Model):
    """One of the calls that an enterprise may have under way to an API; free where its lease is absent or over."""

    api = models.CharField(max_length=32)
    enterprise = models.CharField(max_length=9)
    number = models.PositiveSmallIntegerField()
    holder = models.UUIDField(null=True)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api", "enterprise", "number"], name="agencies_slot_unique")]

    def __str__(self) -> str:
        return f"{self.api} {self.number}"
