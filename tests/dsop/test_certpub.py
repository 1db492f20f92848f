"""What the locator and the publisher may say, and what is made of it (BCL, BCP): a real server on this machine."""

import base64
import json
import time

import pytest

from dsop.certpub import Directory, LookUpFailed, NotPublished, published_certificates
from tests.authority import enterprise, intermediate, root, running_publications
from tests.issuer import drips, says

NUMBER = "991825827"
NAMESPACE = "urn:fdc:difi.no:2017:virksert:v1"
PPID = f"iso6523-actorid-upis%3A%3A0192%3A{NUMBER}"
PID = "bdx-procid-dsop%3A%3Aurn%3Afdc%3Abits.no%3A2018%3Adsop%3Aaccount%3A1.0"
LOOK_UP = f"/locator/lookup/v2/{PPID}"
PROCESS = f"/bcp/v1/standard/api/v1/{PPID}/{PID}"
HOLDER = enterprise(intermediate(root()))
DER, EXPIRE = HOLDER.der, str(int(HOLDER.certificate.not_valid_after_utc.timestamp()) * 1000)
BASE64 = base64.b64encode(DER).decode()


@pytest.fixture
def certpub():
    with running_publications() as publications:
        publications.answers[LOOK_UP] = says({"difi-bcp-v1": f"{publications.origin}/bcp/v1/standard/"})
        publications.answers[PROCESS] = says(document())
        yield publications


def document(
    *certificates,
    participant=f'<ParticipantIdentifier scheme="iso6523-actorid-upis">0192:{NUMBER}</ParticipantIdentifier>',
    process='<ProcessIdentifier scheme="bdx-procid-dsop">urn:fdc:bits.no:2018:dsop:account:1.0</ProcessIdentifier>',
    role="<Role>REQUEST</Role>",
    further="",
    namespace=NAMESPACE,
    name="Process",
    before='<?xml version="1.0" encoding="UTF-8"?>',
    encoding="utf-8",
):
    """Return the publisher's answer as it should be, but for the changes."""
    texts = certificates or (BASE64,)
    several = "".join(f'<Certificate serialNumber="1" expire="1830000000000">{text}</Certificate>' for text in texts)
    whole = f'{before}<{name} xmlns="{namespace}">{participant}{process}{role}{several}{further}</{name}>'
    return whole.encode(encoding)


def look_up(certpub, *, locator="/locator", hosts=("127.0.0.1",), seconds=4.0, loopback_http=True):
    directory = Directory(certpub.origin + locator, publisher_hosts=frozenset(hosts), loopback_http=loopback_http)
    return published_certificates(NUMBER, directory, deadline=time.monotonic() + seconds)


def failure(certpub, **circumstances):
    """Return the fixed word for why nothing was found."""
    with pytest.raises((LookUpFailed, NotPublished)) as caught:
        look_up(certpub, **circumstances)
    assert caught.value.__cause__ is None
    return "not published" if isinstance(caught.value, NotPublished) else caught.value.reason


def test_bcl_02_and_bcp_01_identifiers_are_single_encoded_segments(certpub):
    assert look_up(certpub) == [DER]
    assert list(certpub.fetches) == [LOOK_UP, PROCESS]


@pytest.mark.parametrize("locator", ["/locator", "/locator/", "/locator//"])
@pytest.mark.parametrize("base", ["/bcp/v1/standard", "/bcp/v1/standard/", "/bcp/v1/standard//"])
def test_bcl_03_exactly_one_slash_between(certpub, locator, base):
    certpub.answers[LOOK_UP] = says({"difi-bcp-v1": certpub.origin + base})
    assert look_up(certpub, locator=locator) == [DER]
    assert list(certpub.fetches) == [LOOK_UP, PROCESS]


@pytest.mark.parametrize("base", ["", "/"])
def test_bcl_03_a_publisher_at_the_top(certpub, base):
    certpub.answers[LOOK_UP] = says({"difi-bcp-v1": certpub.origin + base})
    certpub.answers[f"/api/v1/{PPID}/{PID}"] = says(document())
    assert look_up(certpub) == [DER]


def test_bcl_01_other_members_are_ignored(certpub):
    known = {"difi-bcp-v2": "https://127.0.0.1:1/", "x": [1], "difi-bcp-v1": f"{certpub.origin}/bcp/v1/standard"}
    certpub.answers[LOOK_UP] = says(known)
    assert look_up(certpub) == [DER]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(says({}), "not published", id="BCL-01 no member"),
        pytest.param(says({"DIFI-BCP-V1": "https://127.0.0.1/"}), "not published", id="BCL-01 member in other letters"),
        pytest.param(says({"difi-bcp-v1": None}), "not published", id="BCL-01 member null"),
        pytest.param(says(b"", 404), "not published", id="404"),
        pytest.param(says(b'{"difi-bcp-v1":"x","difi-bcp-v1":"y"}'), "locator", id="member twice"),
        pytest.param(says([]), "locator", id="list"),
        pytest.param(says(b"hello"), "locator", id="no JSON"),
        pytest.param(says(b""), "locator", id="empty"),
        pytest.param(says(b"\xff\xfe{\x00}\x00"), "locator", id="UTF-16"),
        pytest.param(says(b"[" * 60_000), "locator", id="nested deeply"),
        pytest.param(says(b'{"a":' * 12_000 + b"1" + b"}" * 4_000), "locator", id="objects nested deeply"),
        pytest.param(says({"difi-bcp-v1": 7}), "publisher_address", id="BCL-04 number"),
        pytest.param(says({"difi-bcp-v1": ["https://127.0.0.1/"]}), "publisher_address", id="BCL-04 list"),
        pytest.param(says({"difi-bcp-v1": ""}), "publisher_address", id="BCL-04 empty"),
        pytest.param(says(b"x" * 65_537), "size", id="BCL-05 larger than 64 kB"),
        pytest.param(says(b"", 302, Location="/elsewhere"), "status", id="BCL-05 redirect"),
        pytest.param(says(b"", 204), "status", id="204"),
        pytest.param(says(b"", 500), "status", id="500"),
        pytest.param(says(b"", 503), "status", id="503"),
    ],
)
def test_locator(certpub, answer, reason):
    certpub.answers[LOOK_UP] = answer
    assert failure(certpub) == reason
    assert list(certpub.fetches) == [LOOK_UP], "nobody else is asked"


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("http://{here}/bcp?x=1", id="query"),
        pytest.param("http://{here}/bcp?", id="empty query"),
        pytest.param("http://{here}/bcp#x", id="fragment"),
        pytest.param("http://{here}/bcp#", id="empty fragment"),
        pytest.param("http://someone@{here}/bcp", id="user"),
        pytest.param("http://someone:secret@{here}/bcp", id="user and password"),
        pytest.param("http://@{here}/bcp", id="empty user"),
        pytest.param("ftp://{here}/bcp", id="scheme"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("//{here}/bcp", id="no scheme"),
        pytest.param("/bcp", id="path"),
        pytest.param("http://127.0.0.2/bcp", id="this machine by another number"),
        pytest.param("http://169.254.169.254/latest", id="metadata"),
        pytest.param("https://api.buypass.com.evil.example/", id="host that begins alike"),
        pytest.param("https://evil-api.buypass.com/", id="host that ends alike"),
        pytest.param("https://127.0.0.1.evil.example/", id="number that begins alike"),
        pytest.param("https://localhost/", id="name of this machine"),
        pytest.param("http://{here}\\@evil.example/", id="backslash"),
        pytest.param("http://{here}/a b", id="space"),
        pytest.param("http://{here}/a\r\nX: y", id="line end"),
        pytest.param("http://{here}/å", id="not ASCII"),
        pytest.param("http://[::1", id="malformed"),
        pytest.param("https://127.0.0.1:0/", id="port 0"),
        pytest.param("https://127.0.0.1:99999/", id="port too high"),
        pytest.param("https://" + "a" * 3000, id="long"),
        pytest.param("http://{here}/bcp/v1/../../x?", id="dots and query"),
    ],
)
def test_bcl_04_where_we_are_not_sent(certpub, address):
    certpub.answers[LOOK_UP] = says({"difi-bcp-v1": address.format(here=certpub.origin.removeprefix("http://"))})
    assert failure(certpub) == "publisher_address"
    assert list(certpub.fetches) == [LOOK_UP]


def test_bcl_04_http_to_this_machine_is_for_the_sandbox_only(certpub):
    assert failure(certpub, loopback_http=False) == "address"
    assert certpub.fetches == {}


def test_bcl_04_a_host_must_be_listed_in_the_sandbox_too(certpub):
    assert failure(certpub, hosts=["api.buypass.com"]) == "publisher_address"


@pytest.mark.parametrize("path", [LOOK_UP, PROCESS])
def test_bcl_05_drop_by_drop_ends_at_the_deadline(certpub, path):
    certpub.answers[path] = drips(b" ")
    begun = time.monotonic()
    assert failure(certpub, seconds=0.5) == "timeout"
    assert time.monotonic() - begun < 1.5


def test_bcl_05_no_time_left_no_call(certpub):
    assert failure(certpub, seconds=0.0) == "timeout"
    assert certpub.fetches == {}


def test_bcl_05_cut_in_mid_body(certpub):
    certpub.answers[PROCESS] = says(document(), **{"Content-Length": "99999"})
    assert failure(certpub, seconds=1.0) in {"connection", "timeout"}


def test_several_in_published_order(certpub):
    ders = [bytes([number]) * 9 for number in range(5)]
    certpub.answers[PROCESS] = says(document(*(base64.b64encode(der).decode() for der in ders)))
    assert look_up(certpub) == ders


def test_more_than_20_certificates_are_not_read(certpub):
    ders = [bytes([number]) * 9 for number in range(30)]
    certpub.answers[PROCESS] = says(document(*(base64.b64encode(der).decode() for der in ders)))
    assert look_up(certpub) == ders[:20]


def test_bcp_04_no_certificate_in_the_answer_is_none(certpub):
    certpub.answers[PROCESS] = says(document().replace(b"Certificate", b"Other"))
    assert look_up(certpub) == []


@pytest.mark.parametrize(
    ("serial", "expire", "differing"),
    [
        pytest.param(str(HOLDER.serial), EXPIRE, [], id="both right"),
        pytest.param(None, None, [], id="none given"),
        pytest.param("1", EXPIRE, ["serialNumber"], id="serial number"),
        pytest.param(f"{HOLDER.serial:x}", EXPIRE, ["serialNumber"], id="serial number in hex"),
        pytest.param(str(HOLDER.serial), EXPIRE[:-3], ["expire"], id="end in seconds"),
        pytest.param("", "never", ["serialNumber", "expire"], id="both"),
    ],
)
def test_bcp_06_hints_decide_nothing_and_a_mismatch_is_logged(certpub, caplog, serial, expire, differing):
    hints = {name: value for name, value in (("serialNumber", serial), ("expire", expire)) if value is not None}
    said = " ".join(f'{name}="{value}"' for name, value in hints.items())
    certpub.answers[PROCESS] = says(document().replace(b'serialNumber="1" expire="1830000000000"', said.encode()))
    assert look_up(certpub) == [DER]
    told = [(line.getMessage(), line.participant, line.hints) for line in caplog.records]
    assert told == ([("certpub.hint_differs", NUMBER, differing)] if differing else [])


SIGNATURE = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature>'
OTHERS = f'<Certificate xmlns="urn:other">{BASE64}</Certificate><s:Certificate xmlns:s="urn:other">AA==</s:Certificate>'


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(document(role=""), id="BCP-03 no role"),
        pytest.param(document(role="<Role> REQUEST\n</Role>"), id="white space about the role"),
        pytest.param(document(further="<Validator>x</Validator>" + SIGNATURE), id="BCP-02 validator and signature"),
        pytest.param(document(further="<New a='1'><Certificate>AA==</Certificate></New>"), id="BCP-02 unknown element"),
        pytest.param(document(further=OTHERS), id="BCP-02 certificates of other namespaces"),
        pytest.param(document(role='<Role xmlns="urn:other">RESPONSE</Role>'), id="BCP-02 another namespace's role"),
        pytest.param(
            document("\n  ".join(BASE64[at : at + 64] for at in range(0, len(BASE64), 64))), id="BCP-02 lines"
        ),
        pytest.param(document("\t " + BASE64 + "\r\n"), id="BCP-02 white space about base64"),
        pytest.param(document(BASE64[:9] + "<!-- x -->" + BASE64[9:]), id="comment in base64"),
        pytest.param(document(f"<![CDATA[{BASE64}]]>"), id="character data section"),
        pytest.param(document(BASE64.replace("A", "&#65;")), id="character references"),
        pytest.param(document(before=""), id="no XML declaration"),
        pytest.param(document(before="\ufeff"), id="byte order mark"),
        pytest.param(document(before='<?xml version="1.0" encoding="ISO-8859-1"?>', encoding="latin-1"), id="latin 1"),
        pytest.param(document(before='<?xml version="1.0" encoding="UTF-16"?>', encoding="utf-16"), id="UTF-16"),
        pytest.param(
            document(before='<?xml version="1.0"?><?xml-stylesheet href="http://127.0.0.1:1/"?>'), id="stylesheet"
        ),
        pytest.param(
            document()
            .replace(b"<", b"<v:")
            .replace(b"<v:/", b"</v:")
            .replace(b"<v:?", b"<?")
            .replace(b"xmlns=", b"xmlns:v="),
            id="BCP-02 with a prefix",
        ),
        pytest.param(
            document().replace(b' serialNumber="1" expire="1830000000000"', b' new="x"'), id="other attributes"
        ),
        pytest.param(document(further="<D>" * 1 + "<E/>" * 2000 + "</D>"), id="many elements"),
    ],
)
def test_bcp_02_what_is_read(certpub, answer):
    certpub.answers[PROCESS] = says(answer)
    assert look_up(certpub) == [DER]


def other(text, *, within="participant"):
    return {within: document.__kwdefaults__[within].replace(*text)}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(document(**other((NUMBER, "974761076"))), "about_another", id="BCP-03 participant"),
        pytest.param(document(**other(("0192:", ""))), "about_another", id="BCP-03 participant without its scheme"),
        pytest.param(document(**other(("iso6523", "iso9999"))), "about_another", id="BCP-03 scheme of the participant"),
        pytest.param(document(**other((' scheme="iso6523-actorid-upis"', ""))), "about_another", id="BCP-03 no scheme"),
        pytest.param(document(**other(("1.0", "2.0"), within="process")), "about_another", id="BCP-03 process"),
        pytest.param(document(**other(("-dsop", "-x"), within="process")), "about_another", id="BCP-03 its scheme"),
        pytest.param(document(role="<Role>RESPONSE</Role>"), "about_another", id="BCP-03 role"),
        pytest.param(document(role="<Role/>"), "about_another", id="BCP-03 empty role"),
        pytest.param(document(role="<Role>REQUEST</Role>" * 2), "about_another", id="role twice"),
        pytest.param(document(participant=""), "xml", id="BCP-03 no participant"),
        pytest.param(document(process=""), "xml", id="BCP-03 no process"),
        pytest.param(document(participant=document.__kwdefaults__["participant"] * 2), "xml", id="participant twice"),
        pytest.param(document(process=document.__kwdefaults__["process"] * 2), "xml", id="process twice"),
        pytest.param(document(namespace="urn:fdc:difi.no:2017:virksert:v2"), "xml", id="BCP-02 other namespace"),
        pytest.param(document(namespace=""), "xml", id="BCP-02 no namespace"),
        pytest.param(document(namespace="urn:fdc:difi.no:2017:virksert:signature:v1"), "xml", id="for signing"),
        pytest.param(document(name="Participant"), "xml", id="BCP-02 other root"),
        pytest.param(document("!!!"), "base64", id="no base64"),
        pytest.param(document("QQ"), "base64", id="base64 without padding"),
        pytest.param(document("-_-_"), "base64", id="base64url"),
        pytest.param(document("æøå="), "base64", id="not ASCII"),
        pytest.param(document(f"-----BEGIN CERTIFICATE-----{BASE64}-----END CERTIFICATE-----"), "base64", id="PEM"),
        pytest.param(b"", "xml", id="empty"),
        pytest.param(b"{}", "xml", id="JSON"),
        pytest.param(b"<html><body>hello</body></html>", "xml", id="page"),
        pytest.param(document()[:-3], "xml", id="not closed"),
        pytest.param(document() + b"<x/>", "xml", id="two roots"),
        pytest.param(document().replace(b"REQUEST", b"REQ&x;UEST"), "xml", id="BCP-02 unknown entity"),
        pytest.param(document().replace(b"REQUEST", b"\x00"), "xml", id="NUL"),
        pytest.param(document().replace(b"REQUEST", b"\xff\xff"), "xml", id="no UTF-8"),
        pytest.param(document(before='<?xml version="1.0" encoding="UTF-7"?>'), "xml", id="UTF-7"),
        pytest.param(document(before='<?xml version="1.0" encoding="x-nowhere"?>'), "xml", id="encoding unknown"),
        pytest.param(document(before='<?xml version="1.0" encoding="rot13"?>'), "xml", id="encoding that is none"),
        pytest.param(document(before='<?xml version="1.0" encoding="idna"?>'), "xml", id="encoding of names"),
        pytest.param(document(before='<?xml version="1.0" encoding="big5"?>'), "xml", id="encoding of several bytes"),
        pytest.param(b"<a>" * 21_000, "xml", id="nested deeply and not closed"),
        pytest.param(b"<a>" * 9_000 + b"</a>" * 9_000, "xml", id="nested deeply"),
        pytest.param(says(b"", 404), "not published", id="404"),
        pytest.param(says(b"", 500), "status", id="500"),
        pytest.param(says(b"", 301, Location="/elsewhere"), "status", id="BCL-05 redirect"),
        pytest.param(says(document() + b" " * 65_536), "size", id="BCL-05 larger than 64 kB"),
    ],
)
def test_publisher_refused(certpub, answer, reason):
    certpub.answers[PROCESS] = says(answer) if isinstance(answer, bytes) else answer
    assert failure(certpub) == reason
    assert list(certpub.fetches) == [LOOK_UP, PROCESS]


def test_nested_deeply_beside_what_is_read(certpub):
    certpub.answers[PROCESS] = says(document(further="<a>" * 8_000 + "</a>" * 8_000))
    assert look_up(certpub) == [DER]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "subset",
    [
        pytest.param("<!DOCTYPE Process>", id="bare"),
        pytest.param("<!DOCTYPE Process []>", id="empty"),
        pytest.param('<!DOCTYPE Process [<!ENTITY a "b">]>', id="entity"),
        pytest.param(f'<!DOCTYPE Process [<!ENTITY l0 "ha">{LAUGHS}]>', id="a billion laughs"),
        pytest.param(f'<!DOCTYPE Process [<!ENTITY a "{"x" * 30_000}">]>', id="one long entity, to be told many times"),
        pytest.param('<!DOCTYPE Process SYSTEM "{origin}/outside.dtd">', id="outside"),
        pytest.param('<!DOCTYPE Process PUBLIC "-//X//EN" "{origin}/outside.dtd">', id="public"),
        pytest.param('<!DOCTYPE Process [<!ENTITY a SYSTEM "{origin}/outside.txt">]>', id="outside entity"),
        pytest.param('<!DOCTYPE Process [<!ENTITY a SYSTEM "file:///etc/hostname">]>', id="file"),
        pytest.param('<!DOCTYPE Process [<!ENTITY % p SYSTEM "{origin}/outside.dtd"> %p;]>', id="parameter entity"),
        pytest.param("<!DOCTYPE Process [<!ENTITY % p \"<!ENTITY a 'b'>\"> %p;]>", id="entity by parameter entity"),
        pytest.param('<!DOCTYPE Process [<!ATTLIST Role x CDATA "y">]>', id="default attribute"),
        pytest.param('<!DOCTYPE Process [<!NOTATION n SYSTEM "{origin}/outside">]>', id="notation"),
    ],
)
@pytest.mark.parametrize("used", ["", "&a;", "&l9;"], ids=["not used", "used", "used at the end"])
def test_bcp_02_no_document_type_whatever_it_holds(certpub, subset, used):
    subset = subset.replace("{origin}", certpub.origin)
    certpub.answers[PROCESS] = says(document(before=f'<?xml version="1.0"?>{subset}', further=f"<x>{used}</x>"))
    begun = time.monotonic()
    assert failure(certpub) == "document_type"
    assert time.monotonic() - begun < 1.0
    assert list(certpub.fetches) == [LOOK_UP, PROCESS], "nothing outside is fetched"


@pytest.mark.parametrize("text", ["UTF-16", "UTF-8"])
def test_bcp_02_no_document_type_in_another_encoding(certpub, text):
    before = f'<?xml version="1.0" encoding="{text}"?><!DOCTYPE Process [<!ENTITY a "b">]>'
    certpub.answers[PROCESS] = says(document(before=before, encoding=text))
    assert failure(certpub) == "document_type"


def test_what_is_received_is_never_told(certpub):
    """The reason is one of a few words, whatever came."""
    marker = "Rank Bjørk 21874612345"
    reasons = set()
    for answer in (
        document(marker),
        document(name=marker.split(maxsplit=1)[0]),
        marker.encode(),
        document(role=f"<Role>{marker}</Role>"),
    ):
        certpub.answers[PROCESS] = says(answer)
        reasons.add(failure(certpub))
    for answer in (json.dumps({"difi-bcp-v1": marker}).encode(), marker.encode()):
        certpub.answers[LOOK_UP] = says(answer)
        reasons.add(failure(certpub))
    assert reasons == {"base64", "xml", "about_another", "publisher_address", "locator"}
