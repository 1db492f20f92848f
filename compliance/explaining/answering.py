"""The answer in plain words: what was given and withheld, why it was refused or failed, to whom it was encrypted."""

from collections.abc import Iterator

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.models import AuditRecord
from audit.pages import in_oslo
from compliance.explaining.numbers import masked
from compliance.explaining.refusals import reason_of
from compliance.explaining.then import Known
from legal.disclosure import NEVER_SENT, UNDECIDED, WITHHOLD
from legal.endpoints import Endpoint
from legal.explaining import ExplainedField
from legal.labels import CHOICES, word_first

Outcome = AuditRecord.Outcome
MOST_ACCOUNTS = 20
"""How many account numbers a sentence lists."""
WHY_EMPTY: dict[str, Promise] = {
    "unknown party": gettext_lazy("The ledger knows nobody by that number."),
    "shielded": gettext_lazy("The person is shielded: of shielded persons nothing is told."),
    "guarantor only": gettext_lazy(
        "The ledger knows the party only as a guarantor, and of guarantors nothing is told."
    ),
    "holds nothing": gettext_lazy("The party held nothing in that period that the question reaches."),
}
OTHER_HOLDERS = (Endpoint.CARDS, Endpoint.ROLES)


def given(known: Known) -> Iterator[str]:
    """Yield how much was given, of which accounts, as the ledger was when."""
    record = known.record
    if record.outcome != Outcome.ANSWERED:
        return
    if record.items is not None:
        yield counted(record.endpoint, record.items)
    if record.empty_because:
        unknown = _("The list was empty for a reason that this release does not know: %(word)s.")
        why = WHY_EMPTY.get(record.empty_because)
        yield str(why) if why else unknown % {"word": record.empty_because}
    if known.numbers and known.numbers.accounts:
        yield _accounts([masked(number) for number in known.numbers.accounts])
    if record.as_of:
        yield _("The ledger was as of %(time)s (Oslo).") % {"time": in_oslo(record.as_of)}
    yield from took(record)


def took(record: AuditRecord) -> Iterator[str]:
    """Yield how long it took; what the bank sends itself is recorded before."""
    if record.duration_us:
        yield _("It took %(time)s milliseconds.") % {"time": number_format(record.duration_us / 1000, decimal_pos=1)}


def counted(endpoint: str, items: int) -> str:
    """Return how many of what an endpoint gives were given."""
    if not items:
        return _("Nothing was given: the list was empty.")
    sentences: dict[str, str] = {
        Endpoint.CUSTOMER_RELATIONSHIPS: ngettext(
            "%(count)d institution was named.", "%(count)d institutions were named.", items
        ),
        Endpoint.ACCOUNT_SERVICING_PROVIDER: ngettext(
            "%(count)d institution was named.", "%(count)d institutions were named.", items
        ),
        Endpoint.ACCOUNTS: ngettext("%(count)d account was listed.", "%(count)d accounts were listed.", items),
        Endpoint.ACCOUNT_DETAILS: ngettext("%(count)d account was told of.", "%(count)d accounts were told of.", items),
        Endpoint.TRANSACTIONS: ngettext(
            "%(count)d transaction was given.", "%(count)d transactions were given.", items
        ),
        Endpoint.CARDS: ngettext("%(count)d card was given.", "%(count)d cards were given.", items),
        Endpoint.ROLES: ngettext("%(count)d role was given.", "%(count)d roles were given.", items),
    }
    other = ngettext("%(count)d item was given.", "%(count)d items were given.", items)
    return sentences.get(endpoint, other) % {"count": items}


def _accounts(numbers: list[str]) -> str:
    shown, more = ", ".join(numbers[:MOST_ACCOUNTS]), len(numbers) - MOST_ACCOUNTS
    if more > 0:
        return _("Of the accounts %(numbers)s and %(more)d more.") % {"numbers": shown, "more": more}
    return ngettext("Of the account %(numbers)s.", "Of the accounts %(numbers)s.", len(numbers)) % {"numbers": shown}


def withheld(known: Known) -> Iterator[str]:
    """Yield what the version lets out of the standard's fields, and which of its choices leave out more."""
    record, fields, rules = known.record, known.ruled.fields, known.rules
    if record.outcome != Outcome.ANSWERED:
        return
    if not fields:
        yield _("Which fields were withheld cannot be said: this release cannot read that version.")
        return
    kept = sum(not field.delivered for field in fields)
    told = {"all": len(fields), "kept": kept, "endpoint": record.endpoint}
    yield _("Of the standard's %(all)d fields at %(endpoint)s the version withholds %(kept)d.") % told
    if rules.get("data_not_delivered") and record.endpoint == Endpoint.ACCOUNTS:
        yield _("It lets accounts be listed without their data (dataNotDelivered).")
    if rules.get("other_holders") == WITHHOLD and record.endpoint in OTHER_HOLDERS:
        yield _("It leaves out others who may use an account that the party itself only uses.")
    yield _("A field that leaves was sent only where the ledger had something to send.")


def reason_for(field: ExplainedField, known: Known) -> str:
    """Return by which word or rule a field leaves or stays."""
    if field.path in NEVER_SENT:
        return _("the common data model never sends it, whatever the word (%(word)s)") % {"word": field.category}
    if field.category == UNDECIDED:
        chosen = CHOICES[UNDECIDED][known.rules.get(UNDECIDED, WITHHOLD)]
        return _("undecided in the standard; the service chose: %(chosen)s") % {"chosen": chosen}
    return word_first(field.category)


def refused(known: Known) -> Iterator[str]:
    """Yield with which code and sentence it was refused, and which rule stands behind that."""
    record, ruled = known.record, known.ruled
    if record.outcome not in {Outcome.REFUSED, Outcome.FAILED}:
        return
    yield reason_of(record.refusal)
    code = {"status": record.http_status, "code": record.code or "–", "name": record.refusal or "–"}
    if record.outcome == Outcome.REFUSED:
        yield _("Refused with HTTP status %(status)s and code %(code)s (%(name)s).") % code
    else:
        yield _("It failed with HTTP status %(status)s and code %(code)s (%(name)s); the agency may ask again.") % code
    if ruled.sentence:
        yield _("The agency was told: “%(sentence)s”") % {"sentence": ruled.sentence}
    if ruled.rule:
        rule = {"kind": ruled.rule.title, "choice": ruled.rule.choice}
        yield _("The rule of that version behind it: %(kind)s – %(choice)s.") % rule
    elif record.outcome == Outcome.REFUSED and record.service and not ruled.missing:
        yield _("No choice of that version stands behind it: it holds for every service.")
    yield _("Nothing about anybody was given.")
    yield from took(record)


def encrypted(known: Known) -> Iterator[str]:
    """Yield to which certificate the answer was encrypted, or that it was not."""
    record, evidence = known.record, known.record.evidence or {}
    if record.outcome in {Outcome.REFUSED, Outcome.FAILED}:
        yield _("Not encrypted: a refusal is a fixed sentence in plain JSON.")
        return
    if not evidence.get("certificate_sha256"):
        yield _("Not encrypted: it left as plain JSON, which only a test installation allows.")
        return
    names = ("certificate_serial", "certificate_sha256", "key_algorithm", "content_encryption")
    said = {name: evidence.get(name, "–") for name in names}
    yield _("Encrypted to the certificate with the serial number %(certificate_serial)s.") % said
    yield _("SHA-256 of that certificate: %(certificate_sha256)s.") % said
    yield _("Encrypted with %(key_algorithm)s and %(content_encryption)s.") % said
    if known.agency is None or not known.agency.known_then:
        yield _("Under which number the certificate was published then is not kept.")
    else:
        yield _("The agency's certificate was looked up under the organisation number %(number)s.") % {
            "number": known.agency.participant
        }
