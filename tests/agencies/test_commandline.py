"""One sentence for each failure, a number never as an argument in production, and a token told of but not told."""

import base64
import io
import json
import sys
import time

import pytest
from django.core.management.base import CommandError

from agencies import errors
from agencies.commandline import AgencyCommand, told
from agencies.diagnosis import token_findings
from agencies.session import Api, Session

THEIRS = "df496591-dabc-42b8-84e2-163ad19302e6"
SCOPE = "skatteetaten:innrapporteringboligsparingungdom"
BANK, CUSTOMER = "213456008", "313367002"


def error(kind, **more):
    return kind(api="pension", **more)


@pytest.mark.parametrize(
    ("failure", "line"),
    [
        pytest.param(
            error(errors.Invalid, status=400, code="OTP-003", correlation_id=THEIRS),
            f"The agency found a fault in the request. (HTTP 400, OTP-003, correlation id {THEIRS})",
            id="a refusal with all it has",
        ),
        pytest.param(
            error(errors.NotTheApplication, status=404),
            "The request did not reach the application. (HTTP 404)",
            id="not the application",
        ),
        pytest.param(
            error(errors.Unreachable, may_have_arrived=True),
            "The agency could not be reached, or did not answer in time.",
            id="nobody there",
        ),
        pytest.param(
            errors.NoToken("invalid_grant", status=400, code="MP-110"),
            "Nothing was sent: Maskinporten gave no token. (HTTP 400, invalid_grant, MP-110)",
            id="no token",
        ),
        pytest.param(
            errors.NotConfigured("OTP_BASE_URL"),
            "Nothing was sent: OTP_BASE_URL is not set, or does not fit the other settings.",
            id="a setting",
        ),
        pytest.param(
            errors.BadInput("identifier"),
            "Nothing was sent: the identifier is not one that may be sent there.",
            id="a number",
        ),
    ],
)
def test_a_failure_in_one_line(failure, line, capsys):
    class Fails(AgencyCommand):
        requires_system_checks = ()

        def errand(self, *arguments, **options):
            raise failure

    assert told(failure) == line
    with pytest.raises(SystemExit) as ended:
        Fails().run_from_argv(["manage.py", "fails"])
    assert (ended.value.code, capsys.readouterr()) == (1, ("", f"CommandError: {line}\n"))


class Echo(AgencyCommand):
    requires_system_checks = ()

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("identifier")

    def errand(self, *arguments, **options):
        number = self.identifier(options["identifier"])
        self.stdout.write(json.dumps([number]) if options["as_json"] else number)


@pytest.mark.parametrize(
    ("environment", "arguments", "stdin", "code", "said"),
    [
        pytest.param("sandbox", ["01810112345"], "", 0, "01810112345\n", id="sandbox, as an argument"),
        pytest.param("test", ["01810112345"], "", 0, "01810112345\n", id="test, as an argument"),
        pytest.param("test", ["-"], "01810112345\n", 0, "01810112345\n", id="test, on stdin"),
        pytest.param("production", ["-"], "01810112345\r\nx", 0, "01810112345\n", id="production, on stdin: one line"),
        pytest.param("production", ["--json", "-"], "01810112345", 0, '["01810112345"]\n', id="as JSON"),
        pytest.param("production", ["01010112345"], "", 2, "", id="production, as an argument"),
        pytest.param("production", [], "", 2, "", id="no argument"),
        pytest.param("production", ["--nonsense", "-"], "", 2, "", id="an unknown option"),
    ],
)
def test_how_a_number_is_given(settings, monkeypatch, capsys, environment, arguments, stdin, code, said):
    settings.ENVIRONMENT = environment
    monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    try:
        Echo().run_from_argv(["manage.py", "echo", *arguments])
        ended = 0
    except SystemExit as exit_:
        ended = exit_.code
    out, err = capsys.readouterr()
    assert (ended, out) == (code, said)
    assert "01010112345" not in err


def actor(number):
    return {"authority": "iso6523-actorid-upis", "ID": f"0192:{number}"}


def token(**changes):
    now = int(time.time())
    claims = {
        "iss": "https://test.maskinporten.no/",
        "aud": "unspecified",
        "scope": f"other {SCOPE}",
        "client_id": "3b1c7f02-5a64-4b8e-9d53-0c2a44e0a111",
        "client_amr": "virksomhetssertifikat",
        "token_type": "Bearer",
        "iat": now,
        "exp": now + 120,
        "jti": "1",
        "consumer": actor(BANK),
        **changes,
    }
    members = {name: value for name, value in claims.items() if value is not None}
    return f"e30.{base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b'=').decode()}.c2ln"


def faults(given, **session):
    known = Session(Api(name="bsu", scopes=(SCOPE,)), **session)
    return [what for what, holds in token_findings(given, known, now=time.time()).items() if not holds]


def system_user(number, spelled="ID"):
    owner = {"authority": "iso6523-actorid-upis", spelled: f"0192:{number}"}
    return [{"type": "urn:altinn:systemuser", "systemuser_org": owner, "systemuser_id": ["x"], "system_id": "y"}]


HOLDS = "it holds the scope"
IN_TIME = "it has 15 seconds left"
CONSUMER = "its consumer is the enterprise"
SUPPLIER = "it names us as supplier"
SYSTEM = "it has the organisation's system user"


@pytest.mark.parametrize(
    ("changes", "session", "found"),
    [
        pytest.param({}, {}, [], id="all well"),
        pytest.param({"aud": None}, {}, [], id="no audience at all"),
        pytest.param({"iss": "https://test.maskinporten.no"}, {}, ["its issuer is MASKINPORTEN_ISSUER"], id="no slash"),
        pytest.param(
            {"aud": "https://api.skatteetaten.no"},
            {},
            ["it is for nobody in particular (no resource was asked for)"],
            id="a resource was asked for",
        ),
        pytest.param({"scope": f"{SCOPE}x"}, {}, [HOLDS], id="a scope that begins alike"),
        pytest.param({"scope": None}, {}, [HOLDS], id="no scope"),
        pytest.param({"scope": [SCOPE]}, {}, [HOLDS], id="a list of scopes"),
        pytest.param({"client_id": "x"}, {}, ["its client is MASKINPORTEN_CLIENT_ID"], id="another client"),
        pytest.param({"token_type": "mac"}, {}, ["its type is Bearer"], id="another type"),
        pytest.param(
            {"client_amr": ["x"]}, {}, ["the client proved itself in a way that agencies accept"], id="another proof"
        ),
        pytest.param({"iat": 2**40}, {}, ["it was issued before now"], id="from the future"),
        pytest.param({"exp": int(time.time()) + 5}, {}, [IN_TIME], id="about to end"),
        pytest.param({"exp": "soon"}, {}, [IN_TIME], id="an end that is text"),
        pytest.param({"consumer": actor(CUSTOMER)}, {}, [CONSUMER], id="somebody else's"),
        pytest.param({"consumer": {"authority": "x", "ID": f"0192:{BANK}"}}, {}, [CONSUMER], id="another authority"),
        pytest.param({"supplier": actor(CUSTOMER)}, {}, ["nobody else acts as supplier"], id="an unexpected supplier"),
        pytest.param(
            {"consumer": actor(CUSTOMER), "supplier": actor(BANK)}, {"consumer_org": CUSTOMER}, [], id="delegated"
        ),
        pytest.param({}, {"consumer_org": CUSTOMER}, [CONSUMER, SUPPLIER], id="not delegated after all"),
        pytest.param(
            {"authorization_details": system_user(CUSTOMER)},
            {"system_user_organisation": CUSTOMER},
            [],
            id="a system user",
        ),
        pytest.param(
            {"authorization_details": system_user(CUSTOMER, "id")},
            {"system_user_organisation": CUSTOMER},
            [],
            id="a system user, as older examples spell it",
        ),
        pytest.param(
            {"authorization_details": system_user(BANK)},
            {"system_user_organisation": CUSTOMER},
            [SYSTEM],
            id="another organisation's system user",
        ),
        pytest.param({}, {"system_user_organisation": CUSTOMER}, [SYSTEM], id="no system user"),
        pytest.param(
            {"authorization_details": ["x", None]},
            {"system_user_organisation": CUSTOMER},
            [SYSTEM],
            id="details that are none",
        ),
        pytest.param(
            {"authorization_details": 1},
            {"system_user_organisation": CUSTOMER},
            [SYSTEM],
            id="details that are a number",
        ),
    ],
)
def test_what_a_token_lacks(bank, changes, session, found):
    assert faults(token(**changes), **session) == found


def test_no_token_at_all(bank):
    assert "it is a JWT" in faults("opaque")


class Diagnoses(AgencyCommand):
    requires_system_checks = ()

    def errand(self, *arguments, **options):
        session = Session(Api(name="bsu", scopes=(SCOPE,)))
        self.diagnose(session, as_json=options["as_json"], more={"the profile is known": True})


@pytest.mark.parametrize("as_json", [False, True], ids=["for people", "as JSON"])
@pytest.mark.parametrize("good", [True, False], ids=["accepted", "refused"])
def test_diagnose(bank, maskinporten, as_json, good):
    given = token() if good else token(scope="other")
    maskinporten.clear()
    maskinporten.answer(200, json.dumps({"access_token": given, "expires_in": 120}))
    out = io.StringIO()
    if good:
        Diagnoses(stdout=out).handle(as_json=as_json)
    else:
        with pytest.raises(CommandError, match=r"^The agency would refuse this token\.$"):
            Diagnoses(stdout=out).handle(as_json=as_json)
    if as_json:
        findings = json.loads(out.getvalue())
    else:
        findings = {line[4:]: line.startswith("yes") for line in out.getvalue().splitlines()}
    assert findings == {
        "it is a JWT": True,
        "its issuer is MASKINPORTEN_ISSUER": True,
        "it is for nobody in particular (no resource was asked for)": True,
        "it holds the scope": good,
        "its client is MASKINPORTEN_CLIENT_ID": True,
        "its type is Bearer": True,
        "the client proved itself in a way that agencies accept": True,
        "it was issued before now": True,
        "it has 15 seconds left": True,
        "its consumer is the enterprise": True,
        "nobody else acts as supplier": True,
        "the profile is known": True,
    }
    assert given not in out.getvalue()
