"""The questions: a random party each, ids of its own, and fifty tokens that take turns."""

import random
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import cycle
from typing import Any
from urllib.parse import quote

from django.conf import settings

from accounts.movements import Position
from accounts.references import Referred, context, cursor_to, reference_to
from legal.periods import day_in_oslo, months_before
from sandbox.maskinporten import keys, tokens
from sandbox.maskinporten.clients import client_id_of

CONSUMER, SCOPE = "974761076", "bits:kontoinformasjon"
TOKENS = 50
SALDO, SALDO_TEXT = "fi-utlegg-saldo", "FI-Utlegg-Test"
KONTROLL = "skatt-kontroll"
KONTROLL_TEXT = "Skatteforvaltningsloven § 10-2 første ledd, jf. § 10-14, jf. skatteforvaltningsforskriften § 10-2-1"
MONTHS = 24
KINDS = ("accounts", "details", "transactions")
JSON, JOSE = "application/json", "application/jose"


@dataclass(frozen=True, slots=True)
class Question:
    """One request as it goes over the wire, with the ids that its record has."""

    path: str
    query: str
    headers: Mapping[str, str]

    def environ(self) -> dict[str, Any]:
        """Return the same as a server hands it to a WSGI application."""
        names = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
        return {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path,
            "RAW_URI": f"{self.path}?{self.query}",
            "QUERY_STRING": self.query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "wsgi.errors": None,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **names,
        }

    def scope(self) -> dict[str, Any]:
        """Return the same as a server hands it to an ASGI application."""
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": self.path,
            "raw_path": self.path.encode(),
            "root_path": "",
            "query_string": self.query.encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }

    def wire(self) -> bytes:
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        query = f"?{self.query}" if self.query else ""
        return f"GET {self.path}{query} HTTP/1.1\r\n{head}\r\n".encode("latin-1")


@dataclass
class Asker:
    """Makes questions about the parties of one run."""

    people: Mapping[str, Any]
    seed: int = 1
    media_type: str = JSON

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.audience = next(iter(settings.AUDIENCES))
        self.today = day_in_oslo(datetime.now(UTC))
        self.positions = [Position(datetime.fromisoformat(at), row) for at, row in self.people["positions"]]

    def questions(self, kind: str, count: int) -> list[Question]:
        """Return questions of one kind, with tokens of this moment."""
        rotation = cycle([token(self.audience) for _ in range(TOKENS)])
        ask = getattr(self, kind)
        return [ask(next(rotation)) for _ in range(count)]

    def accounts(self, bearer: str) -> Question:
        number = self.dice.choice(self.people["parties"])
        return self.of_party(bearer, number)

    def details(self, bearer: str) -> Question:
        return self.of_account(bearer, *self.dice.choice(self.people["holdings"]))

    def transactions(self, bearer: str, *, first: bool = False) -> Question:
        return self.of_page(bearer, *self.people["paged"], None if first else self.dice.choice(self.positions))

    def of_customer(self, bearer: str, number: str) -> Question:
        headers = self.headers(bearer, uuid.uuid4(), SALDO_TEXT)
        return Question("/v2/customers/customerRelationships", "", {**headers, "CustomerID": number})

    def of_party(self, bearer: str, number: str, *, mandate: str = SALDO_TEXT) -> Question:
        headers = self.headers(bearer, uuid.uuid4(), mandate)
        return Question("/v2/accounts", "OnlyPrimaryOwner=true", {**headers, "PartyID": number})

    def of_account(self, bearer: str, account: int, number: str) -> Question:
        case = uuid.uuid4()
        reference = reference_to(Referred(account, number), self.bound(SALDO, case))
        return Question(f"/v2/accounts/{reference}", f"fromDate={self.today}", self.headers(bearer, case, SALDO_TEXT))

    def of_page(
        self, bearer: str, account: int, number: str, after: Position | None = None, *, months: int = MONTHS
    ) -> Question:
        """Return the question for the page after a transaction; for the first page when there is none."""
        control = self.control(bearer, number, months=months)
        return control.page(account, after)

    def control(self, bearer: str, number: str, *, months: int = MONTHS) -> "Control":
        begin = months_before(self.today, months)
        return Control(self, bearer, number, uuid.uuid4(), f"{begin}", f"{self.today}")

    def bound(self, service: str, case: uuid.UUID) -> list[bytes]:
        return context(consumer=CONSUMER, service=service, audience=self.audience, account_info_request_id=case)

    def headers(self, bearer: str, case: uuid.UUID, mandate: str) -> dict[str, str]:
        return {
            "Host": "127.0.0.1",
            "Authorization": f"Bearer {bearer}",
            "Accept": self.media_type,
            "AccountInfoRequestID": str(case),
            "CorrelationID": str(uuid.uuid4()),
            "Legal-Mandate": quote(mandate, safe=""),
        }


@dataclass(frozen=True, slots=True)
class Control:
    """A control case about one person: all its questions have the same id, and its references hold for them."""

    asker: Asker
    bearer: str
    number: str
    case: uuid.UUID
    begin: str
    end: str

    def accounts(self) -> Question:
        return Question("/v2/accounts", f"OnlyPrimaryOwner=true&{self.query}", {**self.headers, "PartyID": self.number})

    def details(self, account: int) -> Question:
        return Question(f"/v2/accounts/{self.reference(account)}", self.query, self.headers)

    def page(self, account: int, after: Position | None = None) -> Question:
        reference = self.reference(account)
        page = [b"cursor", *self.bound, reference.encode(), f"{self.begin}/{self.end}".encode()]
        cursor = f"&cursor={cursor_to(after, page)}" if after else ""
        return Question(f"/v2/accounts/{reference}/transactions", f"{self.query}{cursor}", self.headers)

    @property
    def query(self) -> str:
        return f"fromDate={self.begin}&toDate={self.end}"

    @property
    def headers(self) -> dict[str, str]:
        headers = self.asker.headers(self.bearer, self.case, KONTROLL_TEXT)
        return {**headers, "RequesterID": "saksbehandler-1"}

    @property
    def bound(self) -> list[bytes]:
        return self.asker.bound(KONTROLL, self.case)

    def reference(self, account: int) -> str:
        return reference_to(Referred(account, self.number), self.bound)


def token(audience: str, scope: str = SCOPE) -> str:
    """Return a new access token of the stand-in's."""
    claims = tokens.access_claims(
        issuer=settings.MASKINPORTEN_ISSUER,
        audience=audience,
        consumer=CONSUMER,
        scope=scope,
        client_id=client_id_of(CONSUMER),
        now=int(time.time()),
    )
    return tokens.access_token(claims, keys.signing_keys(keys.folder())[0])
