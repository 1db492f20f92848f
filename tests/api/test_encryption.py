"""Only the agency can read the answer: JWE over HTTP, opened by a second library (JWE, NEG and CAC rules)."""

import base64
import json
import time
import uuid

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from jwcrypto import jwe, jwk

from sandbox.maskinporten.tokens import DELEGATION_SOURCE
from tests import cluster
from tests.consumer import Consumer, body, identifier

DEBTOR = "debtor-five-accounts"
AGENCY, SUPPLIER = "974761076", "991825827"
DEFAULT = ("RSA-OAEP-256", "A128CBC-HS256")
ENDPOINTS = ("customerRelationships", "accounts", "details")
BASE64URL = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
PAIRS = [
    (key_algorithm, content_encryption)
    for key_algorithm in ("RSA-OAEP-256", "RSA-OAEP")
    for content_encryption in ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
]
NAMES_OF = {algorithm for pair in PAIRS for algorithm in pair}


def opened(data, number=AGENCY):
    """Return header and document of a JWE, by jwcrypto and an agency's private key."""
    key = jwk.JWK.from_pem((cluster.FOLDER / "agencies" / f"{number}.pem").read_bytes())
    token = jwe.JWE(algs=sorted(NAMES_OF))
    token.deserialize(data.decode("ascii"), key)
    return json.loads(token.objects["protected"]), token.payload


def header_of(data):
    """Return the protected header without opening anything."""
    segment = data.partition(b".")[0]
    return json.loads(base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4)))


def thumbprint(name, number=AGENCY):
    """Return the x5t#S256 of a certificate that the sandbox publishes for an agency."""
    (file,) = (cluster.FOLDER / "certpub").rglob(f"{number}/{name}.pem")
    digest = x509.load_pem_x509_certificate(file.read_bytes()).fingerprint(SHA256())
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def ask(consumer, endpoint, case_id, **changes):
    """Return an endpoint's answer about the debtor; of the details, those of the first account."""
    changes["AccountInfoRequestID"] = case_id
    if endpoint == "customerRelationships":
        return consumer.customer_relationships(identifier(DEBTOR), **changes)
    if endpoint == "accounts":
        return consumer.accounts(identifier(DEBTOR), **changes)
    listed = consumer.accounts(identifier(DEBTOR), AccountInfoRequestID=case_id)
    return consumer.details(body(listed)["accounts"][0]["accountReference"], case_id, **changes)


def until(consumer, key_algorithm, content_encryption, seconds=6):
    """Ask until every worker follows the agency's choice."""
    deadline, right = time.monotonic() + seconds, 0
    while right < 10:
        assert time.monotonic() < deadline, "the choice did not reach the workers in time"
        fresh = {"Accept": "application/jose", "Connection": "close"}  # so that either worker may answer
        header = header_of(consumer.accounts(identifier(DEBTOR), **fresh).data)
        followed = (header["alg"], header["enc"]) == (key_algorithm, content_encryption)
        right = right + 1 if followed and header["x5t#S256"] == thumbprint("encryption") else 0


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
        change(key_algorithm=DEFAULT[0], content_encryption=DEFAULT[1], certificate_participant="")


@pytest.fixture
def to_begin_with(skatteetaten):
    """Wait until no worker follows another test's choice any more."""
    until(skatteetaten, *DEFAULT)


def test_jwe_01_to_05_default_answer(skatteetaten, to_begin_with, records):
    number, case_id = identifier(DEBTOR), str(uuid.uuid4())
    plain = skatteetaten.accounts(number, AccountInfoRequestID=case_id)
    answer = skatteetaten.accounts(number, AccountInfoRequestID=case_id, Accept=None)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/jose")
    assert answer.headers["Cache-Control"] == "no-store"
    segments = answer.data.split(b".")
    assert len(segments) == 5
    assert not set(answer.data) - BASE64URL - set(b"."), "JWE-01"
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


def test_jwe_06_two_answers_differ_in_all_but_the_header(skatteetaten, to_begin_with):
    number, case_id = identifier(DEBTOR), str(uuid.uuid4())
    one, other = (
        skatteetaten.accounts(number, AccountInfoRequestID=case_id, Accept="application/jose").data.split(b".")
        for _ in range(2)
    )
    assert one[0] == other[0]
    assert all(first != second for first, second in zip(one[1:], other[1:], strict=True))


@pytest.mark.parametrize(("key_algorithm", "content_encryption"), PAIRS)
def test_jwe_03_and_jwe_12_every_pair_by_a_second_library(skatteetaten, agency, key_algorithm, content_encryption):
    agency(key_algorithm=key_algorithm, content_encryption=content_encryption)
    until(skatteetaten, key_algorithm, content_encryption)
    case_id = str(uuid.uuid4())
    for endpoint in ENDPOINTS:
        plain = ask(skatteetaten, endpoint, case_id)
        answer = ask(skatteetaten, endpoint, case_id, Accept="application/jose")
        assert (plain.status, answer.status) == (200, 200)
        header, document = opened(answer.data)
        assert header == {
            "alg": key_algorithm,
            "enc": content_encryption,
            "cty": "application/json",
            "x5t#S256": thumbprint("encryption"),
        }
        assert document == plain.data, endpoint


@pytest.mark.parametrize("key_algorithm", ["RSA1_5", "dir", "PBES2-HS256+A128KW", "ECDH-ES+A256KW", ""])
def test_jwe_03_and_jwe_04_no_other_key_algorithm_can_be_chosen(agency, key_algorithm):
    with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.StringDataRightTruncation)):
        agency(key_algorithm=key_algorithm)


@pytest.mark.parametrize("content_encryption", ["A192GCM", "A192CBC-HS384", "none", ""])
def test_jwe_03_no_other_content_encryption_can_be_chosen(agency, content_encryption):
    with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.StringDataRightTruncation)):
        agency(content_encryption=content_encryption)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_jwe_01_five_segments_and_nothing_else(skatteetaten, endpoint):
    """Compared to what a strict reader takes: no padding, quotation mark, white space or line end anywhere."""
    answer = ask(skatteetaten, endpoint, str(uuid.uuid4()), Accept=None)
    segments = answer.data.split(b".")
    assert len(segments) == 5
    assert all(segment and not set(segment) - BASE64URL for segment in segments)
    assert int(answer.headers["Content-Length"]) == len(answer.data)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_jwe_02_the_plaintext_is_json_in_utf_8_without_mark(skatteetaten, endpoint):
    _, document = opened(ask(skatteetaten, endpoint, str(uuid.uuid4()), Accept=None).data)
    assert document[:1] == b"{"
    assert isinstance(json.loads(document.decode("utf-8")), dict)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_jwe_05_and_jwe_07_a_short_header_of_four_members(skatteetaten, endpoint):
    answer = ask(skatteetaten, endpoint, str(uuid.uuid4()), Accept=None)
    assert header_of(answer.data).keys() == {"alg", "enc", "cty", "x5t#S256"}, "no typ, zip, crit, x5c, jku, kid"
    assert len(answer.data.split(b".")[0]) < 1024


def test_jwe_07_the_length_is_that_of_the_plain_document(skatteetaten, to_begin_with):
    """Repetitions do not make it shorter: what is compressed would be."""
    _, document = opened(ciphered := skatteetaten.accounts(identifier(DEBTOR), Accept=None).data)
    padded = (len(document) // 16 + 1) * 16
    assert len(ciphered.split(b".")[3]) == -(-padded * 4 // 3)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_jwe_08_and_neg_03_headers_of_an_encrypted_answer(skatteetaten, endpoint):
    answer = ask(skatteetaten, endpoint, str(uuid.uuid4()), Accept=None, Accept_Encoding="gzip, br, deflate")
    assert answer.headers["Content-Type"] == "application/jose"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not {"ETag", "Vary", "Content-Encoding", "Last-Modified", "Expires", "Age"} & set(answer.headers)


def test_jwe_06_cbc_and_gcm_never_repeat_an_initialisation_vector(skatteetaten):
    answers = [skatteetaten.accounts(identifier(DEBTOR), Accept=None).data.split(b".") for _ in range(40)]
    for segment in (1, 2, 3, 4):
        assert len({answer[segment] for answer in answers}) == len(answers)


@pytest.mark.parametrize(
    ("case", "number"), [("not-a-customer", None), ("shielded-strictly", None), (None, "312345633")]
)
def test_jwe_10_nothing_to_tell_is_an_encrypted_200_too(skatteetaten, case, number):
    answer = skatteetaten.accounts(number or identifier(case), Accept=None)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/jose")
    assert isinstance(json.loads(opened(answer.data)[1]), dict)


@pytest.mark.parametrize("accept", [None, "application/jose", "*/*", "application/json", "text/html", "application/x"])
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"Authorization": None}, 401, id="no token"),
        pytest.param({"Legal-Mandate": "Unknown"}, 400, id="mandate"),
        pytest.param({"PartyID": "1234"}, 400, id="form"),
    ],
)
def test_errors_are_never_encrypted(skatteetaten, accept, changes, status):
    headers = skatteetaten.headers(**{"PartyID": identifier(DEBTOR), "Accept": accept, **changes})
    answer = skatteetaten.server.get("/v2/accounts?OnlyPrimaryOwner=true", headers)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")
    assert body(answer).keys() == {"code", "message"}


@pytest.mark.parametrize("accept", [None, "application/jose", "text/html"])
def test_an_unknown_reference_is_plain_404_or_406(skatteetaten, accept):
    answer = skatteetaten.details("dataNotDelivered", str(uuid.uuid4()), Accept=accept)
    assert (answer.status, answer.headers["Content-Type"]) == (
        406 if accept == "text/html" else 404,
        "application/json",
    )


def test_crt_05_the_signing_certificate_published_beside_it_is_not_used(skatteetaten, to_begin_with):
    used = header_of(skatteetaten.accounts(identifier(DEBTOR), Accept=None).data)["x5t#S256"]
    assert used == thumbprint("encryption")
    assert used != thumbprint("signing")


def test_aut_04_a_suppliers_token_is_answered_to_the_consumer(skatteetaten, to_begin_with, records):
    organisation = {"authority": "iso6523-actorid-upis", "ID": f"0192:{SUPPLIER}"}
    token = skatteetaten.token(supplier=organisation, delegation_source=DELEGATION_SOURCE)
    answer = skatteetaten.accounts(identifier(DEBTOR), Accept=None, Authorization=f"Bearer {token}")
    assert answer.status == 200, answer.data
    header, document = opened(answer.data)
    assert header["x5t#S256"] == thumbprint("encryption") != thumbprint("encryption", SUPPLIER)
    assert json.loads(document)["accounts"]
    with pytest.raises(jwe.InvalidJWEData):
        opened(answer.data, SUPPLIER)
    (row,) = records()
    assert (row["consumer"], row["supplier"]) == (AGENCY, SUPPLIER)


def test_the_agencys_choice_of_participant_is_followed(skatteetaten, agency):
    """CRT-07 gives an agency whose certificates stand under another number: only that number's key opens them."""
    agency(certificate_participant=SUPPLIER)
    deadline = time.monotonic() + 8
    while header_of(data := skatteetaten.accounts(identifier(DEBTOR), Accept=None).data)["x5t#S256"] == thumbprint(
        "encryption"
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert json.loads(opened(data, SUPPLIER)[1])["accounts"]
    with pytest.raises(jwe.InvalidJWEData):
        opened(data)


def test_a_request_header_of_more_than_10_kilobytes_gets_its_encrypted_answer(skatteetaten):
    """Orders travel as headers; what is longer than 255 characters elsewhere is simply not read."""
    answer = skatteetaten.accounts(identifier(DEBTOR), Accept=f"application/jose, {'text/x, ' * 1500}text/y")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/jose")
    assert sum(len(name) + len(value) for name, value in answer.headers.items()) < 4096


def test_agencies_open_their_own_answers_only(server, skatteetaten, to_begin_with):
    data = Consumer(server, AGENCY).accounts(identifier(DEBTOR), Accept=None).data
    for number in ("889640782", "915429785", SUPPLIER):
        with pytest.raises(jwe.InvalidJWEData):
            opened(data, number)
