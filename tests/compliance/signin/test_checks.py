"""What must hold across the settings of signing in before the front door opens."""

import pytest

from compliance.signin import checks

FULL = {
    "OIDC_ISSUER": "https://id.bank.example/",
    "OIDC_CLIENT_ID": "dsop",
    "OIDC_CLIENT_SECRET": "secret",
    "OIDC_SCOPES": "openid profile",
    "OIDC_GROUPS": {"a": "compliance reader", "b": "auditor"},
    "OIDC_GROUPS_CLAIM": "groups",
    "OIDC_EMPLOYEE_CLAIM": "employee",
    "OIDC_SECOND_FACTOR": {"amr": ["mfa"]},
    "ADMIN_LOCAL_ACCOUNTS": "second-factor",
}
NONE = {"OIDC_ISSUER": "", "OIDC_CLIENT_ID": "", "OIDC_CLIENT_SECRET": ""}
HALF = "OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must all be set, or none."
ADDRESS = "OIDC_ISSUER must be an https address without a query."
SCOPES = "OIDC_SCOPES must name openid."
FORM = "OIDC_GROUPS must be a JSON object of claim values and names of groups."
EMPTY = "OIDC_GROUPS or OIDC_GROUPS_CLAIM is empty: nobody could sign in."
CHOSEN = "OIDC_EMPLOYEE_CLAIM must name a claim with the staff number, not an address or a name."
FACTOR = 'OIDC_SECOND_FACTOR must be {"amr": [...]} or {"acr": [...]} with the values that are accepted.'
NUMBER = "OIDC_EMPLOYEE_CLAIM must be set in production: two accounts of one person would be two people."
NO_FACTOR = "OIDC_SECOND_FACTOR must not be empty in production."
PASSWORD = "Production needs a second factor: name the provider (OIDC_ISSUER), or ask for one of local accounts."


@pytest.fixture
def found(settings):
    """Return a function that says what the checks find in an environment, with these settings."""

    def look(environment, changes):
        settings.ENVIRONMENT, settings.SANDBOX = environment, environment == "sandbox"
        for name, value in {**FULL, **changes}.items():
            setattr(settings, name, value)
        every = (checks.check_provider, checks.check_oidc_groups, checks.check_persons)
        return [(message.id, message.msg) for check in every for message in check()]

    return look


@pytest.mark.parametrize("environment", ["sandbox", "test", "production"])
@pytest.mark.parametrize("changes", [{}, NONE, {"OIDC_SECOND_FACTOR": {"acr": ["high", "higher"]}}])
def test_in_good_order(found, environment, changes):
    assert found(environment, changes) == []


@pytest.mark.parametrize(
    ("environment", "changes", "messages"),
    [
        pytest.param("test", {"OIDC_CLIENT_ID": ""}, [("dsop.E112", HALF)], id="no client"),
        pytest.param("test", {"OIDC_CLIENT_SECRET": ""}, [("dsop.E112", HALF)], id="no secret"),
        pytest.param("test", {"OIDC_ISSUER": ""}, [("dsop.E112", HALF), ("dsop.E112", ADDRESS)], id="no issuer"),
        pytest.param("test", {"OIDC_ISSUER": "http://id.bank.example"}, [("dsop.E112", ADDRESS)], id="http"),
        pytest.param("test", {"OIDC_ISSUER": "http://127.0.0.1:9"}, [("dsop.E112", ADDRESS)], id="this machine"),
        pytest.param("sandbox", {"OIDC_ISSUER": "http://127.0.0.1:9"}, [], id="this machine in the sandbox"),
        pytest.param("sandbox", {"OIDC_ISSUER": "http://id.bank.example"}, [("dsop.E112", ADDRESS)], id="http there"),
        pytest.param("test", {"OIDC_ISSUER": "https://a.example/?b"}, [("dsop.E112", ADDRESS)], id="a query"),
        pytest.param("test", {"OIDC_ISSUER": "https://a@b.example"}, [("dsop.E112", ADDRESS)], id="a name in it"),
        pytest.param("test", {"OIDC_ISSUER": "id.bank.example"}, [("dsop.E112", ADDRESS)], id="a host"),
        pytest.param("test", {"OIDC_SCOPES": "profile email"}, [("dsop.E112", SCOPES)], id="not OpenID"),
        pytest.param("test", {"OIDC_GROUPS": []}, [("dsop.E113", FORM)], id="a list of groups"),
        pytest.param("test", {"OIDC_GROUPS": {"a": ["auditor"]}}, [("dsop.E113", FORM)], id="several groups"),
        pytest.param("test", {"OIDC_GROUPS": {}}, [("dsop.E113", EMPTY)], id="no groups"),
        pytest.param("test", {"OIDC_GROUPS_CLAIM": ""}, [("dsop.E113", EMPTY)], id="no claim of groups"),
        pytest.param("test", {**NONE, "OIDC_GROUPS": {}}, [], id="no groups and no provider"),
        pytest.param(
            "sandbox",
            {"OIDC_GROUPS": {"a": "Auditor", "b": "superuser", "c": "auditor"}},
            [
                ("dsop.E113", "OIDC_GROUPS names a group that there is not: Auditor."),
                ("dsop.E113", "OIDC_GROUPS names a group that there is not: superuser."),
            ],
            id="unknown groups",
        ),
        pytest.param("test", {"OIDC_EMPLOYEE_CLAIM": ""}, [], id="no staff number in test"),
        pytest.param("production", {"OIDC_EMPLOYEE_CLAIM": ""}, [("dsop.E114", NUMBER)], id="no staff number"),
        pytest.param("production", {**NONE, "OIDC_EMPLOYEE_CLAIM": ""}, [], id="no staff number and no provider"),
        pytest.param("test", {"OIDC_EMPLOYEE_CLAIM": "email"}, [("dsop.E114", CHOSEN)], id="an address"),
        pytest.param("test", {"OIDC_EMPLOYEE_CLAIM": "UPN"}, [("dsop.E114", CHOSEN)], id="a name"),
        pytest.param("test", {"OIDC_SECOND_FACTOR": {}}, [], id="no second factor in test"),
        pytest.param("production", {"OIDC_SECOND_FACTOR": {}}, [("dsop.E114", NO_FACTOR)], id="no second factor"),
        pytest.param("test", {"OIDC_SECOND_FACTOR": ["mfa"]}, [("dsop.E114", FACTOR)], id="a list"),
        pytest.param("test", {"OIDC_SECOND_FACTOR": {"amr": "mfa"}}, [("dsop.E114", FACTOR)], id="a text"),
        pytest.param("test", {"OIDC_SECOND_FACTOR": {"amr": []}}, [("dsop.E114", FACTOR)], id="nothing accepted"),
        pytest.param("test", {"OIDC_SECOND_FACTOR": {"amr": [""]}}, [("dsop.E114", FACTOR)], id="an empty one"),
        pytest.param("test", {"OIDC_SECOND_FACTOR": {"mfa": ["a"]}}, [("dsop.E114", FACTOR)], id="another claim"),
        pytest.param(
            "test", {"OIDC_SECOND_FACTOR": {"amr": ["a"], "acr": ["b"]}}, [("dsop.E114", FACTOR)], id="two claims"
        ),
        pytest.param(
            "production", {**NONE, "ADMIN_LOCAL_ACCOUNTS": "password"}, [("dsop.E114", PASSWORD)], id="passwords alone"
        ),
        pytest.param("test", {**NONE, "ADMIN_LOCAL_ACCOUNTS": "password"}, [], id="passwords alone in test"),
    ],
)
def test_faults(found, environment, changes, messages):
    assert found(environment, changes) == messages
