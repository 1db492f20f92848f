"""The stand-in of Tjenestepensjonsavtale keeps agreements and answers look-ups as its page says, in either profile."""

import uuid
from xml.etree import ElementTree

import pytest

SCOPE = "skatteetaten:tjenestepensjonsavtale"
BANK = "213456008"
BASES = {"seed": "/api/tjenestepensjonsavtale/v1", "current": "/otp/v1"}
NS = "urn:no:skatteetaten:datasamarbeid:tjenestepensjonsavtale:"
WITHOUT, OUTSIDE = "maanederUtenGyldigAvtaleforhold", "maanederUtenforGyldigVirkningsperiode"
EXAMPLE = {
    "avtalereferanse": "referanse til avtale",
    "fraOgMed": "2020-01",
    "opplysningspliktig": {"norskIdentifikator": "999999999"},
}
DELETION = {"avtalereferanse": "referanse til avtale", "opplysningspliktig": {"norskIdentifikator": "999999999"}}
ASKED = {"pensjonsinnretning": BANK, "opplysningspliktig": "310000000", "fraOgMed": "2021-01", "tilOgMed": "2021-06"}
A, B = "/nav/avtaleforhold/gyldighet", "/nav/avtaleforhold/virkningsperiode/gyldighet"
WRITE = "/otp/avtaleforhold"


def ask(stand_ins, method, path, body=None, *, profile="current", scope=SCOPE, consumer=BANK, **changes):
    kinds = {} if body is None else {"Content-Type": "application/json"}
    sent = {"Authorization": f"Bearer {stand_ins.token(scope, consumer=consumer)}", **kinds, **changes}
    headers = {name.replace("_", "-"): value for name, value in sent.items() if value is not None}
    return stand_ins.ask(method, BASES[profile] + path, headers, body)


def query(**changes):
    """Return the four parameters as a query, changed; None leaves one out."""
    return "?" + "&".join(f"{name}={value}" for name, value in {**ASKED, **changes}.items() if value is not None)


def months(first, last):
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(counted(first), counted(last) + 1)]


def counted(text):
    return int(text[:4]) * 12 + int(text[5:]) - 1


def fault_of(answer):
    """Return status, code and text of a fault in JSON, which has the three members and no other."""
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert list(body) == ["kode", "melding", "korrelasjonsid"]
    assert str(uuid.UUID(body["korrelasjonsid"])) == body["korrelasjonsid"]
    return answer.status, body["kode"], body["melding"]


def done(answer):
    return answer.status, answer.data, answer.headers.get("Content-Type")


def kept(stand_ins):
    return stand_ins.ask("GET", "/control/pension/agreements").json()


# --- register, change and delete ---


@pytest.mark.parametrize("profile", BASES)
def test_an_agreement_is_registered_changed_and_deleted(stand_ins, profile):
    def write(method, body):
        return done(ask(stand_ins, method, WRITE, body, profile=profile))

    key = f"{BANK}/999999999"
    assert write("POST", EXAMPLE) == (201, b"", None)
    assert kept(stand_ins) == {key: {"referanse til avtale": ["2020-01", None]}}
    assert write("POST", {**EXAMPLE, "fraOgMed": "2021-02", "tilOgMed": "2022-03"}) == (201, b"", None)
    assert kept(stand_ins) == {key: {"referanse til avtale": ["2021-02", "2022-03"]}}
    assert write("POST", EXAMPLE) == write("POST", EXAMPLE) == (201, b"", None)
    assert write("POST", {**EXAMPLE, "avtalereferanse": "en annen"}) == (201, b"", None)
    assert kept(stand_ins) == {key: {"referanse til avtale": ["2020-01", None], "en annen": ["2020-01", None]}}
    assert write("DELETE", DELETION) == (200, b"", None)
    assert kept(stand_ins) == {key: {"en annen": ["2020-01", None]}}
    assert ask(stand_ins, "DELETE", WRITE, DELETION, profile=profile).status == 404


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"avtalereferanse": "referanse til Avtale"}, id="another reference"),
        pytest.param({"opplysningspliktig": {"norskIdentifikator": "987654321"}}, id="another employer"),
    ],
)
def test_only_the_very_agreement_is_deleted(stand_ins, other):
    ask(stand_ins, "POST", WRITE, EXAMPLE)
    answer = ask(stand_ins, "DELETE", WRITE, {**DELETION, **other}, profile="seed")
    assert fault_of(answer) == (404, "OTP-014", "Fant ikke den forespurte avtalen")
    assert kept(stand_ins) == {f"{BANK}/999999999": {"referanse til avtale": ["2020-01", None]}}


def test_the_provider_is_the_tokens_consumer(stand_ins):
    stand_ins.switch(**{"pension.allotted": {BANK: ["otp"], "312345609": ["otp"]}})
    ask(stand_ins, "POST", WRITE, EXAMPLE, consumer="312345609")
    assert list(kept(stand_ins)) == ["312345609/999999999"]
    assert ask(stand_ins, "DELETE", WRITE, DELETION).status == 404


def test_an_older_answer_to_a_registration(stand_ins):
    stand_ins.switch(**{"pension.registered_status": 200})
    assert done(ask(stand_ins, "POST", WRITE, EXAMPLE)) == (200, b"", None)


@pytest.mark.parametrize(
    ("reference", "status"),
    [
        pytest.param("r", 201, id="one character"),
        pytest.param("x" * 4000, 201, id="the longest"),
        pytest.param("\U0001f4c4" * 4000, 201, id="counted in code points"),
        pytest.param("x" * 4001, 400, id="one too long"),
        pytest.param("", 400, id="none"),
    ],
)
def test_how_long_a_reference_may_be(stand_ins, reference, status):
    assert ask(stand_ins, "POST", WRITE, {**EXAMPLE, "avtalereferanse": reference}).status == status


@pytest.mark.parametrize(("refused", "status"), [(False, 201), (True, 400)])
def test_an_end_ahead_is_refused_when_told(stand_ins, refused, status):
    stand_ins.switch(**{"pension.refuse_future_end": refused, "pension.today": "2026-11"})
    assert ask(stand_ins, "POST", WRITE, {**EXAMPLE, "tilOgMed": "2026-11"}).status == 201
    assert ask(stand_ins, "POST", WRITE, {**EXAMPLE, "tilOgMed": "2026-12"}).status == status


# --- validity ---

CASES = [
    pytest.param("310000000", "2021-01", "2021-06", [], [], id="full cover"),
    pytest.param("310000000", "2020-01", "2020-06", months("2020-01", "2020-06"), [], id="sample A: before 2021-01"),
    pytest.param("310001112", "2021-02", "2021-07", ["2021-04", "2021-05"], [], id="gap"),
    pytest.param(
        "310002224", "2021-05", "2021-09", ["2021-07", "2021-08", "2021-09"], ["2021-08", "2021-09"],
        id="employer stopped",
    ),
    pytest.param("310003336", "2021-02", "2021-05", [], [], id="two agreements"),
    pytest.param(
        "310004448", "2020-01", "2020-06", months("2020-01", "2020-06"), months("2020-01", "2020-03"),
        id="the seed's sample B",
    ),
    pytest.param("310000000", "2019-12", "2020-01", ["2019-12", "2020-01"], ["2019-12"], id="no effect before 2020-01"),
    pytest.param(
        "310004448", "2020-03", "2020-04", ["2020-03", "2020-04"], ["2020-03"], id="fifteen months before to the month"
    ),
    pytest.param(
        "310000000", "2021-12", "2022-02", ["2022-01", "2022-02"], ["2022-02"], id="one month after to the month"
    ),
    pytest.param("310005568", "2021-01", "2021-02", ["2021-01", "2021-02"], ["2021-01", "2021-02"], id="one side only"),
]  # fmt: skip


@pytest.mark.parametrize("profile", BASES)
@pytest.mark.parametrize(("employer", "first", "last", "without", "outside"), CASES)
def test_validity(stand_ins, employer, first, last, without, outside, profile):
    asked = query(opplysningspliktig=employer, fraOgMed=first, tilOgMed=last)
    for path, name, missing in ((A, WITHOUT, without), (B, OUTSIDE, outside)):
        answer = ask(stand_ins, "GET", path + asked, profile=profile)
        expected = {"gyldig": False, name: {"maaned": missing}} if missing else {"gyldig": True}
        assert (answer.status, answer.headers["Content-Type"], answer.json()) == (200, "application/json", expected)


def test_an_agreement_that_is_registered_counts_and_one_deleted_no_longer(stand_ins):
    asked = query(opplysningspliktig="310005568", fraOgMed="2022-01", tilOgMed="2022-03")
    body = {**EXAMPLE, "fraOgMed": "2022-02", "opplysningspliktig": {"norskIdentifikator": "310005568"}}

    def missing():
        return ask(stand_ins, "GET", A + asked).json().get(WITHOUT, {}).get("maaned")

    before = missing()
    ask(stand_ins, "POST", WRITE, body)
    between = missing()
    ask(stand_ins, "DELETE", WRITE, {name: body[name] for name in DELETION})

    assert (before, between, missing()) == (months("2022-01", "2022-03"), ["2022-01"], before)


def test_the_effect_reaches_back_from_a_resumption(stand_ins):
    """The employer stopped for two years; what lies between is covered fifteen months back."""
    stand_ins.switch(**{"pension.employer_months": {f"{BANK}/310000000": [["2024-01", None]]}})
    asked = query(fraOgMed="2021-12", tilOgMed="2024-01")
    assert ask(stand_ins, "GET", B + asked).json()[OUTSIDE]["maaned"] == months("2022-02", "2022-09")


SAMPLE = query(pensjonsinnretning="123456789", opplysningspliktig="987654321", fraOgMed="2020-01", tilOgMed="2020-06")


def test_the_pages_sample_answers_as_printed(stand_ins):
    assert ask(stand_ins, "GET", A + SAMPLE).json() == {
        "gyldig": "false",
        WITHOUT: {"maaned": ["2020-01", "2020-02", "2020-04"]},
    }
    assert ask(stand_ins, "GET", B + SAMPLE).json() == {
        "gyldig": False,
        OUTSIDE: {"maaned": ["2020-01", "2020-02", "2020-03"]},
    }


def test_the_canned_answer_is_for_that_very_query(stand_ins):
    asked = SAMPLE.replace("tilOgMed=2020-06", "tilOgMed=2020-05")
    assert ask(stand_ins, "GET", A + asked).json()[WITHOUT]["maaned"] == months("2020-01", "2020-05")


def test_forms_that_a_client_should_bear(stand_ins):
    stand_ins.switch(**{"pension.gyldig_as_text": True, "pension.single_month_bare": True})
    one = query(fraOgMed="2021-12", tilOgMed="2022-01")
    assert ask(stand_ins, "GET", A + query()).json() == {"gyldig": "true"}
    assert ask(stand_ins, "GET", A + one).json() == {"gyldig": "false", WITHOUT: {"maaned": "2022-01"}}
    assert ask(stand_ins, "GET", B + one).json() == {"gyldig": True}


def test_the_present_month_is_not_the_future(stand_ins):
    stand_ins.switch(**{"pension.today": "2026-11"})
    assert ask(stand_ins, "GET", A + query(tilOgMed="2026-11")).status == 200
    assert ask(stand_ins, "GET", A + query(tilOgMed="2026-12")).status == 400


def test_older_pages_write_the_package_in_capitals(stand_ins):
    assert ask(stand_ins, "GET", A.replace("nav", "NAV") + query()).json() == {"gyldig": True}


# --- every code: `seed` tells single faults, `current` areas ---


def changed(**changes):
    return {name: value for name, value in {**EXAMPLE, **changes}.items() if value is not None}


def looked_up(**changes):
    return {"method": "GET", "path": A + query(**changes)}


def posted(body, **changes):
    return {"method": "POST", "path": WRITE, "body": body, **changes}


def of_employer(value):
    return changed(opplysningspliktig={"norskIdentifikator": value})


FAULTS = [
    pytest.param(looked_up(opplysningspliktig="310009998"), (404, "OTP-001"), (404, "OTP-007"), id="unknown pair"),
    pytest.param({"method": "GET", "path": "/x" + A[4:] + query()}, (400, "OTP-002"), (400, "OTP-006"), id="package"),
    pytest.param({"method": "GET", "path": A[4:] + query()}, (400, "OTP-002"), (400, "OTP-006"), id="no package"),
    pytest.param(looked_up(pensjonsinnretning=None), (400, "OTP-003"), (400, "OTP-006"), id="no provider"),
    pytest.param(looked_up(pensjonsinnretning=""), (400, "OTP-003"), (400, "OTP-006"), id="a blank provider"),
    pytest.param(looked_up(pensjonsinnretning="21345600"), (400, "OTP-004"), (400, "OTP-006"), id="eight digits"),
    pytest.param(looked_up(opplysningspliktig=None), (400, "OTP-005"), (400, "OTP-006"), id="no employer"),
    pytest.param(looked_up(opplysningspliktig="3100000001"), (400, "OTP-006"), (400, "OTP-006"), id="ten digits"),
    pytest.param(looked_up(fraOgMed=None), (400, "OTP-007"), (400, "OTP-006"), id="no first month"),
    pytest.param(looked_up(fraOgMed="2021-13"), (400, "OTP-008"), (400, "OTP-006"), id="month thirteen"),
    pytest.param(looked_up(fraOgMed="2021-01-01"), (400, "OTP-008"), (400, "OTP-006"), id="a day"),
    pytest.param(looked_up(tilOgMed=None), (400, "OTP-009"), (400, "OTP-006"), id="no last month"),
    pytest.param(looked_up(tilOgMed="2021-1"), (400, "OTP-010"), (400, "OTP-006"), id="one digit"),
    pytest.param(looked_up(tilOgMed="2020-12"), (400, "OTP-016"), (400, "OTP-006"), id="ends before it begins"),
    pytest.param(looked_up(tilOgMed="9999-12"), (400, "OTP-017"), (400, "OTP-006"), id="in the future"),
    pytest.param({**looked_up(), "Authorization": None}, (500, "OTP-012"), (401, "OTP-004"), id="no token"),
    pytest.param({**looked_up(), "Authorization": "Bearer "}, (500, "OTP-012"), (401, "OTP-004"), id="an empty token"),
    pytest.param({**looked_up(), "Authorization": "Bearer x"}, (500, "OTP-013"), (401, "OTP-004"), id="no good token"),
    pytest.param({**looked_up(), "scope": "x"}, (403, "DAS-008"), (403, "OTP-005"), id="another scope"),
    pytest.param(
        {"method": "GET", "path": A.replace("nav", "otp") + query()}, (403, "DAS-008"), (403, "OTP-005"),
        id="a provider looks up",
    ),
    pytest.param(
        {"method": "POST", "path": "/nav/avtaleforhold", "body": EXAMPLE}, (403, "DAS-008"), (403, "OTP-005"),
        id="NAV registers",
    ),
    pytest.param({**looked_up(), "consumer": "312345609"}, (403, "DAS-008"), (403, "OTP-005"), id="not its package"),
    pytest.param({"method": "GET", "path": "/nav"}, (404, "DAS-002"), (404, "OTP-003"), id="unknown address"),
    pytest.param({"method": "GET", "path": A + "/" + query()}, (404, "DAS-002"), (404, "OTP-003"), id="a slash"),
    pytest.param(
        {"method": "DELETE", "path": WRITE, "body": DELETION}, (404, "OTP-014"), (404, "OTP-007"), id="no agreement"
    ),
    pytest.param(posted(b""), (400, "OTP-018"), (400, "OTP-006"), id="an empty body"),
    pytest.param(posted(b"{"), (400, "OTP-018"), (400, "OTP-006"), id="malformed JSON"),
    pytest.param(posted(b"[" * 5000), (400, "OTP-018"), (400, "OTP-006"), id="very deep"),
    pytest.param(posted([EXAMPLE]), (400, "OTP-018"), (400, "OTP-006"), id="a list"),
    pytest.param(posted(changed(avtalereferanse=None)), (400, "OTP-018"), (400, "OTP-006"), id="no reference"),
    pytest.param(posted(changed(mer=1)), (400, "OTP-018"), (400, "OTP-006"), id="an unknown member"),
    pytest.param(
        posted(changed(opplysningspliktig={"norskIdentifikator": "999999999", "mer": 1})),
        (400, "OTP-018"), (400, "OTP-006"), id="an unknown member inside",
    ),
    pytest.param(
        {"method": "DELETE", "path": WRITE, "body": EXAMPLE}, (400, "OTP-018"), (400, "OTP-006"),
        id="a deletion with months",
    ),
    pytest.param(posted(changed(avtalereferanse=7)), (400, "OTP-015"), (400, "OTP-006"), id="reference is a number"),
    pytest.param(posted(changed(avtalereferanse="x" * 4001)), (400, "OTP-015"), (400, "OTP-006"), id="long reference"),
    pytest.param(posted(changed(opplysningspliktig=None)), (400, "OTP-005"), (400, "OTP-006"), id="employer missing"),
    pytest.param(posted(changed(opplysningspliktig={})), (400, "OTP-005"), (400, "OTP-006"), id="an empty employer"),
    pytest.param(posted(changed(opplysningspliktig="9")), (400, "OTP-006"), (400, "OTP-006"), id="a bare employer"),
    pytest.param(posted(of_employer("99999999")), (400, "OTP-006"), (400, "OTP-006"), id="employer of eight digits"),
    pytest.param(posted(of_employer(999999999)), (400, "OTP-006"), (400, "OTP-006"), id="employer is a number"),
    pytest.param(posted(changed(fraOgMed=None)), (400, "OTP-007"), (400, "OTP-006"), id="no first month in body"),
    pytest.param(posted(changed(fraOgMed="2020-1")), (400, "OTP-008"), (400, "OTP-006"), id="a short month in body"),
    pytest.param(posted(changed(fraOgMed=202001)), (400, "OTP-008"), (400, "OTP-006"), id="month is a number"),
    pytest.param(posted({**EXAMPLE, "tilOgMed": None}), (400, "OTP-010"), (400, "OTP-006"), id="end is null"),
    pytest.param(posted(changed(tilOgMed="2020")), (400, "OTP-010"), (400, "OTP-006"), id="end is a year"),
    pytest.param(posted(changed(tilOgMed="2019-12")), (400, "OTP-016"), (400, "OTP-006"), id="end before"),
    pytest.param(posted(EXAMPLE, Content_Type="text/plain"), (400, "OTP-018"), (406, "OTP-008"), id="another type"),
    pytest.param(posted(EXAMPLE, Content_Type="application/xml"), (400, "OTP-018"), (406, "OTP-008"), id="XML"),
    pytest.param({**looked_up(), "Accept": "text/html"}, None, (406, "OTP-008"), id="neither format wanted"),
    *(
        pytest.param({**looked_up(), "ordered": f"OTP-{number:03}"}, (status, f"OTP-{number:03}"), None, id="ordered")
        for number, status in ((11, 403), (19, 403), (20, 503), (21, 500))
    ),
    *(
        pytest.param({**looked_up(), "ordered": f"OTP-{number:03}"}, None, (status, f"OTP-{number:03}"), id="ordered")
        for number, status in ((1, 500), (2, 500))
    ),
]  # fmt: skip
TEXTS = {
    "seed": {
        1: "Fant ikke den forespurte AvtaleforholdGyldigheten.",
        2: "Feltet 'rettighetspakke' mangler eller ugyldig.",
        3: "Obligatorisk parameter 'pensjonsinnretning' mangler.",
        4: "Parameteren 'pensjonsinnretning' har ugyldig format. Må være nøyaktig 9 sifre",
        5: "Obligatorisk parameter 'opplysningspliktig' mangler.",
        6: "Parameteren 'opplysningspliktig' har ugyldig format. Må være nøyaktig 9 sifre",
        7: "Obligatorisk parameter 'fraOgMed' mangler.",
        8: "Parameteren 'fraOgMed' har ugyldig format. må oppgis som YYYY-MM",
        9: "Obligatorisk parameter 'tilOgMed' mangler.",
        10: "Parameteren 'tilOgMed' har ugyldig format. må oppgis som YYYY-MM",
        11: "En uventet feil oppstod ved autentisering. Kontakt brukerstøtte.",
        12: "Det skjedde en feil i forbindelse med maskinporten autentisering: token mangler.",
        13: "Det skjedde en feil i forbindelse med maskinporten autentisering: token invalid.",
        14: "Fant ikke den forespurte avtalen",
        15: "Parameteren 'avtalereferanse' har ugyldig format. Maks 4000 tegn",
        16: "Parameteren 'tilOgMed' kan ikke være før parameteren 'fraOgMed'",
        17: "Parameteren 'tilOgMed' kan ikke være inn i fremtiden",
        18: "Feil i request mot bakenforliggende system",
        19: "En uventet feil oppstod ved autentisering mot bakendforliggende system. Kontakt brukerstøtte.",
        20: "Ikke kontakt mot bakendforliggende system. Kontakt brukerstøtte.",
        21: "Ukjent feil mot bakendforliggende system. Kontakt brukerstøtte.",
    },
    "current": {
        1: "Uventet feil på tjenesten.",
        2: "Uventet feil i et bakenforliggende system.",
        3: "Ukjent url benyttet.",
        4: "Feil i forbindelse med autentisering.",
        5: "Feil i forbindelse med autorisering.",
        6: "Feil i forbindelse med validering av inputdata.",
        7: "Ingen data funnet på oppgitte inputparametere.",
        8: "Feil tilknyttet dataformat. Kun json eller xml er støttet.",
    },
}
COMMON = {
    "DAS-002": "Den forespurte URLen svarer ikke til et gyldig endepunkt",
    "DAS-008": "Du er ikke autorisert for tilgang til den forespurte ressursen.",
}


@pytest.mark.parametrize("profile", BASES)
@pytest.mark.parametrize(("asked", "seed", "current"), FAULTS)
def test_faults(stand_ins, asked, seed, current, profile):
    expected = {"seed": seed, "current": current}[profile]
    asked = dict(asked)
    if code := asked.pop("ordered", ""):
        stand_ins.fault("/", code=code)
    answer = ask(stand_ins, asked.pop("method"), asked.pop("path"), asked.pop("body", None), profile=profile, **asked)
    if expected is None:
        assert code or answer.status == 200
        return
    status, number = expected
    text = COMMON.get(number) or TEXTS[profile][int(number.removeprefix("OTP-"))]
    assert fault_of(answer) == (status, number, text)


def test_every_code_of_the_page_is_tried():
    for place, profile in ((1, "seed"), (2, "current")):
        tried = {case.values[place][1] for case in FAULTS if case.values[place]}
        assert tried - set(COMMON) == {f"OTP-{number:03}" for number in TEXTS[profile]}


@pytest.mark.parametrize(
    ("worst", "code"),
    [
        pytest.param({"Authorization": None}, "OTP-012", id="the token before the package"),
        pytest.param({"path": "/x" + A[4:] + "?"}, "OTP-002", id="the package before the parameters"),
        pytest.param({"path": A + "?"}, "OTP-003", id="the provider first"),
        pytest.param({"path": A + "?pensjonsinnretning=1"}, "OTP-004", id="then its form"),
        pytest.param({"path": A + query(fraOgMed="x", tilOgMed=None)}, "OTP-008", id="months in the table's order"),
        pytest.param(
            {"path": A + query(fraOgMed="9999-12", tilOgMed="9999-11")}, "OTP-016", id="the order before the future"
        ),
        pytest.param(
            {"path": A + query(opplysningspliktig="310009998", tilOgMed="9999-12")}, "OTP-017", id="all before the data"
        ),
    ],
)
def test_the_order_of_checks(stand_ins, worst, code):
    asked = {"path": "/x" + A[4:] + "?", **worst}
    assert ask(stand_ins, "GET", asked.pop("path"), profile="seed", **asked).json()["kode"] == code


@pytest.mark.parametrize(
    ("path", "method", "allow"),
    [
        (A + query(), "POST", "GET"),
        (B + query(), "DELETE", "GET"),
        (WRITE, "GET", "POST, DELETE"),
        (WRITE, "PUT", "POST, DELETE"),
    ],
)
def test_another_method_does_not_reach_the_application(stand_ins, path, method, allow):
    answer = ask(stand_ins, method, path)
    assert (answer.status, answer.headers["Allow"], answer.data) == (405, allow, b"405 METHOD NOT ALLOWED")


def test_control_digits_are_looked_at_when_told(stand_ins):
    stand_ins.switch(**{"pension.control_digits": True})
    assert fault_of(ask(stand_ins, "GET", A + SAMPLE, profile="seed"))[1] == "OTP-004"
    wrong = ask(stand_ins, "POST", WRITE, changed(opplysningspliktig={"norskIdentifikator": "987654321"}))
    assert wrong.status == 400
    assert ask(stand_ins, "POST", WRITE, EXAMPLE).status == 201


def test_a_refused_body_changes_nothing(stand_ins):
    ask(stand_ins, "POST", WRITE, changed(fraOgMed="2020-13"))
    stand_ins.fault("/otp", code="OTP-001")
    ask(stand_ins, "POST", WRITE, EXAMPLE)
    assert kept(stand_ins) == {}


# --- XML ---


def as_tuple(node):
    """Return an element's name, its text and its children."""
    return (node.tag, (node.text or "").strip(), [as_tuple(child) for child in node])


@pytest.mark.parametrize("profile", BASES)
@pytest.mark.parametrize(
    ("path", "root", "space", "name", "missing"),
    [
        pytest.param(
            A, "avtaleforholdGyldighet", "avtaleforholdgyldighet:v1", WITHOUT, ["2022-01", "2022-02"], id="agreement"
        ),
        pytest.param(B, "virkningsperiodeGyldighet", "virkningsperiodegyldighet:v1", OUTSIDE, ["2022-02"], id="effect"),
    ],
)
def test_answers_in_xml(stand_ins, profile, path, root, space, name, missing):
    asked = query(fraOgMed="2021-12", tilOgMed="2022-02")

    answer = ask(stand_ins, "GET", path + asked, profile=profile, Accept="application/xml")

    ns = f"{{{NS}{space}}}"
    children = [(f"{ns}maaned", text, []) for text in missing]
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/xml")
    assert as_tuple(ElementTree.fromstring(answer.data)) == (
        f"{ns}{root}",
        "",
        [(f"{ns}gyldig", "false", []), (f"{ns}{name}", "", children)],
    )
    good = ask(stand_ins, "GET", path + query(), profile=profile, Accept="application/xml")
    assert as_tuple(ElementTree.fromstring(good.data)) == (f"{ns}{root}", "", [(f"{ns}gyldig", "true", [])])


@pytest.mark.parametrize(("profile", "code", "number"), [("seed", "OTP-003", 3), ("current", "OTP-006", 6)])
def test_faults_in_xml(stand_ins, profile, code, number):
    correlation_id = "a9de0f31-ced5-4bb2-8175-f8002daf2ff2"
    path = A + query(pensjonsinnretning=None)
    answer = ask(stand_ins, "GET", path, profile=profile, Accept="application/xml", Korrelasjonsid=correlation_id)
    ns = "{urn:no:skatteetaten:datasamarbeid:feil:v1}"
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/xml")
    assert as_tuple(ElementTree.fromstring(answer.data)) == (
        f"{ns}feil",
        "",
        [
            (f"{ns}kode", code, []),
            (f"{ns}melding", TEXTS[profile][number], []),
            (f"{ns}korrelasjonsid", correlation_id, []),
        ],
    )


def xml(body, document):
    inside = "".join(
        f"<{name}><norskIdentifikator>{value['norskIdentifikator']}</norskIdentifikator></{name}>"
        if isinstance(value, dict)
        else f"<{name}>{value}</{name}>"
        for name, value in body.items()
    )
    return f'<avtaleforhold xmlns="{NS}{document}">{inside}</avtaleforhold>'.encode()


def test_xml_is_taken_when_told(stand_ins):
    stand_ins.switch(**{"pension.xml_input": True})
    kind = {"Content_Type": "application/xml"}
    in_order = {name: {**EXAMPLE, "tilOgMed": "2022-03"}[name] for name in (
        "avtalereferanse", "fraOgMed", "tilOgMed", "opplysningspliktig",
    )}  # fmt: skip

    assert done(ask(stand_ins, "POST", WRITE, xml(in_order, "avtaleforhold:v1"), **kind)) == (201, b"", None)
    assert kept(stand_ins) == {f"{BANK}/999999999": {"referanse til avtale": ["2020-01", "2022-03"]}}
    assert done(ask(stand_ins, "DELETE", WRITE, xml(DELETION, "avtaleforhold:slett:v1"), **kind)) == (200, b"", None)
    assert kept(stand_ins) == {}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(xml(EXAMPLE, "avtaleforhold:v2"), id="another namespace"),
        pytest.param(xml(dict(reversed(EXAMPLE.items())), "avtaleforhold:v1"), id="another order"),
        pytest.param(xml({**EXAMPLE, "mer": 1}, "avtaleforhold:v1"), id="an unknown element"),
        pytest.param(xml(EXAMPLE, "avtaleforhold:v1")[:-3], id="not to its end"),
        pytest.param(b"<!DOCTYPE x []>" + xml(EXAMPLE, "avtaleforhold:v1"), id="a document type"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_xml_is_taken_only_as_its_schema_has_it(stand_ins, body):
    stand_ins.switch(**{"pension.xml_input": True})
    answer = ask(stand_ins, "POST", WRITE, body, profile="seed", Content_Type="application/xml")
    assert fault_of(answer)[:2] == (400, "OTP-018")


def test_a_twin_of_xml_in_json_may_name_its_namespace(stand_ins):
    assert ask(stand_ins, "POST", WRITE, {"@xmlns": f"{NS}avtaleforhold:v1", **EXAMPLE}).status == 201
