"""Who may ask the stand-in for tokens: each agency's client, and a vendor that acts for them."""

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


@dataclass(frozen=True, slots=True)
class Client:
    """An integration registered with the stand-in.

    One with `acts_for` has its scopes only by those organisations' delegation, never for itself.
    """

    client_id: str
    organisation: str
    acts_for: frozenset[str] = frozenset()


def client_id_of(organisation: str) -> str:
    """Return the organisation's client id, the same on every laptop."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:dsop:sandbox:client:{organisation}"))


CLIENTS = {
    client.client_id: client
    for client in (
        *(Client(client_id_of(organisation), organisation) for organisation in AGENCIES),
        Client(client_id_of(VENDOR), VENDOR, acts_for=frozenset(AGENCIES)),
    )
}


def private_key(folder: Path, organisation: str) -> Key:
    """Return the client's own key, made when first wanted: what only the consumer's side may ask for."""
    return keys.key(_path(folder, organisation))


def registered_key(folder: Path, client: Client) -> Key | None:
    """Return the key that the client has registered, or None."""
    return keys.existing_key(_path(folder, client.organisation))


def _path(folder: Path, organisation: str) -> Path:
    return folder / "clients" / f"{organisation}.pem"
