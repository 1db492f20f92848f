"""Raising alerts: one for each rule, subject and window, however often the same hours are folded."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from audit.secrecy import seal
from compliance.watching.counting import Hit, hits
from compliance.watching.kinds import Subject
from compliance.watching.models import Alert, AlertMail, WatchRule
from compliance.watching.windows import Length, Window, window_of
from legal.history import recorded
from legal.models import Person

COMMAND = "desk_watch"
LOOKED_BACK = timedelta(days=35)
"""Windows that ended longer ago raise nothing: the first folding of a long trail is no news."""
SEALED_AS = "watching_alert"

logger = logging.getLogger(__name__)


def raise_alerts(hours: Sequence[datetime], *, now: datetime) -> list[Alert]:
    """Judge by every rule that is on what lies in the windows of these hours, and return the alerts that are new."""
    made = []
    for rule in WatchRule.objects.filter(is_on=True):
        for window in windows_of(Length(rule.window), hours):
            if window.end >= now - LOOKED_BACK:
                made += raised(rule, window, hits(rule.kind, window, rule.threshold, hours), now=now)
    return made


def windows_of(length: Length, hours: Iterable[datetime]) -> list[Window]:
    """Return the windows that the hours lie in, the oldest first."""
    found = {window.start: window for window in (window_of(length, hour) for hour in hours)}
    return [found[start] for start in sorted(found)]


def raised(rule: WatchRule, window: Window, found: Sequence[Hit], *, now: datetime) -> list[Alert]:
    """Return the alerts that these hits raise; whoever has one in this window gets no second."""
    if not found:
        return []
    with recorded(command=COMMAND), transaction.atomic():
        before = Alert.objects.filter(rule=rule, window=window.length, begins_at=window.start)
        known = set(before.values_list("consumer", "subject"))
        made = [alert_of(rule, window, hit, now) for hit in found if (hit.consumer, hit.subject) not in known]
        Alert.objects.bulk_create(made, ignore_conflicts=True)  # another watcher may have been quicker
        ids = set(Alert.objects.filter(pk__in=[alert.pk for alert in made]).values_list("pk", flat=True))
        made = [alert for alert in made if alert.pk in ids]
        AlertMail.objects.bulk_create([AlertMail(alert=alert) for alert in made])
    for alert in made:
        told = {"rule": alert.kind, "audience": alert.audience, "alert": alert.pk}
        logger.warning("desk.alert", extra=told)
    return made


def alert_of(rule: WatchRule, window: Window, hit: Hit, now: datetime) -> Alert:
    alert = Alert(
        rule=rule,
        kind=rule.kind,
        audience=rule.audience,
        consumer=hit.consumer,
        subject=hit.subject,
        window=window.length,
        begins_at=window.start,
        ends_at=window.end,
        observed=hit.observed,
        threshold=rule.threshold,
        raised_at=now,
    )
    if hit.text:
        alert.subject_sealed = seal(hit.text, column=SEALED_AS, record=alert.pk)
    if rule.known.subject is Subject.STAFF:
        alert.about = Person.objects.filter(employee_id=hit.subject).first()
    return alert
