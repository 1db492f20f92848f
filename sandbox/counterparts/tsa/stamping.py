"""A request and its answer as RFC 3161 writes them (sections 2.4.1 and 2.4.2), and what can be ordered to be wrong."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import cms, core, tsp, x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ExtendedKeyUsage
from cryptography.x509.oid import ExtendedKeyUsageOID

from sandbox.counterparts.tsa.authority import PURPOSE, Authority

POLICY = "2.999.3161"  # below the arc for examples
LENGTHS = {"sha256": 32, "sha384": 48, "sha512": 64}
LARGEST_NONCE = 2**160


class Refused(Exception):
    """A request that is not stamped; the text is the name of PKIFailureInfo."""


class Rejection(core.Sequence):
    """An answer without a token."""

    _fields = [("status", tsp.PKIStatusInfo)]


@dataclass(frozen=True, slots=True)
class Stamped:
    """What goes into a token."""

    algorithm: str
    digest: bytes
    nonce: int | None
    with_certificate: bool
    at: datetime


STATUSES = ("granted_with_mods", "rejection", "waiting")
OTHERS: Mapping[str, Any] = {
    "other_digest": lambda stamped: replace(stamped, digest=bytes(LENGTHS[stamped.algorithm])),
    "other_algorithm": lambda stamped: replace(stamped, algorithm="sha512_256"),
    "other_nonce": lambda stamped: replace(stamped, nonce=(stamped.nonce or 0) + 1),
    "no_nonce": lambda stamped: replace(stamped, nonce=None),
    "no_certificate": lambda stamped: replace(stamped, with_certificate=False),
    "yesterday": lambda stamped: replace(stamped, at=stamped.at - timedelta(days=1)),
}
AUTHORITIES: Mapping[str, Any] = {
    "expired": lambda authority: authority.with_certificate(begins_in_days=-30, days=29),
    "foreign": lambda authority: authority.below_another_root(),
    "no_purpose": lambda authority: authority.with_certificate(further=()),
    "purpose_not_critical": lambda authority: authority.with_certificate(further=((PURPOSE, False),)),
    "other_purpose": lambda authority: authority.with_certificate(
        further=((ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), True),)
    ),
    "more_purposes": lambda authority: authority.with_certificate(
        further=((ExtendedKeyUsage([*PURPOSE, ExtendedKeyUsageOID.CODE_SIGNING]), True),)
    ),
}
FAULTS = (*STATUSES, *OTHERS, *AUTHORITIES, "other_signature", "token_only", "cut")
"""What a fault's `code` may name."""


def answer(request: bytes, authority: Authority, now: datetime, fault: str = "") -> bytes:
    """Return the answer to a request, with one fault in it when one is named."""
    try:
        stamped = _read(request, now)
    except Refused as refusal:
        return _rejected(str(refusal))
    if fault in ("rejection", "waiting"):
        return _rejected("system_failure", status=fault)
    authority = AUTHORITIES[fault](authority) if fault in AUTHORITIES else authority
    stamped = OTHERS[fault](stamped) if fault in OTHERS else stamped
    token = _token(stamped, authority, broken=fault == "other_signature")
    if fault == "token_only":
        return token.dump()
    status = fault if fault in STATUSES else "granted"
    whole: bytes = tsp.TimeStampResp({"status": {"status": status}, "time_stamp_token": token}).dump()
    return whole[: len(whole) // 2] if fault == "cut" else whole


def _read(request: bytes, now: datetime) -> Stamped:
    try:
        asked = tsp.TimeStampReq.load(request, strict=True)
        native = asked.native
    except (ValueError, TypeError):
        raise Refused("bad_data_format") from None
    imprint = native["message_imprint"]
    algorithm, digest = imprint["hash_algorithm"]["algorithm"], imprint["hashed_message"]
    if native["version"] != "v1" or (native["nonce"] or 0) >= LARGEST_NONCE:
        raise Refused("bad_request")
    if LENGTHS.get(algorithm) is None:
        raise Refused("bad_alg")
    if len(digest) != LENGTHS[algorithm]:
        raise Refused("bad_data_format")
    if native["req_policy"] not in (None, POLICY):
        raise Refused("unaccepted_policy")
    if native["extensions"]:
        raise Refused("unaccepted_extensions")
    return Stamped(algorithm, digest, native["nonce"], native["cert_req"], now.replace(microsecond=0))


def _rejected(reason: str, status: str = "rejection") -> bytes:
    rejection = Rejection({"status": {"status": status, "fail_info": {reason}}})
    encoded: bytes = rejection.dump()
    return encoded


def _token(stamped: Stamped, authority: Authority, *, broken: bool) -> cms.ContentInfo:
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": {"hash_algorithm": {"algorithm": stamped.algorithm}, "hashed_message": stamped.digest},
            "serial_number": secrets.randbits(127),
            "gen_time": stamped.at,
            "accuracy": {"seconds": 1},
            "nonce": stamped.nonce,
        }
    )
    content = info.dump()
    certificate = x509.Certificate.load(authority.certificate.public_bytes(Encoding.DER))
    attributes = _attributes(content, certificate, stamped.at)
    signature = authority.key.sign(attributes.dump() + b"\0" * broken, PKCS1v15(), SHA256())
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
            "certificates": [certificate] if stamped.with_certificate else None,
            "signer_infos": [
                {
                    "version": "v1",
                    "sid": cms.SignerIdentifier({"issuer_and_serial_number": _named(certificate)}),
                    "digest_algorithm": {"algorithm": "sha256"},
                    "signed_attrs": attributes,
                    "signature_algorithm": {"algorithm": "sha256_rsa"},
                    "signature": signature,
                }
            ],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": signed})


def _named(certificate: x509.Certificate) -> dict[str, Any]:
    return {"issuer": certificate.issuer, "serial_number": certificate.serial_number}


def _attributes(content: bytes, certificate: x509.Certificate, at: datetime) -> cms.CMSAttributes:
    """Return what is signed: the kind of content, its digest, and which certificate it is (RFC 5816)."""
    named = {"certs": [{"cert_hash": certificate.sha256}]}
    return cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "signing_time", "values": [cms.Time({"utc_time": at})]},
            {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
            {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2(named)]},
        ]
    )
