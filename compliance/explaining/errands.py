"""What the bank itself sent an agency, in plain words: to whom, in which errand, about whom."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.studielan.errors import DIGDIR_NUMBER, LANEKASSEN_NUMBER
from audit.pages import in_oslo
from compliance.explaining.asking import about, known_number
from compliance.explaining.numbers import masked
from compliance.explaining.then import Known

RECIPIENTS = {LANEKASSEN_NUMBER: "Lånekassen", DIGDIR_NUMBER: "Digitaliseringsdirektoratet"}
"""Those whom the bank asks and who ask nothing here, so that the register of agencies may lack them."""
OPERATIONS: dict[str, Promise] = {
    "bsu.innsending": gettext_lazy("the yearly report of home savings accounts (BSU)"),
    "aktivkonto.tin": gettext_lazy("a look-up of the account that somebody chose for public payouts"),
    "pension.register": gettext_lazy("the registration of a pension agreement with an employer"),
    "pension.delete": gettext_lazy("the deletion of a pension agreement with an employer"),
    "pension.validity": gettext_lazy("a question whether a pension agreement with an employer is valid"),
    "pension.effect": gettext_lazy("a question for which time a pension agreement with an employer has effect"),
    "studielan.accounts": gettext_lazy("a look-up of what a customer owes in student loans"),
    "studielan.consent": gettext_lazy("a request that a customer consents to a look-up of student loans"),
    "studielan.token": gettext_lazy("an access token made out for the customer who consented"),
}


def to_whom(known: Known) -> Iterator[str]:
    """Yield who got it."""
    number = known_number(known.record.consumer)
    name = known.agency.name if known.agency else RECIPIENTS.get(number, "")
    if name:
        yield _("Sent to %(name)s, organisation number %(number)s.") % {"name": name, "number": number}
    else:
        yield _("Sent to the organisation with the number %(number)s.") % {"number": number or "–"}


def by_which_law(known: Known) -> Iterator[str]:
    """Yield what the record cannot say: an errand has no mandate and no version."""
    yield _("It was the bank's own errand (%(service)s), and nobody's question.") % {"service": known.record.service}
    yield _("The record names no law for it, and no version of a service ruled it.")


def sent(known: Known) -> Iterator[str]:
    """Yield the errand and whom it was about."""
    record = known.record
    what = OPERATIONS.get(record.endpoint)
    if what:
        yield _("What was sent: %(what)s (%(operation)s).") % {"what": what, "operation": record.endpoint}
    else:
        yield _("This release does not know the operation %(operation)s.") % {"operation": record.endpoint or "–"}
    yield _("Recorded at %(time)s (Oslo), before it left.") % {"time": in_oslo(record.at)}
    yield from about(known)
    if known.numbers and known.numbers.accounts:
        accounts = ", ".join(masked(number) for number in known.numbers.accounts)
        yield _("With the accounts %(numbers)s.") % {"numbers": accounts}
    if record.correlation_id:
        yield _("This very sending (CorrelationID): %(id)s.") % {"id": record.correlation_id}
