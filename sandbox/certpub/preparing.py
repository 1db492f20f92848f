"""Authority, agencies and their certificates, made before anybody asks, or when somebody does and they are missing."""

from datetime import UTC, datetime

from sandbox.certpub.agencies import AGENCIES, are_complete, keep_certificates
from sandbox.certpub.authority import Authority, is_complete, kept_authority
from sandbox.certpub.site import Site, here
from sandbox.locks import Lock
from sandbox.maskinporten.keys import private_folder


def prepare(site: Site | None = None, now: datetime | None = None) -> Authority:
    """See to it that everything is there, fits this server's address and lasts; put right what was broken for show."""
    site, now = site or here(), now or datetime.now(UTC)
    # One at a time: an intermediate must not be replaced between an agency's certificate and its check.
    with Lock(private_folder(site.authority) / "prepare.lock").wait():
        authority = kept_authority(site, now)
        for agency in AGENCIES.values():
            keep_certificates(agency, site, authority, now)
    return authority


def ready(site: Site) -> Site:
    """Return the site when everything is there; nothing that is there is changed under a running server."""
    if not (is_complete(site) and are_complete(site)):
        prepare(site)
    return site
