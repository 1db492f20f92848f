"""CRT-07: whose certificate it is, by the number in its subject. EO-02: or by the name of an office."""

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from legal.certificate_subjects import NamedSubject, OrganisationSubject
from tests.authority import CONSUMER, named, older, running_publications, seid2
from tests.legal.certificate_world import PASSED, World

OTHER = "974760673"
UNIT, OFFICE = "Påtalemyndigheten", "Godkjenning av utleveringspålegg TEST"
IDENTIFIER, SERIAL, COMMON_NAME = NameOID.ORGANIZATION_IDENTIFIER, NameOID.SERIAL_NUMBER, NameOID.COMMON_NAME
RULES = {
    "strict": OrganisationSubject(CONSUMER),
    "name": OrganisationSubject(CONSUMER, in_common_name=True),
    "missing": OrganisationSubject(CONSUMER, may_be_missing=True),
    "both": OrganisationSubject(CONSUMER, in_common_name=True, may_be_missing=True),
}


@pytest.fixture(scope="module")
def world():
    with running_publications() as publications:
        yield World(publications)


def identified(*values):
    return named("Eksempeletaten", *((IDENTIFIER, value) for value in values))


@pytest.mark.parametrize(
    ("subject", "passes"),
    [
        pytest.param(seid2(), "strict name missing both", id="CRT-07 SEID 2.0"),
        pytest.param(older(), "strict name missing both", id="CRT-07 the older profile"),
        pytest.param(seid2(CONSUMER, (SERIAL, CONSUMER)), "strict name missing both", id="CRT-07 both profiles"),
        pytest.param(seid2(CONSUMER, (SERIAL, OTHER)), "strict name missing both", id="CRT-07 SEID 2.0 comes first"),
        pytest.param(named(f"Etaten {CONSUMER}"), "name missing both", id="CRT-07 in the name alone"),
        pytest.param(named(CONSUMER), "name missing both", id="CRT-07 as the name"),
        pytest.param(named("Etaten"), "missing both", id="CRT-07 none"),
        pytest.param(older(f"UN:NO-{CONSUMER}"), "missing both", id="CRT-07 a serial number of another kind"),
        pytest.param(named(f"Etaten {CONSUMER}0"), "missing both", id="CRT-07 ten digits in the name"),
        pytest.param(
            named("Etaten", (NameOID.ORGANIZATION_NAME, CONSUMER)), "missing both", id="CRT-07 in another attribute"
        ),
        pytest.param(named(f"Etaten {OTHER}"), "missing", id="CRT-07 another's in the name"),
        pytest.param(named(f"{CONSUMER} for {OTHER}"), "missing", id="CRT-07 two in the name"),
        pytest.param(named(f"Etaten {CONSUMER}", (COMMON_NAME, "Etaten")), "missing", id="CRT-07 two names"),
        pytest.param(seid2(OTHER), "", id="CRT-07 another's number"),
        pytest.param(older(OTHER), "", id="CRT-07 another's number in the older profile"),
        pytest.param(seid2(OTHER, (SERIAL, CONSUMER)), "", id="CRT-07 another's number comes first"),
        pytest.param(older(OTHER, (NameOID.ORGANIZATION_NAME, CONSUMER)), "", id="CRT-07 another's, ours elsewhere"),
        pytest.param(identified(f"NTRSE-{CONSUMER}"), "", id="CRT-07 Sweden's register"),
        pytest.param(identified(f"VATNO-{CONSUMER}"), "", id="CRT-07 a VAT number"),
        pytest.param(identified(CONSUMER), "", id="CRT-07 without its register"),
        pytest.param(identified(f"NTRNO-{CONSUMER} "), "", id="CRT-07 a blank behind"),
        pytest.param(identified(f"NTRNO-{CONSUMER}\n"), "", id="CRT-07 a line break behind"),
        pytest.param(identified(f"NTRNO-{CONSUMER}1"), "", id="CRT-07 a digit too many"),
        pytest.param(identified(f"ntrno-{CONSUMER}"), "", id="CRT-07 small letters"),
        pytest.param(identified("NTRNO-９７４７６１０７６"), "", id="CRT-07 digits of another script"),
        pytest.param(identified(f"NTRNO-{CONSUMER}", f"NTRNO-{OTHER}"), "", id="CRT-07 two identifiers"),
        pytest.param(identified(f"NTRNO-{CONSUMER}", f"NTRNO-{CONSUMER} "), "", id="CRT-07 nearly the same twice"),
        pytest.param(named("Etaten", (SERIAL, CONSUMER), (SERIAL, OTHER)), "", id="CRT-07 two serial numbers"),
    ],
)
def test_crt_07_the_number_of_the_subject(world, subject, passes):
    leaf = world.leaf(subject=subject)
    verdicts = {name: world.judge(leaf, subject=rule) for name, rule in RULES.items()}
    assert verdicts == {name: PASSED if name in passes.split() else "crt.subject" for name in RULES}


@pytest.mark.parametrize(
    ("subject", "rule", "number"),
    [
        pytest.param(seid2(), "strict", CONSUMER, id="SEID 2.0"),
        pytest.param(older(), "strict", CONSUMER, id="the older profile"),
        pytest.param(named(CONSUMER), "name", CONSUMER, id="in the name"),
        pytest.param(named(CONSUMER), "missing", None, id="in the name, where we do not look"),
        pytest.param(named("Etaten"), "missing", None, id="none"),
    ],
)
def test_the_number_is_told_only_where_the_certificate_states_it(world, subject, rule, number):
    assert world.check(world.leaf(subject=subject), subject=RULES[rule]).organisation_number == number


def office(*units, names=(OFFICE,)):
    parts = [(NameOID.COUNTRY_NAME, "NO"), *((NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units)]
    parts += [(COMMON_NAME, name) for name in names]
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


@pytest.mark.parametrize(
    ("subject", "verdict"),
    [
        pytest.param(office(UNIT), PASSED, id="EO-02 the office"),
        pytest.param(office(UNIT, names=["Godkjenning av utleveringspålegg"]), "crt.subject", id="EO-02 production's"),
        pytest.param(office("Politiet"), "crt.subject", id="EO-02 another unit"),
        pytest.param(office(), "crt.subject", id="EO-02 no unit"),
        pytest.param(office(UNIT, "Politiet"), "crt.subject", id="EO-02 two units"),
        pytest.param(office(UNIT, names=[]), "crt.subject", id="EO-02 no name"),
        pytest.param(office(UNIT, names=[OFFICE, "Etaten"]), "crt.subject", id="EO-02 two names"),
        pytest.param(office(UNIT.upper()), "crt.subject", id="EO-02 capitals"),
        pytest.param(office("Pa\u030atalemyndigheten"), "crt.subject", id="EO-02 a letter composed of two"),
        pytest.param(office(f"{UNIT} "), "crt.subject", id="EO-02 a blank behind"),
        pytest.param(seid2(), "crt.subject", id="EO-02 an enterprise"),
    ],
)
def test_eo_02_the_named_office(world, subject, verdict):
    assert world.judge(world.leaf(subject=subject), subject=NamedSubject(UNIT, OFFICE)) == verdict


def test_eo_02_an_office_has_no_number(world):
    leaf = world.leaf(subject=office(UNIT))
    assert world.check(leaf, subject=NamedSubject(UNIT, OFFICE)).organisation_number is None
