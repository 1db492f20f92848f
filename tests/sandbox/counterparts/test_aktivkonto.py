"""The stand-in of Aktiv konto answers as its page says, in either profile; every table is written from the page."""

import uuid
from xml.etree import ElementTree

import pytest

SCOPE = "skatteetaten:aktivkonto"
SEED, CURRENT = "/api/aktivkonto/ekstern/v3/tin", "/aktivkonto/v3/navUtbetalingskonto/{}"
FAULT = "{urn:no:skatteetaten:datasamarbeid:feil:v1}"
NORWEGIAN, FOREIGN, CARD, NONE, SAMPLE = (
    "17816994780", "46907200809", "27858199021", "23818699190", "28707299217",
)  # fmt: skip
UNKNOWN = "15869010089"

SEED_BODY = {
    "tin": "17816994780",
    "kontoDto": {
        "kontonummer": "32432567604",
        "kontotype": "innskuddskontoINOK",
        "skattekontoegnethet": "brukskonto",
        "bicEllerSwift": None,
        "bankkode": None,
        "bankNavn": "Bank1",
        "bankLandkode": None,
        "iban": None,
        "valuta": None,
        "erUtbetalingskort": False,
        "valgtDato": "2020-03-23",
    },
}
CURRENT_BODY = {
    "personidentifikator": "28707299217",
    "konto": {
        "kontotype": "innskuddskontoIValuta",
        "skattekontoegnethet": "brukskonto",
        "bicEllerSwift": "DOGBPLUZEXP",
        "bankNavn": "Doggerbanken",
        "bankLandkode": "PL",
        "iban": "PL0828538647323163",
        "erUtbetalingskort": False,
        "valgtDato": "2022-11-01",
    },
}
MEMBERS = list(SEED_BODY["kontoDto"])


def headers(stand_ins, scope=SCOPE, **changes):
    sent = {"Authorization": f"Bearer {stand_ins.token(scope)}", "Accept": "application/json"}
    return {name: value for name, value in {**sent, **changes}.items() if value is not None}


def by_body(stand_ins, body, path=SEED, method="POST", **changes):
    return stand_ins.ask(method, path, headers(stand_ins, **changes), body)


def by_address(stand_ins, number, path=CURRENT, method="GET", **changes):
    return stand_ins.ask(method, path.format(number), headers(stand_ins, **changes))


def whole(answer):
    return answer.status, answer.headers["Content-Type"], answer.json()


def fault_of(answer):
    """Return status, code and text of a fault in JSON, which has the three members and no other."""
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert list(body) == ["kode", "melding", "korrelasjonsid"]
    assert str(uuid.UUID(body["korrelasjonsid"])) == body["korrelasjonsid"]
    return answer.status, body["kode"], body["melding"]


# --- answers ---


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_the_seed_pages_example(stand_ins, version):
    answer = by_body(stand_ins, {"tin": NORWEGIAN}, f"/api/aktivkonto/ekstern/{version}/tin")
    assert whole(answer) == (200, "application/json", SEED_BODY)
    assert list(answer.json()["kontoDto"]) == MEMBERS


def test_the_current_pages_example(stand_ins):
    answer = by_address(stand_ins, SAMPLE)
    assert whole(answer) == (200, "application/json", CURRENT_BODY)
    assert list(answer.json()["konto"]) == list(CURRENT_BODY["konto"])


@pytest.mark.parametrize(
    ("number", "set_members", "card"),
    [
        pytest.param(NORWEGIAN, {"kontonummer", "bankNavn"}, False, id="Norwegian account"),
        pytest.param(
            FOREIGN, {"bicEllerSwift", "bankNavn", "bankLandkode", "iban", "valuta"}, False, id="foreign account"
        ),
        pytest.param(CARD, {"kontonummer", "bankNavn"}, True, id="payout card"),
        pytest.param(SAMPLE, {"bicEllerSwift", "bankNavn", "bankLandkode", "iban"}, False, id="the current sample"),
    ],
)
def test_test_persons(stand_ins, number, set_members, card):
    """`seed` has null where `current` leaves out; the values are the same."""
    always = {"kontotype", "skattekontoegnethet", "erUtbetalingskort", "valgtDato"}

    old, new = by_body(stand_ins, {"tin": number}).json(), by_address(stand_ins, number).json()

    assert (old["tin"], new["personidentifikator"]) == (number, number)
    assert list(old["kontoDto"]) == MEMBERS
    assert {name for name, value in old["kontoDto"].items() if value is not None} == set_members | always
    assert new["konto"] == {name: value for name, value in old["kontoDto"].items() if value is not None}
    assert new["konto"]["erUtbetalingskort"] is card


def test_no_account(stand_ins):
    assert whole(by_body(stand_ins, {"tin": NONE})) == (200, "application/json", {"tin": NONE, "kontoDto": None})
    assert fault_of(by_address(stand_ins, NONE)) == (
        404, "AKE-008", "Fant ingen aktiv konto for oppgitt fødselsnummer.",
    )  # fmt: skip


def test_a_former_number_is_answered_with_the_present_one(stand_ins):
    assert by_body(stand_ins, {"tin": "57816994774"}).json() == SEED_BODY
    assert by_address(stand_ins, "57816994774").json()["personidentifikator"] == NORWEGIAN


def test_enterprises_are_answered_unless_switched_off(stand_ins):
    assert by_body(stand_ins, {"tin": "312345609"}).json()["kontoDto"]["kontonummer"] == "99982000021"
    assert by_address(stand_ins, "312345609").json()["personidentifikator"] == "312345609"

    stand_ins.switch(**{"aktivkonto.enterprises": False})

    assert fault_of(by_body(stand_ins, {"tin": "312345609"}))[:2] == (400, "AKE-001")
    assert fault_of(by_address(stand_ins, "312345609"))[:2] == (400, "AKE-006")


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        pytest.param({"aktivkonto.account_as": "list"}, [SEED_BODY["kontoDto"]], id="a list of one"),
        pytest.param({"aktivkonto.account_as": "empty"}, [], id="an empty list"),
        pytest.param({"aktivkonto.account_as": "missing"}, "missing", id="no member"),
        pytest.param({"aktivkonto.shielded": [NORWEGIAN]}, "shielded", id="shielded"),
    ],
)
def test_forms_that_a_client_should_bear(stand_ins, switches, expected):
    stand_ins.switch(**switches)
    document = by_body(stand_ins, {"tin": NORWEGIAN}).json()
    wanted = {"missing": {}, "shielded": {"skjermet": True}}
    further = wanted[expected] if isinstance(expected, str) else {"kontoDto": expected}
    assert document == {"tin": NORWEGIAN, **further}


def test_two_accounts_and_a_new_member(stand_ins):
    stand_ins.switch(**{"aktivkonto.account_as": "lists", "aktivkonto.more_members": True})
    document = by_address(stand_ins, NORWEGIAN).json()
    assert [account["valgtDato"] for account in document["konto"]] == ["2015-01-02", "2020-03-23"]
    assert set(document) == {"personidentifikator", "konto", "nyttMedlem"}


# --- every code ---

SEED_FAULTS = [
    pytest.param({"body": {}}, (400, "AKE-001", "Tin mangler"), id="no tin"),
    pytest.param({"body": b""}, (400, "AKE-001", "Tin mangler"), id="no body"),
    pytest.param({"body": b"{"}, (400, "AKE-001", "Tin mangler"), id="malformed JSON"),
    pytest.param({"body": [NORWEGIAN]}, (400, "AKE-001", "Tin mangler"), id="a list"),
    pytest.param({"body": {"tin": None}}, (400, "AKE-001", "Tin mangler"), id="null"),
    pytest.param({"body": {"tin": 17816994780}}, (400, "AKE-001", "Tin mangler"), id="a number"),
    pytest.param({"body": {"tin": "1781699478"}}, (400, "AKE-001", "Tin mangler"), id="ten digits"),
    pytest.param({"body": {"tin": "١٧٨١٦٩٩٤٧٨٠"}}, (400, "AKE-001", "Tin mangler"), id="other digits"),
    pytest.param({"body": {"tin": UNKNOWN}}, (404, "AKE-002", "Fant ikke partsnummer for oppgitt tin"), id="unknown"),
    pytest.param(
        {"body": {"tin": NORWEGIAN}, "ordered": "AKE-003"},
        (500, "AKE-003", "Feil oppstod under oppslag av aktiv konto"),
        id="ordered",
    ),
    pytest.param(
        {"body": {"tin": NORWEGIAN}, "Authorization": None},
        (401, "DAS-008", "Du er ikke autorisert for tilgang til den forespurte ressursen."),
        id="no token",
    ),
    pytest.param(
        {"body": {"tin": NORWEGIAN}, "Authorization": "Bearer x"},
        (401, "DAS-008", "Du er ikke autorisert for tilgang til den forespurte ressursen."),
        id="no good token",
    ),
    pytest.param(
        {"body": {"tin": NORWEGIAN}, "scope": "skatteetaten:tjenestepensjonsavtale"},
        (403, "DAS-008", "Du er ikke autorisert for tilgang til den forespurte ressursen."),
        id="another scope",
    ),
    pytest.param(
        {"body": {"tin": NORWEGIAN}, "path": "/api/aktivkonto/ekstern/v4/tin"},
        (404, "DAS-002", "Den forespurte URLen svarer ikke til et gyldig endepunkt"),
        id="unknown address",
    ),
]
CURRENT_FAULTS = [
    pytest.param({"ordered": "AKE-001"}, (500, "AKE-001", "Uventet feil på tjenesten."), id="ordered"),
    pytest.param(
        {"ordered": "AKE-002"}, (500, "AKE-002", "Uventet feil i et bakenforliggende system."), id="ordered, behind"
    ),
    pytest.param({"path": "/aktivkonto/v3/{}"}, (404, "AKE-003", "Ukjent url benyttet."), id="no package"),
    pytest.param({"path": CURRENT + "/"}, (404, "AKE-003", "Ukjent url benyttet."), id="a slash too many"),
    pytest.param({"Authorization": None}, (401, "AKE-004", "Feil i forbindelse med autentisering."), id="no token"),
    pytest.param(
        {"Authorization": "Bearer x"}, (401, "AKE-004", "Feil i forbindelse med autentisering."), id="no good token"
    ),
    pytest.param({"scope": "x"}, (403, "AKE-005", "Feil i forbindelse med autorisering."), id="another scope"),
    pytest.param(
        {"switches": {"aktivkonto.allotted": {}}},
        (403, "AKE-005", "Feil i forbindelse med autorisering."),
        id="package of others",
    ),
    pytest.param(
        {"path": "/aktivkonto/v3/nav/{}"},
        (400, "AKE-006", "Feil i forbindelse med validering av inputdata."),
        id="unknown package",
    ),
    pytest.param(
        {"number": "1781699478"},
        (400, "AKE-006", "Feil i forbindelse med validering av inputdata."),
        id="ten digits",
    ),
    pytest.param({"number": UNKNOWN}, (404, "AKE-007", "Ingen treff på oppgitt fødselsnummer."), id="unknown"),
    pytest.param(
        {"number": NONE}, (404, "AKE-008", "Fant ingen aktiv konto for oppgitt fødselsnummer."), id="no account"
    ),
    pytest.param(
        {"Accept": "text/html"},
        (406, "AKE-009", "Feil tilknyttet dataformat. Kun json eller xml er støttet."),
        id="neither format",
    ),
]
COMMON_FAULTS = [
    (500, "DAS-001", "Det var en uventet feil på tjenesten. Vennligst ta kontakt med brukerstøtte, med applikasjon "
     "og korrelasjonsid fra denne meldingen!"),
    (404, "DAS-002", "Den forespurte URLen svarer ikke til et gyldig endepunkt"),
    (500, "DAS-003", "Den forespurte informasjonen er for øyeblikket utilgjengelig, vennligst prøv igjen senere! "
     "Dersom problemet vedvarer, ta kontakt med brukerstøtte!"),
    (500, "DAS-004", "Det skjedde en feil i forbindelse med intern autentisering i Skatteetaten"),
    (500, "DAS-005", "Det skjedde en feil i forbindelse med intern autentisering i Skatteetaten"),
    (500, "DAS-006", "Det skjedde en feil i forbindelse med intern autentisering i Skatteetaten"),
    (500, "DAS-007", "Det skjedde en feil i forbindelse med intern autentisering i Skatteetaten"),
    (403, "DAS-008", "Du er ikke autorisert for tilgang til den forespurte ressursen."),
]  # fmt: skip


def prepared(stand_ins, asked):
    """Turn what the case wants turned, and return the rest of it."""
    asked = dict(asked)
    stand_ins.switch(**asked.pop("switches", {}))
    if code := asked.pop("ordered", ""):
        stand_ins.fault("/", code=code)
    return asked


@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize(("asked", "fault"), SEED_FAULTS)
def test_faults_of_the_seed(stand_ins, asked, fault, version):
    asked = prepared(stand_ins, asked)
    path = asked.pop("path", f"/api/aktivkonto/ekstern/{version}/tin")
    assert fault_of(by_body(stand_ins, asked.pop("body"), path, **asked)) == fault


@pytest.mark.parametrize(("asked", "fault"), CURRENT_FAULTS)
def test_faults_of_today(stand_ins, asked, fault):
    asked = prepared(stand_ins, asked)
    assert fault_of(by_address(stand_ins, asked.pop("number", NORWEGIAN), **asked)) == fault


@pytest.mark.parametrize("fault", COMMON_FAULTS)
def test_common_faults_in_either_profile(stand_ins, fault):
    stand_ins.fault("/", code=fault[1], times=2)
    assert fault_of(by_body(stand_ins, {"tin": NORWEGIAN})) == fault
    assert fault_of(by_address(stand_ins, NORWEGIAN)) == fault


def test_every_code_of_the_page_is_tried():
    def codes(table):
        return {case.values[1][1] for case in table if case.values[1][1].startswith("AKE")}

    assert codes(SEED_FAULTS) == {f"AKE-00{number}" for number in range(1, 4)}
    assert codes(CURRENT_FAULTS) == {f"AKE-00{number}" for number in range(1, 10)}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"Authorization": None}, 401, id="no token"),
        pytest.param({"scope": "x"}, 403, id="another scope"),
        pytest.param({}, 403, id="a good token"),
    ],
)
def test_the_first_version_is_closed_and_says_so(stand_ins, changes, status):
    answer = by_body(stand_ins, {"tin": NORWEGIAN}, "/api/aktivkonto/ekstern/v1/tin", **changes)
    said = "Versjon v1 krever virksomhetssertifikat og er ikke i bruk lenger. Bruk v3."
    assert fault_of(answer) == (status, "DAS-008", said)


@pytest.mark.parametrize(
    "changes", [{"exp": 1}, {"iss": "https://test.maskinporten.no/"}, {"aud": "https://x.example"}]
)
def test_a_token_is_looked_at(stand_ins, changes):
    token = stand_ins.token(SCOPE, **changes)
    answer = by_address(stand_ins, NORWEGIAN, Authorization=f"Bearer {token}")
    assert fault_of(answer)[:2] == (401, "AKE-004")


def test_a_token_without_its_kind_is_none(stand_ins):
    token = stand_ins.token(SCOPE)
    assert fault_of(by_address(stand_ins, NORWEGIAN, Authorization=token))[:2] == (401, "AKE-004")


@pytest.mark.parametrize(("wrong", "status"), [(False, 404), (True, 400)])
def test_control_digits_are_looked_at_when_told(stand_ins, wrong, status):
    stand_ins.switch(**{"aktivkonto.control_digits": wrong})
    assert by_address(stand_ins, "17816994781").status == status


@pytest.mark.parametrize(
    ("ask", "allow"),
    [
        pytest.param(lambda s: by_body(s, {"tin": NORWEGIAN}, method="PUT"), "POST", id="seed"),
        pytest.param(lambda s: by_address(s, NORWEGIAN, method="POST"), "GET", id="current"),
    ],
)
def test_another_method_does_not_reach_the_application(stand_ins, ask, allow):
    answer = ask(stand_ins)
    assert (answer.status, answer.headers["Allow"], answer.data) == (405, allow, b"405 METHOD NOT ALLOWED")


# --- formats ---


@pytest.mark.parametrize(
    ("ask", "fault"),
    [
        pytest.param(
            lambda s, **more: by_body(s, {"tin": UNKNOWN}, **more),
            (404, "AKE-002", "Fant ikke partsnummer for oppgitt tin"),
            id="seed",
        ),
        pytest.param(
            lambda s, **more: by_address(s, NORWEGIAN, **more),
            (406, "AKE-009", "Feil tilknyttet dataformat. Kun json eller xml er støttet."),
            id="current: no answer in XML",
        ),
        pytest.param(
            lambda s, **more: by_address(s, NORWEGIAN, **more, Authorization="Bearer x"),
            (401, "AKE-004", "Feil i forbindelse med autentisering."),
            id="current",
        ),
    ],
)
def test_faults_in_xml(stand_ins, ask, fault):
    answer = ask(stand_ins, Accept="application/xml", Korrelasjonsid="a9de0f31-ced5-4bb2-8175-f8002daf2ff2")
    root = ElementTree.fromstring(answer.data)
    assert (answer.headers["Content-Type"], root.tag) == ("application/xml", f"{FAULT}feil")
    assert [(child.tag.removeprefix(FAULT), child.text) for child in root] == [
        ("kode", fault[1]),
        ("melding", fault[2]),
        ("korrelasjonsid", "a9de0f31-ced5-4bb2-8175-f8002daf2ff2"),
    ]
    assert answer.status == fault[0]


@pytest.mark.parametrize("accept", ["application/xml", "text/html"])
def test_the_seed_answers_in_json_whatever_is_wanted(stand_ins, accept):
    assert whole(by_body(stand_ins, {"tin": NORWEGIAN}, Accept=accept)) == (200, "application/json", SEED_BODY)


@pytest.mark.parametrize(
    ("sent", "echoed"),
    [
        pytest.param("df496591-dabc-42b8-84e2-163ad19302e6", True, id="echoed"),
        pytest.param(None, False, id="made"),
        pytest.param("x<y", False, id="not taken over"),
    ],
)
def test_each_call_has_its_correlation_id(stand_ins, sent, echoed):
    first, second = (by_address(stand_ins, UNKNOWN, Korrelasjonsid=sent).json()["korrelasjonsid"] for _ in range(2))
    assert (first == sent) is echoed
    assert (first == second) is echoed
