"""A time stamp as of RFC 3161: somebody else's signature on our digest and their clock's time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.verify import SHA256_OID

from audit.seal.adapters import Unusable
from audit.seal.checkpoints import Statement
from audit.seal.evidence import Evidence, NoEvidence, WitnessFailed
from audit.transport import AddressRefused, Limits, NoAnswer, TooLarge, exchange

LIMITS = Limits(connect_seconds=5.0, read_seconds=10.0, largest=64 * 1024)
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
CLOCKS = timedelta(minutes=5)
"""How far the authority's clock and ours may lie apart when a stamp is taken."""
LARGEST_BUNDLE = 1024 * 1024

Roots = Sequence[x509.Certificate]


@dataclass(frozen=True, slots=True)
class TimestampAuthority:
    """An authority at an address, believed when a certificate below these roots signs, made for time stamps alone."""

    address: str
    roots: Roots
    limits: Limits = LIMITS
    ending = "tsr"

    def ask(self, statement: Statement, *, now: datetime) -> bytes:
        """Return the answer as it came, with a stamp on the statement's digest. Raise WitnessFailed."""
        request = TimestampRequestBuilder(statement.message, HashAlgorithm.SHA256, nonce=True, cert_req=True).build()
        content = self._asked(request.as_bytes())
        try:
            evidence = read_time_stamp(content, self.roots, nonce=request.nonce)
        except NoEvidence as error:
            raise WitnessFailed(str(error)) from None
        if evidence.digest != statement.digest:
            raise WitnessFailed("another digest")
        if abs(evidence.at - now) > CLOCKS:
            raise WitnessFailed("another time")
        return content

    def read(self, content: bytes) -> Evidence:
        """Return what an answer that was kept proves. Raise NoEvidence."""
        return read_time_stamp(content, self.roots)

    def _asked(self, query: bytes) -> bytes:
        headers = [("Content-Type", QUERY), ("Accept", REPLY)]
        try:
            answer = exchange("POST", self.address, headers, query, self.limits)
        except AddressRefused:
            raise WitnessFailed("address") from None
        except NoAnswer:
            raise WitnessFailed("no answer") from None
        except TooLarge:
            raise WitnessFailed("size") from None
        if answer.status != 200:
            raise WitnessFailed("status")
        if answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() != REPLY:
            raise WitnessFailed("media type")
        return answer.body


def read_time_stamp(content: bytes, roots: Roots, *, nonce: int | None = None) -> Evidence:
    """Return the digest that is stamped, and when. Raise NoEvidence unless all of it holds.

    The certificates must have been in force when it was stamped; that they have ended since takes nothing away.
    """
    try:
        response = decode_timestamp_response(content)
        return _verified(response, roots, nonce)
    except NoEvidence:
        raise
    except Exception:  # whatever the library raises at what it is given, it proves nothing
        raise NoEvidence("no valid time stamp") from None


def read_roots(path: str) -> Roots:
    """Return the certificates of a PEM bundle. Raise Unusable."""
    try:
        with Path(path).open("rb") as file:
            return x509.load_pem_x509_certificates(file.read(LARGEST_BUNDLE))
    except OSError as error:
        raise Unusable(f"names a file that cannot be read ({error.strerror})") from None
    except ValueError:
        raise Unusable("names a file without certificates in PEM") from None


def _verified(response: TimeStampResponse, roots: Roots, nonce: int | None) -> Evidence:
    stamped = response.tst_info
    if stamped.message_imprint.hash_algorithm.dotted_string != SHA256_OID:
        raise NoEvidence("another kind of digest")
    digest = stamped.message_imprint.message
    VerifierBuilder(roots=[*roots], nonce=nonce).build().verify(response, digest)
    return Evidence(digest, stamped.gen_time, proven=True)
