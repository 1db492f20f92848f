"""Answers and errors as the page prints them, in both formats; and what is no document of the page."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies.faults import Fault
from agencies.pension.reading import EFFECT, JSON, VALIDITY, XML, Unreadable, Validity, read_fault, read_validity

SPACE = "urn:no:skatteetaten:datasamarbeid:tjenestepensjonsavtale"
OURS = "df496591-dabc-42b8-84e2-163ad19302e6"
JSON_FAULT = f'{{"kode": "OTP-003", "melding": "...", "korrelasjonsid": "{OURS}"}}'
XML_FAULT = (
    '<feil xmlns="urn:no:skatteetaten:datasamarbeid:feil:v1">\n  <kode>OTP-003</kode><melding>...</melding>'
    "<korrelasjonsid>a9de0f31-ced5-4bb2-8175-f8002daf2ff2</korrelasjonsid>\n</feil>"
)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def xml_validity(inner, space="avtaleforholdgyldighet:v1", root="avtaleforholdGyldighet"):
    return f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{SPACE}:{space}">{inner}</{root}>'


def xml_effect(inner):
    return xml_validity(inner, "virkningsperiodegyldighet:v1", "virkningsperiodeGyldighet")


def missing(*months, name="maanederUtenGyldigAvtaleforhold"):
    return f"<{name}>{''.join(f'<maaned>{month}</maaned>' for month in months)}</{name}>"


FALSE = "<gyldig>false</gyldig>"


@pytest.mark.parametrize(
    ("body", "shape", "accept", "answer"),
    [
        pytest.param(
            '{"gyldig":"false","maanederUtenGyldigAvtaleforhold":{"maaned":["2020-01","2020-02","2020-04"]}}',
            VALIDITY,
            JSON,
            Validity(False, ("2020-01", "2020-02", "2020-04")),
            id="the page's answer A, whose truth is a string",
        ),
        pytest.param(
            '{"gyldig":false,"maanederUtenforGyldigVirkningsperiode":{"maaned":["2020-01","2020-02","2020-03"]}}',
            EFFECT,
            JSON,
            Validity(False, ("2020-01", "2020-02", "2020-03")),
            id="the page's answer B",
        ),
        pytest.param('{"gyldig":true}', VALIDITY, JSON, Validity(True), id="valid"),
        pytest.param('{"gyldig":"true"}', EFFECT, JSON, Validity(True), id="valid, in a string"),
        pytest.param(
            '{"gyldig":false,"maanederUtenGyldigAvtaleforhold":{"maaned":"2021-12"}}',
            VALIDITY,
            JSON,
            Validity(False, ("2021-12",)),
            id="a single month comes bare",
        ),
        pytest.param('{"gyldig":false}', VALIDITY, JSON, Validity(False), id="not valid, no months told"),
        pytest.param(
            f'{{"@xmlns":"{SPACE}:avtaleforholdgyldighet:v1","gyldig":true,"skjermet":true,"ny":[1]}}',
            VALIDITY,
            JSON,
            Validity(True),
            id="members that the page does not have",
        ),
        pytest.param(
            xml_validity(FALSE + missing("2020-01", "2020-02", "2020-04")),
            VALIDITY,
            XML,
            Validity(False, ("2020-01", "2020-02", "2020-04")),
            id="answer A in XML",
        ),
        pytest.param(
            xml_effect(FALSE + missing("2020-01", name="maanederUtenforGyldigVirkningsperiode")),
            EFFECT,
            XML,
            Validity(False, ("2020-01",)),
            id="answer B in XML",
        ),
        pytest.param(xml_validity("<gyldig>true</gyldig>"), VALIDITY, XML, Validity(True), id="valid, in XML"),
        pytest.param(xml_validity("<gyldig>\n 0 \n</gyldig>"), VALIDITY, XML, Validity(False), id="XML's other truth"),
        pytest.param(
            xml_validity('<ny a="b"><gyldig>true</gyldig></ny>' + FALSE + missing("2021-01")),
            VALIDITY,
            XML,
            Validity(False, ("2021-01",)),
            id="elements that the page does not have",
        ),
    ],
)
def test_an_answer(body, shape, accept, answer):
    assert read_validity(body.encode(), shape, accept=accept) == answer


@pytest.mark.parametrize(
    ("body", "accept"),
    [
        pytest.param("", JSON, id="nothing"),
        pytest.param("[]", JSON, id="a list"),
        pytest.param("{}", JSON, id="no truth"),
        pytest.param('{"gyldig":"sant"}', JSON, id="another word"),
        pytest.param('{"gyldig":"True"}', JSON, id="another case"),
        pytest.param('{"gyldig":1}', JSON, id="a number"),
        pytest.param('{"gyldig":null}', JSON, id="null"),
        pytest.param('{"gyldig":[]}', JSON, id="a list for truth"),
        pytest.param('{"gyldig":true,"gyldig":false}', JSON, id="said twice"),
        pytest.param(
            '{"gyldig":false,"maanederUtenGyldigAvtaleforhold":["2020-01"]}', JSON, id="months without maaned"
        ),
        pytest.param('{"gyldig":false,"maanederUtenGyldigAvtaleforhold":{}}', JSON, id="maaned is missing"),
        pytest.param(
            '{"gyldig":false,"maanederUtenGyldigAvtaleforhold":{"maaned":["2020-13"]}}', JSON, id="a 13th month"
        ),
        pytest.param('{"gyldig":false,"maanederUtenGyldigAvtaleforhold":{"maaned":[202001]}}', JSON, id="a number"),
        pytest.param('{"gyldig":false,"maanederUtenGyldigAvtaleforhold":{"maaned":"2020-1"}}', JSON, id="one digit"),
        pytest.param('{"gyldig":false,"maanederUtenGyldigAvtaleforhold":{"maaned":["２020-01"]}}', JSON, id="a wide 2"),
        pytest.param(
            '{"gyldig":true,"maanederUtenGyldigAvtaleforhold":{"maaned":["2020-01"]}}', JSON, id="valid and not valid"
        ),
        pytest.param(xml_validity(FALSE), JSON, id="XML where JSON was asked for"),
        pytest.param('{"gyldig":true}', XML, id="JSON where XML was asked for"),
        pytest.param(xml_validity(""), XML, id="no truth in XML"),
        pytest.param(xml_validity(FALSE + FALSE), XML, id="said twice in XML"),
        pytest.param(xml_validity(FALSE + missing("2020-00")), XML, id="month 0"),
        pytest.param(xml_effect(FALSE), XML, id="the other answer"),
        pytest.param(FALSE, XML, id="without a namespace"),
        pytest.param(xml_validity(FALSE, space="avtaleforholdgyldighet:v2"), XML, id="of another version"),
        pytest.param(xml_validity(FALSE, root="avtaleforhold"), XML, id="another root"),
        pytest.param(xml_validity(FALSE)[:-5], XML, id="cut off"),
        pytest.param(f"<!DOCTYPE a>{xml_validity(FALSE)[38:]}", XML, id="a document type"),
        pytest.param(
            f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]>' + xml_validity("<gyldig>&l9;</gyldig>")[38:],
            XML,
            id="a billion laughs",
        ),
        pytest.param(
            '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/hostname">]>' + xml_validity("<gyldig>&f;</gyldig>")[38:],
            XML,
            id="a file from outside",
        ),
        pytest.param('<?xml version="1.0" encoding="x-none"?><a/>', XML, id="an unknown encoding"),
    ],
)
def test_what_is_no_answer(body, accept):
    with pytest.raises(Unreadable):
        read_validity(body.encode(), VALIDITY, accept=accept)


@given(st.binary() | st.text().map(str.encode), st.sampled_from([JSON, XML]))
def test_whatever_comes_is_an_answer_or_unreadable(body, accept):
    with contextlib.suppress(Unreadable):
        assert isinstance(read_validity(body, VALIDITY, accept=accept), Validity)
    read_fault(body)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        pytest.param(JSON_FAULT, Fault("OTP-003", OURS), id="as printed in JSON"),
        pytest.param(XML_FAULT, Fault("OTP-003", "a9de0f31-ced5-4bb2-8175-f8002daf2ff2"), id="as printed in XML"),
        pytest.param(
            '<feil xmlns="urn:no:skatteetaten:datasamarbeid:feil:v1"><kode>DAS-001</kode><melding/></feil>',
            Fault("DAS-001"),
            id="XML without a correlation id",
        ),
        pytest.param("Unknown instance. ID=8ac2", None, id="words of a gateway"),
        pytest.param("<html><body>404 NOT FOUND</body></html>", None, id="a page of HTML"),
        pytest.param("<!doctype html><title>Sorry</title>", None, id="HTML with a document type"),
        pytest.param("<feil><kode>OTP-003</kode><melding>x</melding></feil>", None, id="without the namespace"),
        pytest.param(XML_FAULT.replace("<kode>OTP-003</kode>", ""), None, id="XML without a code"),
        pytest.param(XML_FAULT.replace("<melding>...</melding>", ""), None, id="XML without a message"),
        pytest.param(XML_FAULT.replace("OTP-003", "OTP 003"), None, id="no code at all"),
        pytest.param("<!DOCTYPE feil>" + XML_FAULT, None, id="XML with a document type"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_fault(body, fault):
    assert read_fault(body.encode()) == fault
