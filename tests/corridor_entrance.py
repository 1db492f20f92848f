"""Asking step 1 of the corridor, set up for an issuer on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.test import override_settings
from rest_framework.test import APIRequestFactory

from legal.grants import Grant
from legal.maskinporten import MaskinportenAuthentication, key_store, reader_from_settings
from tests.issuer import AUDIENCE, KEY_SET, Issuer, running_issuer, says, wait_until


@contextmanager
def configured_issuer() -> Iterator[Issuer]:
    """Serve an issuer that the service trusts; its second key is for any algorithm of ours."""
    rules = {"AUDIENCES": {AUDIENCE: ["213456008"]}, "DELEGATION_SOURCE": "https://tt02.altinn.no"}
    with running_issuer() as issuer, override_settings(MASKINPORTEN_ISSUER=issuer.url, **rules):
        issuer.answers[KEY_SET] = says({"keys": [issuer.keys[0].published(), issuer.keys[1].published(alg=None)]})
        reader_from_settings.cache_clear()
        wait_until(lambda: key_store().ready)
        yield issuer
    reader_from_settings.cache_clear()


def authenticate(authorization: str, **headers: str) -> tuple[None, Grant]:
    request = APIRequestFactory().get("/v2/accounts", headers={"Authorization": authorization, **headers})
    return MaskinportenAuthentication().authenticate(request)


def bearer(token: str, **headers: str) -> tuple[None, Grant]:
    return authenticate(f"Bearer {token}", **headers)
