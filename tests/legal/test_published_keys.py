"""What an issuer publishes, and which of its keys are used (KEY-01, KEY-02, KEY-08, KEY-10, KEY-11)."""

import pytest

from audit.fetching import FetchFailed
from legal.published_keys import published_keys, usable_keys
from tests.issuer import KEY_SET, METADATA, Issuer, running_issuer, says, signing_key

ONE, TWO = signing_key("key-one").published(), signing_key("-key-two").published()


@pytest.fixture
def issuer():
    with running_issuer() as issuer:
        yield issuer


def metadata(of: Issuer, **changes):
    return says({"issuer": of.url, "jwks_uri": of.key_set_url} | changes)


def test_key_01_the_address_of_the_set_comes_from_the_metadata(issuer):
    assert list(published_keys(issuer.url, loopback_http=True)) == ["key-one", "-key-two"]
    issuer.answers[METADATA] = metadata(issuer, jwks_uri=f"{issuer.origin}/moved?to=here")
    issuer.answers["/moved?to=here"] = says({"keys": [TWO]})
    assert list(published_keys(issuer.url, loopback_http=True)) == ["-key-two"]
    assert issuer.fetches == {METADATA: 2, KEY_SET: 1, "/moved?to=here": 1}


def test_an_issuer_below_a_path():
    with running_issuer() as issuer:
        issuer.url = f"{issuer.origin}/sandbox/maskinporten/"
        issuer.answers["/sandbox/maskinporten" + METADATA] = metadata(issuer)
        assert list(published_keys(issuer.url, loopback_http=True)) == ["key-one", "-key-two"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"issuer": "https://maskinporten.no/"}, "issuer", id="KEY-02 another issuer"),
        pytest.param({"issuer": None}, "issuer", id="KEY-02 issuer null"),
        pytest.param({"jwks_uri": None}, "address", id="KEY-02 no address of keys"),
        pytest.param({"jwks_uri": "https://test.maskinporten.no/jwk"}, "host", id="KEY-02 another host"),
        pytest.param({"jwks_uri": "http://[::1]/jwk"}, "host", id="KEY-02 another host on this machine"),
        pytest.param({"jwks_uri": "http://test.maskinporten.no/jwk"}, "address", id="KEY-02 no TLS"),
        pytest.param({"jwks_uri": "/jwk"}, "address", id="KEY-02 a path alone"),
    ],
)
def test_metadata_that_is_not_the_issuers(issuer, changes, reason):
    issuer.answers[METADATA] = metadata(issuer, **changes)
    with pytest.raises(FetchFailed, match=f"^{reason}$"):
        published_keys(issuer.url, loopback_http=True)
    assert issuer.fetches == {METADATA: 1}


def test_env_02_the_issuers_name_is_compared_with_its_slash(issuer):
    with pytest.raises(FetchFailed, match=r"^issuer$"):
        published_keys(issuer.url.removesuffix("/"), loopback_http=True)


def test_net_00_without_the_sandbox_http_is_not_even_tried(issuer):
    with pytest.raises(FetchFailed, match=r"^address$"):
        published_keys(issuer.url)
    assert not issuer.fetches


@pytest.mark.parametrize("path", [METADATA, KEY_SET])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(says({"keys": [ONE]}, 500), "status", id="KEY-10 error 500"),
        pytest.param(says(b"<!doctype html><title>Sorry</title>"), "json", id="KEY-10 HTML"),
        pytest.param(says([{"keys": [ONE]}]), "json", id="KEY-10 a list"),
        pytest.param(says(b""), "json", id="KEY-10 nothing"),
        pytest.param(says(b'{"keys": [], "keys": []}'), "json", id="KEY-10 a member named twice"),
        pytest.param(says(b"\xff\xfe{}"), "json", id="KEY-10 not UTF-8"),
        pytest.param(says(b"[" * 60000), "json", id="KEY-10 nested too deeply"),
        pytest.param(says(b'{"a":' * 12000), "json", id="KEY-10 objects nested too deeply"),
        pytest.param(says(b"", 301, Location="http://127.0.0.1/jwk"), "status", id="KEY-09 a redirect"),
        pytest.param(says(b" " * 10_000_000), "size", id="KEY-09 ten million bytes"),
        pytest.param(lambda handler: handler.connection.close(), "connection", id="KEY-10 closed without a word"),
    ],
)
def test_key_10_a_bad_answer_is_no_crash(issuer, path, answer, reason):
    issuer.answers[path] = answer
    with pytest.raises(FetchFailed, match=f"^{reason}$"):
        published_keys(issuer.url, loopback_http=True)


@pytest.mark.parametrize(
    "key_set",
    [
        pytest.param({}, id="KEY-10 no member keys"),
        pytest.param({"keys": []}, id="KEY-10 an empty set"),
        pytest.param({"keys": None}, id="KEY-10 null"),
        pytest.param({"keys": {"kid": ONE}}, id="KEY-10 an object of keys"),
        pytest.param({"keys": [ONE | {"use": "enc"}]}, id="KEY-08 only keys to encrypt with"),
        pytest.param({"keys": [ONE, ONE]}, id="KEY-11 the only key twice"),
    ],
)
def test_a_set_without_a_usable_key(key_set):
    with pytest.raises(FetchFailed, match=r"^keys$"):
        usable_keys(key_set)


def member(**changes):
    return signing_key("key-one").published(**changes)


@pytest.mark.parametrize(
    "neighbour",
    [
        pytest.param(member(use="enc"), id="KEY-08 use enc"),
        pytest.param(member() | {"use": None}, id="KEY-08 use null"),
        pytest.param(member(kty="oct", k="c2VjcmV0"), id="KEY-08 a secret"),
        pytest.param(member(kty="EC", crv="P-256", x="AA", y="AA"), id="KEY-08 an elliptic curve"),
        pytest.param(member(kty=None), id="KEY-08 no kind"),
        pytest.param(member(kid=None), id="KEY-08 no id"),
        pytest.param(member(kid=""), id="KEY-08 an empty id"),
        pytest.param(member(kid=7), id="KEY-08 a number as id"),
        pytest.param(member(kid=["-key-two"]), id="KEY-08 a list as id"),
        pytest.param(member(alg="PS256"), id="KEY-08 for another algorithm"),
        pytest.param(member(alg="HS256"), id="KEY-08 for a secret's algorithm"),
        pytest.param(member() | {"alg": None}, id="KEY-08 algorithm null"),
        pytest.param(member(alg=["RS256"]), id="KEY-08 a list of algorithms"),
        pytest.param(signing_key("short", 1024).published(), id="KEY-08 a modulus of 1024 bits"),
        pytest.param(member(n=None), id="KEY-08 no modulus"),
        pytest.param(member(n=17), id="KEY-08 the modulus as a number"),
        pytest.param(member(n="%%%"), id="KEY-08 the modulus no base64"),
        pytest.param(member(n=""), id="KEY-08 an empty modulus"),
        pytest.param(member(n="æøå"), id="KEY-08 the modulus not ASCII"),
        pytest.param(member(n="f" * 4000), id="KEY-08 a modulus longer than OpenSSL verifies"),
        pytest.param(member(e=None), id="KEY-08 no exponent"),
        pytest.param(member(e="AA"), id="KEY-08 exponent 0"),
        pytest.param(member(e="AQ"), id="KEY-08 exponent 1"),
        pytest.param(member(e="Ag"), id="KEY-08 an even exponent"),
        pytest.param("-key-one", id="KEY-08 a word for a key"),
        pytest.param(None, id="KEY-08 null for a key"),
        pytest.param([ONE], id="KEY-08 a list for a key"),
    ],
)
def test_key_08_an_unusable_key_is_skipped_and_disturbs_no_other(neighbour, caplog):
    assert list(usable_keys({"keys": [neighbour, TWO]})) == ["-key-two"]
    assert [record.message for record in caplog.records] == ["keys.skipped"]


@pytest.mark.parametrize(
    ("changes", "algorithm"),
    [
        pytest.param({}, "RS256", id="as expected"),
        pytest.param({"use": None}, "RS256", id="KEY-08 no use named"),
        pytest.param({"alg": None}, "", id="KEY-08 no algorithm named: any of ours"),
        pytest.param({"alg": "RS512"}, "RS512", id="KEY-08 for RS512 alone"),
        pytest.param({"x5c": ["MIIB"], "key_ops": ["verify"], "more": {}}, "RS256", id="unknown members"),
    ],
)
def test_a_usable_key(changes, algorithm):
    keys = usable_keys({"keys": [member(**changes)]})
    assert {name: (key.public_key, key.algorithm) for name, key in keys.items()} == {
        "key-one": (signing_key("key-one").private.public_key(), algorithm)
    }


def test_a_private_key_published_by_mistake_is_read_as_public():
    keys = usable_keys({"keys": [member(d="AQAB")]})
    assert keys["key-one"].public_key == signing_key("key-one").private.public_key()


@pytest.mark.parametrize(
    "twin",
    [
        pytest.param(ONE, id="KEY-11 the same key"),
        pytest.param(TWO | {"kid": "key-one"}, id="KEY-11 another key"),
        pytest.param(ONE | {"use": "enc"}, id="KEY-11 a key for another use"),
        pytest.param({"kid": "key-one"}, id="KEY-11 a malformed one"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_key_11_neither_of_two_keys_with_one_id_is_used(twin, first):
    pair = [twin, ONE] if first else [ONE, twin]
    assert list(usable_keys({"keys": [*pair, TWO]})) == ["-key-two"]
