"""Who may ask the stand-in for tokens: each agency's client, the bank's own, and a vendor for either side."""

import uuid
from dataclasses import dataclass
from pathlib import Path

from legal.endpoints import Scope
from sandbox.maskinporten import keys
from sandbox.maskinporten.keys import Key

AGENCIES = {
    "974761076": "Skatteetaten",
    "889640782": "NAV",
    "915429785": "Politi- og lensmannsetaten",
    "974760673": "Brønnøysundregistrene",
    "991825827": "Digitaliseringsdirektoratet",
    "974720760": "Digitaliseringsdirektoratet (Digitalt dødsbo)",
    "986186999": "Statens sivilrettsforvaltning",
}
VENDOR = "312345625"
SCOPES = frozenset(Scope)
BANK_NUMBER, BANK_VENDOR = "213456008", "312345633"
BANK_SCOPES = frozenset(
    {
        "altinn:authentication/systemregister.write",
        "altinn:authentication/systemuser.request.read",
        "altinn:authentication/systemuser.request.write",
        "altinn:consentrequests.read",
        "altinn:consentrequests.write",
        "altinn:consenttokens",
        "digdir:dialogporten",
        "lanekassen:lan/v1/saldoopplysninger",
        "skatteetaten:aktivkonto",
        "skatteetaten:innrapporteringboligsparingungdom",
        "skatteetaten:tjenestepensjonsavtale",
    }
)
"""What the bank's errands need, each granted by its owner on application."""


@dataclass(frozen=True, slots=True)
class Client:
    """An integration registered with the stand-in.

    One with `acts_for` has its scopes by those organisations' delegation; for itself only with a system user.
    `system_users` are the organisations that have approved one for this client's system.
    """

    client_id: str
    organisation: str
    scopes: frozenset[str] = SCOPES
    acts_for: frozenset[str] = frozenset()
    system_users: frozenset[str] = frozenset()
    asks_for_consent: bool = False
    has_certificate: bool = False

    @property
    def may_give_details(self) -> bool:
        return bool(self.system_users) or self.asks_for_consent


def client_id_of(organisation: str) -> str:
    """Return the organisation's client id, the same on every laptop."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:dsop:sandbox:client:{organisation}"))


BANK = Client(
    client_id_of(BANK_NUMBER),
    BANK_NUMBER,
    BANK_SCOPES,
    system_users=frozenset({BANK_NUMBER}),
    asks_for_consent=True,
    has_certificate=True,
)
CLIENTS = {
    client.client_id: client
    for client in (
        *(Client(client_id_of(organisation), organisation) for organisation in AGENCIES),
        Client(client_id_of(VENDOR), VENDOR, acts_for=frozenset(AGENCIES)),
        BANK,
        Client(
            client_id_of(BANK_VENDOR),
            BANK_VENDOR,
            BANK_SCOPES,
            acts_for=frozenset({BANK_NUMBER}),
            system_users=frozenset({BANK_NUMBER}),
        ),
    )
}


def private_key(folder: Path, organisation: str) -> Key:
    """Return the client's own key, made when first wanted: what only the consumer's side may ask for."""
    return keys.key(_path(folder, organisation))


def registered_key(folder: Path, client: Client) -> Key | None:
    """Return the key that the client has registered, or None."""
    return keys.existing_key(_path(folder, client.organisation))


def key_file(folder: Path, organisation: str) -> Path:
    """Return where the client keeps its own key."""
    return _path(folder, organisation)


def _path(folder: Path, organisation: str) -> Path:
    return folder / "clients" / f"{organisation}.pem"
