"""What must hold of the places outside: they can be used, and in production whoever seals has both."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from audit.fetching import LOOPBACK, FetchFailed, check_address
from audit.seal.copies import CopyFailed, open_copy
from audit.seal.witnesses import MAIL, TIMESTAMPS, Unusable, open_witness

SEALER = "sealer"


@register
def check_copy(**kwargs: Any) -> list[CheckMessage]:
    """Whoever could change the database must not be able to change what lies outside it."""
    return [
        Error(f"AUDIT_COPY {fault}.", hint="docs/production.md says where the copy should lie.", id="dsop.E049")
        for fault in _faults_of_copy()
    ]


@register
def check_witness(**kwargs: Any) -> list[CheckMessage]:
    """Whoever runs all of it here must not be able to make up another history."""
    return [
        Error(f"AUDIT_WITNESS {fault}.", hint="rfc3161:https://… or mail:address; see the README.", id="dsop.E050")
        for fault in _faults_of_witness()
    ]


def _seals() -> bool:
    return str(settings.DATABASE_ROLE) == SEALER


def _is_wanted() -> bool:
    return settings.ENVIRONMENT == "production" and _seals()


def _faults_of_copy() -> Iterator[str]:
    """Only the sealer needs the place itself; elsewhere a setting that is there must have a form."""
    if not settings.AUDIT_COPY and _is_wanted():
        yield "is missing"
    try:
        copy = open_copy(settings.AUDIT_COPY)
        if copy and _seals():
            next(iter(copy.kept("nothing-is-named-so")), None)
    except Unusable as error:
        yield str(error)
    except CopyFailed as error:
        yield f"cannot be used ({error})"
    except Exception as error:  # an adapter's own
        yield f"cannot be used ({type(error).__name__})"


def _faults_of_witness() -> Iterator[str]:
    setting = settings.AUDIT_WITNESS
    if not setting:
        if _is_wanted():
            yield "is missing"
    elif setting.startswith(TIMESTAMPS):
        try:
            check_address(setting.removeprefix(TIMESTAMPS), loopback_http=settings.SANDBOX)
        except FetchFailed:
            yield "must name an https address"
        yield from _faults_of_opening()
    elif setting.startswith(MAIL):
        yield from _faults_of_mail(setting.removeprefix(MAIL))
    else:
        yield from _faults_of_opening()


def _faults_of_opening() -> Iterator[str]:
    try:
        open_witness(settings.AUDIT_WITNESS, settings.AUDIT_WITNESS_ROOTS_FILE if _seals() else "")
    except Unusable as error:
        if _seals() or not settings.AUDIT_WITNESS.startswith(TIMESTAMPS):  # the roots' file is the sealer's
            yield str(error)


def _faults_of_mail(recipient: str) -> Iterator[str]:
    for address, what in (
        (recipient, "must name an e-mail address"),
        (settings.DEFAULT_FROM_EMAIL, "needs EMAIL_FROM"),
    ):
        try:
            validate_email(address)
        except ValidationError:
            yield what
    if not settings.EMAIL_HOST:
        yield "needs EMAIL_URL"
    elif not (settings.SANDBOX or settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL or settings.EMAIL_HOST in LOOPBACK):
        yield "needs an EMAIL_URL with smtp+tls or smtp+ssl"
