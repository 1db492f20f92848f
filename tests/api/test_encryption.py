"""Only the agency can read the answer: JWE over HTTP, opened by a second library (JWE, NEG and CAC rules)."""

import base64
import json
import uuid

import pytest
from jwcrypto import jwe, jwk

from tests import cluster
from tests.consumer import identifier

DEBTOR = "debtor-five-accounts"
AGENCY = "974761076"
PAIRS = [
    (key_algorithm, content_encryption)
    for key_algorithm in ("RSA-OAEP-256", "RSA-OAEP")
    for content_encryption in ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
]
NAMES_OF = {algorithm for pair in PAIRS for algorithm in pair}


def opened(data):
    """Return header and document of a JWE, by jwcrypto and the agency's private key."""
    key = jwk.JWK.from_pem((cluster.FOLDER / "agencies" / f"{AGENCY}.pem").read_bytes())
    token = jwe.JWE(algs=sorted(NAMES_OF))
    token.deserialize(data.decode("ascii"), key)
    return json.loads(token.objects["protected"]), token.payload


@pytest.fixture
def agency(superuser):
    """Return a function that changes the agency's row; put right again afterwards."""
    with superuser() as connection:

        def change(**columns):
            for name, value in columns.items():
                connection.execute(
                    f"UPDATE legal_dataconsumer SET {name} = %s WHERE organisation_number = %s", [value, AGENCY]
                )

        yield change
        change(key_algorithm="RSA-OAEP-256", content_encryption="A128CBC-HS256", certificate_participant="")


def test_default_answer_is_encrypted_to_the_agency(skatteetaten, records):
    number, case_id = identifier(DEBTOR), str(uuid.uuid4())
    plain = skatteetaten.accounts(number, AccountInfoRequestID=case_id)
    answer = skatteetaten.accounts(number, AccountInfoRequestID=case_id, Accept=None)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/jose")
    assert answer.headers["Cache-Control"] == "no-store"
    segments = answer.data.split(b".")
    assert len(segments) == 5
    assert not set(answer.data) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."), "JWE-01"
    header, document = opened(answer.data)
    assert header.keys() == {"alg", "enc", "cty", "x5t#S256"}, "JWE-05"
    assert (header["alg"], header["enc"], header["cty"]) == ("RSA-OAEP-256", "A128CBC-HS256", "application/json")
    assert document == plain.data, "JWE-02"
    first, second = records()
    assert bytes(first["document_digest"]) == bytes(second["document_digest"]), "the digest is the plaintext's"
    assert first["evidence"] is None
    evidence = second["evidence"]
    assert evidence.keys() == {"key_algorithm", "content_encryption", "certificate_serial", "certificate_sha256"}
    assert base64.urlsafe_b64decode(header["x5t#S256"] + "=").hex() == evidence["certificate_sha256"]


def test_jwe_06_two_answers_differ_in_all_but_the_header(skatteetaten):
    number, case_id = identifier(DEBTOR), str(uuid.uuid4())
    one, other = (
        skatteetaten.accounts(number, AccountInfoRequestID=case_id, Accept="application/jose").data.split(b".")
        for _ in range(2)
    )
    assert one[0] == other[0]
    assert all(first != second for first, second in zip(one[1:], other[1:], strict=True))
