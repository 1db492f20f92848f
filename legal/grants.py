"""What a valid access token proves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """The facts of one verified Maskinporten token. Numbers are nine digits without `0192:`; empty means absent."""

    consumer: str
    supplier: str
    client_id: str
    client_amr: str
    jti: str
    issuer: str
    audience: str
    key_id: str
    scopes: frozenset[str]
    issued_at: int
    expires_at: int
    pid: str
    has_authorization_details: bool
