"""The code flow with the bank's provider, by Authlib: the way there with state, nonce and PKCE, and the way back."""

import secrets
import time
from dataclasses import asdict, dataclass, fields
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings
from requests import PreparedRequest, RequestException, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from compliance.signin.id_tokens import Expected, Refused, proven_claims
from compliance.signin.provider import Provider, ProviderUnavailable, Published, ask

SECONDS = 600
"""How long somebody may take to sign in at the provider."""
SENT = ("Accept", "Authorization", "Content-Type")


@dataclass(frozen=True, slots=True)
class Begun:
    """What this browser's session keeps while its user is at the provider."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    next: str
    until: int

    @classmethod
    def kept_as(cls, held: object) -> "Begun | None":
        """Return what the session kept, if anything of this form."""
        names = {field.name for field in fields(cls)}
        return cls(**held) if isinstance(held, dict) and held.keys() == names else None

    def to_keep(self) -> dict[str, Any]:
        return asdict(self)


def begin(provider: Provider, *, redirect_uri: str, next: str, now: int) -> tuple[str, Begun]:  # noqa: A002
    """Return the address at the provider, and what must be known when the browser comes back."""
    published = provider.published()
    begun = Begun(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        redirect_uri=redirect_uri,
        next=next,
        until=now + SECONDS,
    )
    asked = {"nonce": begun.nonce, "acr_values": " ".join(settings.OIDC_SECOND_FACTOR.get("acr", [])) or None}
    with _session(published, redirect_uri) as session:
        address, _ = session.create_authorization_url(
            published.authorization_endpoint, state=begun.state, code_verifier=begun.verifier, **asked
        )
    return address, begun


def finish(provider: Provider, begun: Begun, code: str, *, issuer: str | None) -> dict[str, Any]:
    """Return what the provider proves of whoever comes back with this code. Raise Refused or ProviderUnavailable."""
    published = provider.published()
    if issuer != provider.issuer and (issuer is not None or published.names_itself):
        raise Refused("response_iss")  # an answer of another provider's (RFC 9207)
    tokens = _tokens(published, begun, code)
    access_token = tokens.get("access_token")
    expected = Expected(
        issuer=provider.issuer,
        client_id=settings.OIDC_CLIENT_ID,
        nonce=begun.nonce,
        code=code,
        access_token=access_token if isinstance(access_token, str) else "",
    )
    return proven_claims(tokens.get("id_token"), expected, key_of=provider.key, now=int(time.time()))


def _tokens(published: Published, begun: Begun, code: str) -> dict[str, Any]:
    """Return what the code is exchanged for. Raise Refused or ProviderUnavailable."""
    with _session(published, begun.redirect_uri) as session:
        try:
            answer: dict[str, Any] = session.fetch_token(
                published.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=begun.verifier,
                allow_redirects=False,
            )
        except AuthlibBaseError as refused:
            raise Refused("client" if refused.error == "invalid_client" else "code") from None
        except (RequestException, ValueError):
            raise ProviderUnavailable("token") from None
    return answer


def _session(published: Published, redirect_uri: str) -> OAuth2Session:
    session = OAuth2Session(
        settings.OIDC_CLIENT_ID,
        settings.OIDC_CLIENT_SECRET,
        scope=settings.OIDC_SCOPES,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method=published.client_authentication,
    )
    session.trust_env = False  # neither a proxy nor a password of the process's surroundings
    for scheme in ("https://", "http://"):
        session.mount(scheme, Bounded())
    return session


class Bounded(BaseAdapter):
    """Lets the library talk as this service always does: bounded in time and size, to https alone, never redirected."""

    def send(self, request: PreparedRequest, *arguments: Any, **named: Any) -> Response:
        headers = [(name, str(request.headers[name])) for name in SENT if name in request.headers]
        form = request.body.encode() if isinstance(request.body, str) else None
        received = ask(str(request.method), str(request.url), headers, form)
        response = Response()
        response.status_code, response.url, response.request = received.status, str(request.url), request
        response.headers = CaseInsensitiveDict(received.headers.items())
        response._content = received.body
        return response

    def close(self) -> None:
        """Nothing is kept open."""
