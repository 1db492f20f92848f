"""People, services and drafts for tests of governance: a service of its own, so that the loaded ones do not matter."""

import copy
from datetime import date

from django.utils import timezone

from legal import governance
from legal.in_force import version_in_force
from legal.models import Person, Service, ServiceVersion
from legal.register import today_in_oslo
from legal.service_files import read_services

SLUG = "saldo-two"
FILE = next(rules for rules in read_services() if rules["service"] == "fi-utlegg-saldo")
RULES = {
    **FILE,
    "service": SLUG,
    "name": "Saldo two",
    "steps": {endpoint: {**step, "mandates": ["Saldo two"]} for endpoint, step in FILE["steps"].items()},
}


def rules(**words):
    """Return the rules, with other words for fields of the account list: `accounts_name="deliver"`."""
    changed = copy.deepcopy(RULES)
    for path, word in words.items():
        changed["fields"]["accounts"][path.replace("_", ".", 1)] = word
    return changed


def person(name):
    return Person.objects.get_or_create(employee_id=name.lower(), defaults={"name": name})[0]


def service(number=1):
    """Return the service with one version of a file in force, as `load_services` leaves it."""
    made = Service.objects.create(slug=SLUG, name="Saldo two")
    ServiceVersion.objects.create(
        service=made, number=number, state="approved", rules=rules(), approved_at=timezone.now()
    )
    return made


def draft(of, by, day: date | None = None, **words):
    """Return a draft that differs from the service's newest version in these words."""
    made = governance.draft_from(of.versions.order_by("-number").first(), by=by)
    governance.revise(made, rules=rules(**words), effective_from=day, by=by)
    made.refresh_from_db()
    return made


def approve(version, by, today: date | None = None):
    """Approve what is there now, as somebody who has looked at it would."""
    today = today or today_in_oslo()
    seen = governance.fingerprint(
        ServiceVersion.objects.get(pk=version.pk), version_in_force(version.service_id, today=today)
    )
    return governance.approve(version, seen=seen, by=by, today=today)


def states(of):
    """Return what is stored of each version, by number."""
    return dict(of.versions.order_by("number").values_list("number", "state"))
