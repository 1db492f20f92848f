"""What the admin's BSU pages say of a delivery, and the filters of their lists."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agencies.bsu import approvals
from agencies.bsu.models import Delivery, Sending
from audit.filters import WrittenFilter
from legal.models import Person
from legal.notice_admin import ChosenFilter

MOST_SHOWN = 500
REQUEST, APPROVE = "bsu.request_sending", "bsu.approve_sending"


class DeliveryStateFilter(ChosenFilter):
    title, parameter_name, words = gettext_lazy("state"), "state", Delivery.State


class SendingStateFilter(ChosenFilter):
    title, parameter_name, words = gettext_lazy("state"), "state", Sending.State


class YearFilter(WrittenFilter):
    """One income year."""

    title, parameter_name, hint = gettext_lazy("income year"), "year", gettext_lazy("four digits")
    pattern = "[0-9]{4}"


def verdict(findings: Sequence[Mapping[str, Any]]) -> str:
    """Return how many faults and doubts the checks found."""
    faults = sum(bool(finding["hard"]) for finding in findings)
    doubts = len(findings) - faults
    if not findings:
        return _("nothing found")
    told = [
        ngettext("%(n)d fault: may not be sent", "%(n)d faults: may not be sent", faults) % {"n": faults},
        ngettext("%(n)d doubt", "%(n)d doubts", doubts) % {"n": doubts},
    ]
    return ", ".join(words for words, number in zip(told, (faults, doubts), strict=True) if number)


def pairs(members: Mapping[str, Any] | None) -> SafeString | str:
    """Return one line for each member."""
    lines = ((name, value) for name, value in (members or {}).items())
    return format_html_join("", "<div>{}: {}</div>", lines) or "–"


def as_written(value: object) -> SafeString | str:
    """Return a document, laid out."""
    if not value:
        return "–"
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    return format_html('<pre tabindex="0">{}</pre>', text)


def positions_of(delivery: Delivery) -> list[int]:
    """Return the places of the accounts that a check or the agency has something to say of, the first few hundred."""
    deviations = (delivery.feedback or {}).get("deviations", [])
    places = {told.get("position") for told in (*delivery.findings, *deviations)}
    return sorted(place for place in places if place)[:MOST_SHOWN]


def accounts_at(body: bytes, positions: Sequence[int]) -> list[dict[str, Any]]:
    """Return place, account number, holder and balance of the accounts at those places of a report."""
    accounts = json.loads(body)["leveranse"].get("oppgave", [])
    return [
        {
            "position": position,
            "account": accounts[position - 1].get("kontonummer"),
            "holder": accounts[position - 1].get("oppgaveeier", {}).get("foedselsnummer"),
            "balance": accounts[position - 1].get("saldo"),
        }
        for position in positions
        if position <= len(accounts)
    ]


def what_may_be_done(delivery: Delivery, person: Person | None, user: Any) -> dict[str, Any]:
    """Return which buttons the page of a delivery has for this person, and the sendings it shows."""
    sendings = list(delivery.sendings.order_by("number"))
    pending = next((sending for sending in sendings if sending.state in approvals.OPEN), None)
    waits = pending is not None and pending.state == Sending.State.WAITING
    sendable = delivery.state in approvals.SENDABLE and not approvals.has_hard_findings(delivery)
    mine = pending is not None and person is not None and pending.requested_by_id == person.pk
    may_request, may_approve = (person is not None and user.has_perm(right) for right in (REQUEST, APPROVE))
    return {
        "sendings": sendings,
        "pending": pending,
        "seen": bytes(delivery.digest).hex(),
        "may_ask": may_request and pending is None and sendable,
        "may_agree": may_approve and waits and not mine,
        "is_mine": may_approve and waits and mine,
        "may_end": (may_request or may_approve) and pending is not None and pending.recorded_at is None,
    }
