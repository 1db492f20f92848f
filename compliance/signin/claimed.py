"""What the claims say of the person: who it is at the bank, that two factors were used, and which groups it is in."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from compliance.reasons import PERSONS_NUMBER
from compliance.signin.id_tokens import Refused

EMPLOYEE_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
LONGEST_NAME = 140


@dataclass(frozen=True, slots=True)
class Claimed:
    """Somebody whom the provider vouches for. `username` is made of issuer and subject and tells neither."""

    issuer: str
    subject: str
    employee_id: str
    name: str
    groups: tuple[str, ...]

    @property
    def username(self) -> str:
        return username_of(self.issuer, self.subject)


def username_of(issuer: str, subject: str) -> str:
    digest = hashlib.sha256(json.dumps([issuer, subject]).encode()).hexdigest()
    return f"oidc-{digest[:32]}"


def claimed_in(claims: Mapping[str, Any]) -> Claimed:
    """Return what proven claims say. Raise Refused. An e-mail address is not read at all."""
    check_second_factor(claims)
    issuer, subject = claims["iss"], claims["sub"]
    employee_id = employee_id_in(claims) if settings.OIDC_EMPLOYEE_CLAIM else username_of(issuer, subject)
    return Claimed(issuer, subject, employee_id, _name_in(claims) or employee_id, groups_in(claims))


def check_second_factor(claims: Mapping[str, Any]) -> None:
    """Refuse a sign-in whose claims do not name a factor that the bank accepts, where it has said which."""
    for name, accepted in settings.OIDC_SECOND_FACTOR.items():
        told = claims.get(name)
        used = told if isinstance(told, list) else [told]
        if not any(isinstance(factor, str) and factor in accepted for factor in used):
            raise Refused("second_factor")


def employee_id_in(claims: Mapping[str, Any]) -> str:
    """Return the staff number in lower case. Refuse what is none, and what could be a person's number."""
    told = claims.get(settings.OIDC_EMPLOYEE_CLAIM)
    number = told.lower() if isinstance(told, str) and told.isascii() else ""
    if not EMPLOYEE_ID.fullmatch(number) or PERSONS_NUMBER.search(number):
        raise Refused("employee")
    return number


def groups_in(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return our names of the groups that the claim lists, each once; what the setting does not name gives nothing."""
    told = claims.get(settings.OIDC_GROUPS_CLAIM, [])
    listed = [told] if isinstance(told, str) else told
    if not isinstance(listed, list) or not all(isinstance(value, str) for value in listed):
        raise Refused("groups")
    return tuple(sorted({settings.OIDC_GROUPS[value] for value in listed if value in settings.OIDC_GROUPS}))


def _name_in(claims: Mapping[str, Any]) -> str:
    """Return the name to be shown, if there is one that can be."""
    told = claims.get("name")
    name = " ".join(told.split()) if isinstance(told, str) else ""
    return name if name.isprintable() and len(name) <= LONGEST_NAME and not PERSONS_NUMBER.search(name) else ""
