"""The shipped server set up for production, asked over a socket: what each host has, and its cookies as sent."""

import re
import time
from base64 import b32decode
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django_otp.oath import TOTP

from tests import cluster
from tests.authority import root
from tests.conftest import running
from tests.dsop.test_posture import FILES, PRODUCTION

AGENCIES, PEOPLE, STRANGER = "api.bank.example", "desk.bank.example", "other.example"
LOGIN, LANGUAGE = "/admin/login/", "/admin/language"
PASSWORD = "a long enough password"
NOTHING_HERE = b'{"code":"ACC-002","message":"Not found."}'
HOST_UNKNOWN = b'{"code":"ACC-001","message":"This host is not served here."}'
NO_TOKEN = b'{"code":"ACC-010","message":"An access token from Maskinporten is required."}'


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    """The service as a bank runs it: it lives, and is not ready, because Maskinporten is out of reach."""
    folder = tmp_path_factory.mktemp("production")
    authorities = folder / "authorities.pem"
    authorities.write_bytes(root("Enterprise Root CA").pem)
    hosts = {"ALLOWED_HOSTS": f"127.0.0.1,{AGENCIES},{PEOPLE}", "ADMIN_HOSTS": PEOPLE}
    settings = PRODUCTION | dict.fromkeys(FILES, str(authorities)) | hosts
    with running(cluster.free_port(), folder / "log", environment=settings, health="/health/live") as server:
        yield server


@pytest.mark.parametrize(
    ("host", "path", "status", "body"),
    [
        pytest.param(AGENCIES, "/admin/", 404, NOTHING_HERE, id="no admin for agencies"),
        pytest.param(AGENCIES, LOGIN, 404, NOTHING_HERE, id="no form to sign in there"),
        pytest.param(AGENCIES, LANGUAGE, 404, NOTHING_HERE, id="no language"),
        pytest.param(AGENCIES, "/static/admin/css/base.css", 404, NOTHING_HERE, id="no style sheet"),
        pytest.param(AGENCIES, "/v2/accounts", 401, NO_TOKEN, id="the API for agencies"),
        pytest.param(PEOPLE, "/v2/accounts", 400, HOST_UNKNOWN, id="no API for people"),
        pytest.param(PEOPLE, "/v2", 400, HOST_UNKNOWN, id="nothing of it"),
        pytest.param(STRANGER, "/v2/accounts", 400, HOST_UNKNOWN, id="nor under a name that is not ours"),
        pytest.param(STRANGER, "/admin/", 400, HOST_UNKNOWN, id="where there is no admin either"),
    ],
)
def test_each_host_has_its_own_and_no_cookie_besides(production, host, path, status, body):
    answered = asked(production, "GET", path, Host=host)
    assert (answered.status, answered.data, answered.headers.getlist("Set-Cookie")) == (status, body, [])
    assert answered.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("host", [AGENCIES, PEOPLE])
def test_health_is_everywhere(production, host):
    assert asked(production, "GET", "/health/live", Host=host).status == 200


def test_people_come_by_tls_alone(production):
    answered = production.get("/admin/", {"Host": PEOPLE})
    assert (answered.status, answered.headers["Location"]) == (301, f"https://{PEOPLE}/admin/")
    assert answered.headers.getlist("Set-Cookie") == []


@pytest.fixture
def kari(connected_as, superuser, clean_audit):
    """An account that is committed, and the secret of its second factor."""
    connected_as("serving")
    columns = {"password": make_password(PASSWORD), "is_staff": True, "is_superuser": True}
    user = User.objects.using("serving").create(username="kari-of-production", **columns)
    printed = cluster.manage("admin_second_factor", user.username).stdout
    [address] = re.findall(r"^otpauth://.*$", printed, re.MULTILINE)
    yield user.username, b32decode(parse_qs(urlsplit(address).query)["secret"][0])
    with superuser() as connection:
        connection.execute("DELETE FROM local_secondfactor WHERE user_id = %s", [user.pk])
        connection.execute("DELETE FROM auth_user WHERE id = %s", [user.pk])
        connection.execute("DELETE FROM django_session")


def test_cookies_as_they_are_sent(production, kari):
    """No other host can set them, no script reads them, and none of them leaves without TLS."""
    name, secret = kari
    form = asked(production, "GET", LOGIN, Host=PEOPLE)
    assert form.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert cookies(form) == {"__Host-csrf": {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"}}
    signed_in = posted(production, LOGIN, form, username=name, password=PASSWORD, token=token(secret), next="/admin/")
    assert (signed_in.status, signed_in.headers["Location"]) == (302, "/admin/")
    assert cookies(signed_in) == {
        "__Host-csrf": {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"},
        "__Host-session": {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"},
    }
    spoken = posted(production, LANGUAGE, form, language="nb", next="/admin/")
    [(said, attributes)] = cookies(spoken).items()
    assert (said, attributes) == (
        "__Secure-language",
        {"HttpOnly", "Max-Age=31536000", "Path=/admin", "SameSite=Lax", "Secure"},
    )


def asked(server, method, path, body=None, **fields):
    """Return the answer to a request that the reverse proxy passes on."""
    headers = {"X-Forwarded-Proto": "https", **{name.replace("_", "-"): value for name, value in fields.items()}}
    return server.pool.request(method, path, body=body, headers=headers, redirect=False, assert_same_host=False)


def posted(server, path, form, **fields):
    """Return the answer to what a browser sends from that form."""
    [cookie] = form.headers.getlist("Set-Cookie")
    written = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.data.decode())[1]
    return asked(
        server,
        "POST",
        path,
        urlencode({"csrfmiddlewaretoken": written, **fields}),
        Host=PEOPLE,
        Cookie=cookie.partition(";")[0],
        Referer=f"https://{PEOPLE}{LOGIN}",
        Content_Type="application/x-www-form-urlencoded",
    )


def cookies(answer):
    """Return what each cookie says beside its value and when it ends."""
    lines = answer.headers.getlist("Set-Cookie")
    said = {}
    for line in lines:
        name, _, rest = line.partition("=")
        assert SimpleCookie(line)[name].value
        said[name] = {part for part in rest.split("; ")[1:] if not part.startswith("expires=")}
    assert len(said) == len(lines)
    return said


def token(secret):
    made = TOTP(secret)
    made.time = time.time()
    return f"{made.token():06}"
