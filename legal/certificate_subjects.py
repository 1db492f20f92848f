"""To whom a certificate must belong: an organisation by its number (CRT-07), or a named office (EO-02)."""

import re
from dataclasses import dataclass
from typing import Protocol

from cryptography import x509
from cryptography.x509.oid import NameOID

from legal.certificate_reasons import CertificateRefused, Reason

IDENTIFIER = re.compile(r"NTRNO-([0-9]{9})")  # ETSI EN 319 412-1: the national trade register of Norway
NUMBER = re.compile(r"[0-9]{9}")
NUMBER_IN_TEXT = re.compile(r"(?<![0-9])[0-9]{9}(?![0-9])")


class SubjectRule(Protocol):
    """Who must be named as subject."""

    def check(self, subject: x509.Name) -> str | None:
        """Return the organisation number that the subject states, if it has one. Refuse another's certificate."""


@dataclass(frozen=True, slots=True)
class OrganisationSubject:
    """The organisation with this number.

    Older Commfides certificates state it in the common name, which is looked at only on demand. A subject without
    any number is refused unless the environment permits it; one with another number always is.
    """

    number: str
    in_common_name: bool = False
    may_be_missing: bool = False

    def check(self, subject: x509.Name) -> str | None:
        """Return the number found, or None where none was and that is permitted. Refuse any other subject."""
        stated = self._stated(subject)
        if stated not in ((self.number, None) if self.may_be_missing else (self.number,)):
            raise CertificateRefused(Reason.SUBJECT)
        return stated

    def _stated(self, subject: x509.Name) -> str | None:
        """Return the number by the first of the three ways that the subject takes."""
        identifier = _only(subject, NameOID.ORGANIZATION_IDENTIFIER)
        if identifier is not None:
            found = IDENTIFIER.fullmatch(identifier)
            if not found:  # a register of another country or kind: somebody else
                raise CertificateRefused(Reason.SUBJECT)
            return found[1]
        serial = _only(subject, NameOID.SERIAL_NUMBER)
        if serial is not None and NUMBER.fullmatch(serial):
            return serial
        return self._in_common_name(subject) if self.in_common_name else None

    def _in_common_name(self, subject: x509.Name) -> str | None:
        numbers: list[str] = NUMBER_IN_TEXT.findall(_only(subject, NameOID.COMMON_NAME) or "")
        if len(set(numbers)) > 1:
            raise CertificateRefused(Reason.SUBJECT)
        return numbers[0] if numbers else None


@dataclass(frozen=True, slots=True)
class NamedSubject:
    """The office with exactly this unit and common name."""

    organisational_unit: str
    common_name: str

    def check(self, subject: x509.Name) -> None:
        """Refuse any other subject. There is no number to return."""
        unit = _only(subject, NameOID.ORGANIZATIONAL_UNIT_NAME)
        if (unit, _only(subject, NameOID.COMMON_NAME)) != (self.organisational_unit, self.common_name):
            raise CertificateRefused(Reason.SUBJECT)


def _only(subject: x509.Name, attribute: x509.ObjectIdentifier) -> str | None:
    """Return the attribute's one value as text, or None. Refuse two: nobody could say which of them counts."""
    values = [found.value for found in subject.get_attributes_for_oid(attribute)]
    if len(values) > 1 or not all(isinstance(value, str) for value in values):
        raise CertificateRefused(Reason.SUBJECT)
    return str(values[0]) if values else None
