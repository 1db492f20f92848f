"""Who may see which alerts, and settling one: in words, by a person whom it is not about."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.watching.kinds import Audience
from compliance.watching.models import NOBODYS, Alert
from legal.models import Person
from legal.people import person_by_account

SEE = {Audience.COMPLIANCE: "compliance.view_watch", Audience.AUDITOR: "compliance.view_staff_watch"}
SETTLE = {Audience.COMPLIANCE: "compliance.settle_alert", Audience.AUDITOR: "compliance.view_staff_watch"}


def audiences_of(user: Any) -> list[str]:
    """Return whose alerts an account may see."""
    return [str(audience.value) for audience, right in SEE.items() if user.has_perm(right)]


def visible_to(user: Any) -> Any:
    """Return a queryset of the alerts that an account may see."""
    return Alert.objects.filter(audience__in=audiences_of(user))


def may_settle(user: Any, alert: Alert) -> bool:
    """Return whether this account has the right to; `refused_to` says whether the person behind it may."""
    return bool(user.has_perm(SETTLE[Audience(alert.audience)]))


def refused_to(person: Person, alert: Alert) -> str:
    """Return why this person may not settle the alert; nothing when it may be."""
    about = about_whom(alert)
    if about is None and alert.subject.startswith(NOBODYS):
        return _("This is about an account that is nobody's. It is settled once somebody has said whose it is.")
    return _("This is about you. Another person has to settle it.") if about == person else ""


def about_whom(alert: Alert) -> Person | None:
    """Return whom of the bank's people an alert is about: whose account it is now, where it was nobody's then."""
    if alert.about is None and alert.subject.startswith(NOBODYS):
        return person_by_account(alert.subject.removeprefix(NOBODYS))
    return alert.about


def settle(alert: Alert, person: Person, words: str) -> None:
    """Write down what was found and done. Raise ValidationError."""
    with transaction.atomic():
        fresh = Alert.objects.select_for_update(of=("self",)).select_related("about").get(pk=alert.pk)
        if fresh.settled_at is not None:
            raise ValidationError(_("Somebody has settled this already."))
        if why := refused_to(person, fresh):
            raise ValidationError(why)
        fresh.about = about_whom(fresh)
        fresh.settled_at, fresh.settled_by, fresh.settled_name = timezone.now(), person, str(person)
        fresh.words = words
        fresh.save(update_fields=["about", "settled_at", "settled_by", "settled_name", "words"])
