"""Which answers were wrong: under which version, of which service, to which certificate, to whom, and when."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import AuditRecord
from compliance.fields import DayField
from compliance.finding.criteria import Criteria
from compliance.finding.fields import WordField
from compliance.reasons import without_number

SERIAL = re.compile(r"[0-9a-fA-F]{1,40}")
SHA256 = re.compile(r"[0-9a-fA-F]{64}")
THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}=?")
LARGEST_VERSION = 2**31 - 1
SHARED = ("service", "consumer", "endpoint", "first", "last")
"""The bounds that the desk's own search has too."""
OF_CERTIFICATE = ("certificate_serial", "certificate_sha256")


@dataclass(frozen=True, slots=True)
class Bounds:
    """At least one bound. None of them is a person's number."""

    criteria: Criteria
    service_version: int | None = None
    certificate_serial: str = ""
    certificate_sha256: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what is given, as it is kept."""
        own = {name: getattr(self, name) for name in ("service_version", *OF_CERTIFICATE)}
        return {**self.criteria.as_mapping(), **{name: found for name, found in own.items() if found}}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Bounds":
        """Return the bounds that were kept so."""
        own = {name: kept[name] for name in ("service_version", *OF_CERTIFICATE) if name in kept}
        return cls(Criteria.parse({name: kept[name] for name in SHARED if name in kept}), **own)

    @property
    def words(self) -> str:
        """Return the bounds as the access log keeps them."""
        return " ".join(f"{name}={found}" for name, found in self.as_json().items())

    @property
    def own(self) -> dict[str, Any]:
        """Return what a record must have besides the criteria: it was answered, under these rules, to this key."""
        found: dict[str, Any] = {"outcome": AuditRecord.Outcome.ANSWERED}
        if self.service_version:
            found["service_version"] = self.service_version
        return found | {f"evidence__{name}": value for name in OF_CERTIFICATE if (value := getattr(self, name))}


def certificate_bound(text: str) -> dict[str, str]:
    """Return the bound that a certificate's serial number (hexadecimal), SHA-256 or thumbprint is.

    Raise ValidationError.
    """
    bare = text.replace(":", "").replace(" ", "")
    if SHA256.fullmatch(bare):
        return {"certificate_sha256": bare.lower()}
    if THUMBPRINT.fullmatch(text):
        return {"certificate_sha256": _digest(text)}
    if SERIAL.fullmatch(bare) and bare.strip("0"):
        return {"certificate_serial": bare.lower().lstrip("0")}
    raise ValidationError(_("Neither a serial number in hexadecimal nor a SHA-256 nor a thumbprint of a certificate."))


def _digest(thumbprint: str) -> str:
    try:
        return base64.b64decode(thumbprint.rstrip("=") + "=", altchars=b"-_", validate=True).hex()
    except binascii.Error:
        raise ValidationError(_("This is no thumbprint.")) from None


class VersionField(forms.CharField):
    """A version's number, in the digits 0 to 9."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 6})

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        if not re.fullmatch("[1-9][0-9]{0,9}", text) or int(text) > LARGEST_VERSION:
            raise ValidationError(_("Enter the number of a version."))
        return int(text)


class BoundsForm(forms.Form):
    """The bounds as somebody types them."""

    service = WordField(r"[a-z][a-z0-9:\-]{0,63}", label=gettext_lazy("service"), required=False)
    service_version = VersionField(label=gettext_lazy("version of the rules"), required=False)
    certificate = forms.CharField(
        label=gettext_lazy("certificate"),
        required=False,
        max_length=95,
        widget=forms.TextInput(attrs={"size": 70}),
        help_text=gettext_lazy("Its serial number in hexadecimal, its SHA-256 or its thumbprint."),
    )
    consumer = WordField("[0-9]{9}", label=gettext_lazy("agency"), required=False)
    endpoint = WordField(r"[A-Za-z][A-Za-z0-9._\-]{0,63}", label=gettext_lazy("endpoint"), required=False)
    first = DayField(label=gettext_lazy("first day"), required=False)
    last = DayField(label=gettext_lazy("last day"), required=False)

    def clean_certificate(self) -> dict[str, str]:
        text = without_number(self.cleaned_data["certificate"])
        return certificate_bound(text) if text else {}

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if self.errors:
            return found
        if any(len(self.data.getlist(name)) > 1 for name in self.fields if hasattr(self.data, "getlist")):
            raise ValidationError(_("Something was given twice."))
        if found["service_version"] and not found["service"]:
            raise ValidationError({"service_version": _("A version is one of a service: say of which.")})
        if found["first"] and found["last"] and found["first"] > found["last"]:
            raise ValidationError({"last": _("The period ends before it begins.")})
        if not any(found[name] for name in ("service", "certificate", "first", "last")):
            raise ValidationError(_("Give at least a service, a certificate or a day."))
        return found

    @property
    def bounds(self) -> Bounds:
        """Return the bounds of a valid form."""
        given = self.cleaned_data
        shared = {name: str(given[name]) for name in SHARED if given[name]}
        return Bounds(Criteria.parse(shared), given["service_version"], **given["certificate"])
