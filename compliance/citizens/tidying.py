"""Who asked, letters and words are deleted when their years are over. That there was a request stays."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from compliance.citizens.clock import months_after
from compliance.citizens.models import CitizenContent, CitizenRequest

BATCH = 100


def tidy(today: date, *, years: int) -> int:
    """Delete the contents of requests that ended so many years ago, and return of how many."""
    before, tidied = months_after(today, -12 * years), 0
    due = CitizenRequest.objects.filter(ended_on__lte=before, tidied_at__isnull=True).order_by("ended_on", "id")
    while some := [request.pk for request in due[:BATCH]]:
        with transaction.atomic():
            CitizenContent.objects.filter(request_id__in=some).delete()
            tidied += CitizenRequest.objects.filter(pk__in=some).update(tidied_at=timezone.now())
    return tidied
