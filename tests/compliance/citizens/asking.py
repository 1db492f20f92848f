"""Citizens who ask, and what was told about them, for the tests of this part."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from compliance.citizens.contents import Asker
from compliance.citizens.models import CitizenRequest
from compliance.citizens.registering import register
from compliance.people import OFFICER
from legal.register import today_in_oslo
from tests.compliance.finding.trail import OPEN, add, signed_in
from tests.legal.governed import person

ASKER = Asker(OPEN, "Ánde Šuorŋŋá Łukasz", ("Čáhcesuolu 7", "9845 Deatnu"))
POLICE = {"service": "politi-utlevering", "consumer": "915429785", "legal_mandate": "Straffeprosessloven §210 (3)"}
TAX = {"service": "skatt-kontroll", "consumer": "974761076", "legal_mandate": "Skatteforvaltningsloven § 10-2"}
GUARDIANS = {"service": "vergekontroll", "consumer": "986186999", "legal_mandate": "Vergemålsloven § 54 (2)"}
BSU = {"service": "agencies:bsu", "consumer": "974761076", "endpoint": "bsu.innsending", "outcome": "sent"}


def told():
    """Add a record of each kind about the person, the oldest first, and return them by what begins of them."""
    return {
        "included": add(OPEN, minutes=40, endpoint="transactions", items=3, **GUARDIANS),
        "sent": add(OPEN, minutes=30, **BSU),
        "withheld": add(OPEN, minutes=20, endpoint="accounts", items=2, **POLICE),
        "undecided": add(OPEN, minutes=10, endpoint="accounts", items=2, **TAX),
    }


def asked(asker=ASKER, *, days_ago=3, by="Kari", **changes):
    """Register a request of some days ago, and return it."""
    values = {
        "key": CitizenRequest().pk,
        "received_on": today_in_oslo() - timedelta(days=days_ago),
        "case_reference": "2026/77",
        "identity": "electronic",
    }
    return register(asker, by=person(by), **values | changes)


def officer(name="kari", of="Kari"):
    browser, _user = signed_in(name, OFFICER, of=of)
    return browser


def address(name, *arguments):
    return reverse(f"admin:desk_citizen{name}", args=arguments)


def standing(request):
    """Return how each disclosure of a request stands, oldest first."""
    rows = request.disclosures.order_by("record")
    return [(row.service, row.decision, row.ground, row.is_single, row.decided_name) for row in rows]


def now():
    return timezone.now()
