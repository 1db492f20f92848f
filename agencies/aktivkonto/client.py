"""The account that a party has chosen for payouts by public bodies, asked of Skatteetaten.

An answer is for the case at hand: nothing of it is kept here.
"""

import json
import re
import uuid
from dataclasses import dataclass
from typing import Self

from django.conf import settings

from agencies.aktivkonto.answers import SHAPES, ActiveAccount, Unreadable, no_account, read_answer
from agencies.aktivkonto.faults import CODES, NoAccountChosen
from agencies.errors import BadInput, NotConfigured, NotTheApplication
from agencies.identifiers import check_organisation_number, check_person_number, is_production
from agencies.session import Api, Session
from audit.outbound import record_sent
from legal.numbers import has_organisation_form

NAME = "aktivkonto"
SCOPE = "skatteetaten:aktivkonto"
SKATTEETATEN = "974761076"
SEED_PATH = "/api/aktivkonto/ekstern/v3/tin"
JSON_BOTH_WAYS = (("Content-Type", "application/json"), ("Accept", "application/json"))
PACKAGE = re.compile(r"[A-Za-z0-9_-]{1,100}")
PLACES = ("{rettighetspakke}", "{personidentifikator}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Where the service answers, and in which of its two forms. The settings of the same names say it."""

    base_url: str
    profile: str
    rights_package: str = ""
    path: str = "".join(f"/{place}" for place in PLACES)
    enterprises: bool = False

    @classmethod
    def from_settings(cls) -> Self:
        """Return what the settings say. Raise NotConfigured, naming the first that is missing or does not fit."""
        service = cls(
            base_url=settings.AKTIVKONTO_BASE_URL.rstrip("/"),
            profile=settings.AKTIVKONTO_PROFILE,
            rights_package=settings.AKTIVKONTO_RIGHTS_PACKAGE,
            path=settings.AKTIVKONTO_PATH,
            enterprises=settings.AKTIVKONTO_ENTERPRISES,
        )
        for setting in service.faults():
            raise NotConfigured(setting, api=NAME)
        return service

    def faults(self) -> list[str]:
        """Return the names of the settings that are missing or do not fit the others."""
        is_current = self.profile == "current"
        fits = {
            "AKTIVKONTO_BASE_URL": bool(self.base_url) and self.base_url.endswith("/v3") == is_current,
            "AKTIVKONTO_PROFILE": self.profile in SHAPES and (is_current or not is_production(self.base_url)),
            "AKTIVKONTO_RIGHTS_PACKAGE": not is_current or PACKAGE.fullmatch(self.rights_package) is not None,
            "AKTIVKONTO_PATH": has_places(self.path),
        }
        return [name for name, does_fit in fits.items() if not does_fit]


class AktivKonto:
    """Look-ups of active accounts, as this bank or for the organisation that has delegated to it."""

    def __init__(self, service: Service, *, consumer_org: str = "") -> None:
        self.service = service
        api = Api(name=NAME, scopes=(SCOPE,), profile=service.profile, codes=CODES)
        self.session = Session(api, consumer_org=consumer_org)

    def look_up(self, identifier: str) -> ActiveAccount:
        """Return the account that a person, or where that is set an enterprise, has chosen; it may be none.

        The question is recorded as a disclosure before each attempt. Raise an AgencyError.
        """
        self._check(identifier)
        method, url, body = self._request(identifier)

        def record(correlation_id: uuid.UUID) -> None:
            _record(identifier, body, correlation_id)

        try:
            answer = self.session.call(
                method, url, headers=JSON_BOTH_WAYS, body=body, repeatable=True, before_attempt=record
            )
        except NoAccountChosen as none:
            if none.status != 404:
                raise
            return no_account(identifier)
        try:
            return read_answer(
                answer.body,
                asked_for=identifier,
                profile=self.service.profile,
                correlation_id=answer.correlation_id,
            )
        except Unreadable:
            raise NotTheApplication(api=NAME, status=answer.status, correlation_id=answer.correlation_id) from None

    def _check(self, identifier: str) -> None:
        if not has_organisation_form(identifier):
            check_person_number(identifier, base_url=self.service.base_url)
        elif self.service.enterprises:
            check_organisation_number(identifier)
        else:
            raise BadInput("identifier", api=NAME)

    def _request(self, identifier: str) -> tuple[str, str, bytes | None]:
        base = self.service.base_url
        if self.service.profile == "seed":
            return "POST", base + SEED_PATH, json.dumps({"tin": identifier}).encode()
        path = self.service.path.replace(PLACES[0], self.service.rights_package).replace(PLACES[1], identifier)
        return "GET", base + path, None


def has_places(path: str) -> bool:
    """Return whether the path of the current profile can be filled in."""
    return path.startswith("/") and PLACES[1] in path


def _record(identifier: str, body: bytes | None, correlation_id: uuid.UUID) -> None:
    record_sent(
        recipient=SKATTEETATEN,
        service=f"agencies:{NAME}",
        operation=f"{NAME}.tin",
        parties=[identifier],
        body=body,
        correlation_id=correlation_id,
    )
