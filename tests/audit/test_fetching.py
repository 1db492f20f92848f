"""One bounded HTTPS GET (KEY-09), against real servers."""

import datetime
import ipaddress
import ssl
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from audit.fetching import FetchFailed, Posted, check_address, fetch
from legal.konkursvarsel import identity
from tests.authority import running_publications
from tests.issuer import drips, running_issuer, says, signing_key

PATH = "/document"
HEADERS_AT_A_CRAWL = b"HTTP/1.0 200 OK\r\nX-Slow: "
BODY_AT_A_CRAWL = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"
CHUNKS_AT_A_CRAWL = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def issuer():
    with running_issuer() as issuer:
        yield issuer


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(says({}, 500), "status", id="KEY-10 error 500"),
        pytest.param(says({}, 204), "status", id="KEY-10 no content"),
        pytest.param(says(b"", 302, Location="/jwk"), "status", id="KEY-09 a redirect to this very server"),
        pytest.param(says(b"x" * 65537), "size", id="KEY-09 one byte more than 64 kB"),
        pytest.param(says(b"x" * 10_000_000), "size", id="KEY-09 ten million bytes"),
        pytest.param(drips(b"x" * 8192, before=BODY_AT_A_CRAWL, every=0.0005), "size", id="KEY-09 a body without end"),
        pytest.param(drips(b"x", before=BODY_AT_A_CRAWL), "timeout", id="KEY-09 a body byte by byte"),
        pytest.param(drips(b"x", before=HEADERS_AT_A_CRAWL), "timeout", id="KEY-09 headers byte by byte"),
        pytest.param(drips(b"1\r\nx\r\n", before=CHUNKS_AT_A_CRAWL), "timeout", id="KEY-09 chunk by chunk"),
        pytest.param(drips(b"", before=b""), "timeout", id="KEY-09 silence"),
        pytest.param(says(b"{}", **{"Content-Length": "9"}), "connection", id="KEY-10 broken off"),
        pytest.param(drips(b"?", before=b"gopher\r\n", every=0.001), "connection", id="KEY-10 not HTTP"),
    ],
)
def test_an_unusable_answer_is_an_error_in_time(issuer, answer, reason):
    issuer.answers[PATH] = answer
    begun = time.monotonic()
    with pytest.raises(FetchFailed, match=f"^{reason}$"):
        fetch(issuer.origin + PATH, loopback_http=True, seconds=0.3 if reason == "timeout" else 3.0)
    assert time.monotonic() - begun < (1.5 if reason == "timeout" else 3.0)


def test_three_seconds_and_no_more(issuer):
    issuer.answers[PATH] = drips(b"x", before=BODY_AT_A_CRAWL)
    begun = time.monotonic()
    with pytest.raises(FetchFailed, match=r"^timeout$"):
        fetch(issuer.origin + PATH, loopback_http=True)
    assert 2.9 < time.monotonic() - begun < 4.0


def test_the_body_of_a_good_answer(issuer):
    issuer.answers[PATH] = says(b"x" * 65536)
    assert fetch(issuer.origin + PATH, loopback_http=True) == b"x" * 65536


def test_the_query_of_an_address_is_sent(issuer):
    issuer.answers["/document?version=2"] = says({"version": 2})
    assert fetch(f"{issuer.origin}/document?version=2", loopback_http=True) == b'{"version": 2}'


def test_nobody_listens():
    with running_issuer() as gone:
        address = gone.origin
    with pytest.raises(FetchFailed, match=r"^connection$"):
        fetch(address, loopback_http=True)


def test_proxies_of_the_environment_are_not_used(issuer, monkeypatch):
    issuer.answers[PATH] = says({})
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch(issuer.origin + PATH, loopback_http=True) == b"{}"


@pytest.mark.parametrize(
    ("address", "with_loopback", "without"),
    [
        pytest.param("https://maskinporten.no/", True, True, id="https"),
        pytest.param("http://127.0.0.1:8000/jwk", True, False, id="NET-00 http to this machine, only where allowed"),
        pytest.param("http://[::1]:8000/jwk", True, False, id="NET-00 the same by IPv6"),
        pytest.param("http://localhost/jwk", False, False, id="a name that only should be this machine"),
        pytest.param("http://maskinporten.no/", False, False, id="http elsewhere"),
        pytest.param("http://127.0.0.1.example/", False, False, id="a host that begins like this machine"),
        pytest.param("http://127.0.0.1@maskinporten.no/", False, False, id="this machine as user"),
        pytest.param("https://user@maskinporten.no/", False, False, id="user-info"),
        pytest.param("https://maskinporten.no/#x", False, False, id="fragment"),
        pytest.param("https://maskinporten.no:99999/", False, False, id="no such port"),
        pytest.param("https://maskinporten.no:0/", False, False, id="port 0"),
        pytest.param("https:///jwk", False, False, id="no host"),
        pytest.param("https://[::1/jwk", False, False, id="half a bracket"),
        pytest.param("https://maskinporten.no/a b", False, False, id="a blank"),
        pytest.param("https://maskinporten.no/\r\nX: y", False, False, id="a line break"),
        pytest.param("https://maskinporten.nø/", False, False, id="not ASCII"),
        pytest.param("file:///etc/passwd", False, False, id="a file"),
        pytest.param("", False, False, id="empty"),
        pytest.param(None, False, False, id="absent"),
        pytest.param(["https://maskinporten.no/"], False, False, id="a list"),
    ],
)
def test_addresses(address, with_loopback, without):
    assert (allowed(address, loopback_http=True), allowed(address, loopback_http=False)) == (with_loopback, without)


def allowed(address, *, loopback_http):
    try:
        check_address(address, loopback_http=loopback_http)
    except FetchFailed as failure:
        assert str(failure) == "address"
        return False
    return True


HOSTS = frozenset({"crl.example", "127.0.0.1"})


@pytest.mark.parametrize(
    ("address", "signed", "verdict"),
    [
        pytest.param("https://crl.example/ca.crl", False, "", id="BCL-04 https to a listed host"),
        pytest.param("https://crl.example:8443/ca.crl", False, "", id="BCL-04 by another port"),
        pytest.param("https://CRL.Example/ca.crl", False, "", id="BCL-04 in capitals"),
        pytest.param("http://crl.example/ca.crl", True, "", id="NET-00 http to a listed host, the answer signed"),
        pytest.param("http://127.0.0.1:8000/ca.crl", True, "", id="NET-00 this machine, where it is listed"),
        pytest.param("http://crl.example/ca.crl", False, "address", id="NET-00 http, the answer not signed"),
        pytest.param("https://other.example/ca.crl", True, "host", id="BCL-04 a host not listed"),
        pytest.param("http://other.example/ca.crl", True, "host", id="NET-00 http to a host not listed"),
        pytest.param("http://[::1]/ca.crl", True, "host", id="NET-00 this machine, not listed by that address"),
        pytest.param("https://crl.example.evil.example/", True, "host", id="BCL-04 begins like a listed host"),
        pytest.param("https://evil-crl.example/", True, "host", id="BCL-04 ends like a listed host"),
        pytest.param("https://sub.crl.example/", True, "host", id="BCL-04 below a listed host"),
        pytest.param("https://crl.example./", True, "host", id="BCL-04 a dot behind"),
        pytest.param("https://crl.example@other.example/", True, "address", id="BCL-04 a listed host as user"),
        pytest.param("https://other.example\\@crl.example/", True, "address", id="BCL-04 a backslash"),
        pytest.param("ftp://crl.example/ca.crl", True, "address", id="NET-00 neither http nor https"),
        pytest.param("//crl.example/ca.crl", True, "address", id="NET-00 no scheme"),
    ],
)
def test_listed_hosts(address, signed, verdict):
    assert refusal(address, hosts=HOSTS, signed=signed) == verdict


def refusal(address, **allowed):
    try:
        check_address(address, loopback_http=False, **allowed)
    except FetchFailed as failure:
        return str(failure)
    return ""


def test_net_00_a_signed_answer_opens_http_to_nobody_in_particular():
    assert refusal("http://crl.example/ca.crl", signed=True) == "address"
    assert refusal("http://crl.example/ca.crl", signed=True, hosts=()) == "host"


def test_what_is_posted_arrives_with_its_media_type():
    with running_publications() as publications:
        address = publications.respond("/ocsp", lambda asked: b"heard " + asked)
        posted = Posted(b"\x00question", "application/ocsp-request")
        answer = fetch(address, hosts={"127.0.0.1"}, signed=True, posted=posted, accept="application/ocsp-response")
        assert answer == b"heard \x00question"
        assert publications.headers == [("application/ocsp-request", "application/ocsp-response")]


def test_a_host_not_listed_is_not_even_tried(issuer):
    before = issuer.fetches[PATH]
    with pytest.raises(FetchFailed, match=r"^host$"):
        fetch(issuer.origin + PATH, loopback_http=True, hosts={"localhost"})
    assert issuer.fetches[PATH] == before


def test_a_limit_of_its_own(issuer):
    issuer.answers[PATH] = says(b"x" * 3_000_000)
    assert len(fetch(issuer.origin + PATH, loopback_http=True, largest=3_000_000)) == 3_000_000
    with pytest.raises(FetchFailed, match=r"^size$"):
        fetch(issuer.origin + PATH, loopback_http=True, largest=2_999_999)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Return a folder with a certificate authority of our own and server certificates it issued."""
    folder = tmp_path_factory.mktemp("tls")
    issue(folder, "authority", None)
    issue(folder, "right", x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    issue(folder, "wrong-name", x509.DNSName("maskinporten.no"))
    return folder


def issue(folder: Path, name: str, alternative: x509.GeneralName | None) -> None:
    key, root = signing_key(name).private, signing_key("authority").private
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=alternative is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False)
    )
    if alternative is None:
        usage = {name: name in {"key_cert_sign", "crl_sign"} for name in KEY_USAGES}
        builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
    else:
        builder = builder.add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
    pem = serialization.Encoding.PEM
    plain = (pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{name}.pem").write_bytes(builder.sign(root, hashes.SHA256()).public_bytes(pem))
    (folder / f"{name}.key").write_bytes(key.private_bytes(*plain))


KEY_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@pytest.mark.parametrize(
    ("certificate", "trusted", "fetched"),
    [
        pytest.param("right", True, True, id="trusted, right name"),
        pytest.param("right", False, False, id="KEY-09 issued by a stranger"),
        pytest.param("wrong-name", True, False, id="KEY-09 issued to somebody else"),
    ],
)
def test_the_certificate_is_checked(authority, monkeypatch, certificate, trusted, fetched):
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / f"{certificate}.pem", authority / f"{certificate}.key")
    with running_issuer(context) as issuer:
        issuer.answers[PATH] = says({"over": "TLS"})
        if fetched:
            assert fetch(issuer.origin + PATH) == b'{"over": "TLS"}'
        else:
            with pytest.raises(FetchFailed, match=r"^connection$"):
                fetch(issuer.origin + PATH)
        assert issuer.fetches == ({PATH: 1} if fetched else {})


@pytest.mark.parametrize("shown", [True, False], ids=["our certificate is shown", "none is shown"])
def test_a_server_that_asks_for_our_certificate(authority, monkeypatch, shown):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "right.pem", authority / "right.key")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority / "authority.pem")
    ours = identity(str(authority / "wrong-name.pem"), str(authority / "wrong-name.key")) if shown else None
    with running_issuer(context) as issuer:
        issuer.answers[PATH] = says({"for": "us"})
        if shown:
            assert fetch(issuer.origin + PATH, tls=ours) == b'{"for": "us"}'
        else:
            with pytest.raises(FetchFailed, match=r"^connection$"):
                fetch(issuer.origin + PATH, tls=ours)


def test_a_slow_drip_over_tls_is_cut_off_too(authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "right.pem", authority / "right.key")
    with running_issuer(context) as issuer:
        issuer.answers[PATH] = drips(b"x", before=BODY_AT_A_CRAWL)
        begun = time.monotonic()
        with pytest.raises(FetchFailed, match=r"^timeout$"):
            fetch(issuer.origin + PATH, seconds=0.5)
        assert time.monotonic() - begun < 1.5
