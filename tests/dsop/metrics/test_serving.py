"""Who sees the figures: by default nobody, then those whom the settings list, and never what a proxy has passed on."""

import threading
import urllib.request
from contextlib import contextmanager
from functools import partial
from urllib.error import HTTPError

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from dsop import seeing_checks
from dsop.metrics import serving
from dsop.metrics.folder import Folder
from dsop.metrics.known import METRICS
from tests.cluster import free_port

client = partial(Client, headers={"Host": "testserver"})
INSIDE, OUTSIDE = "10.1.0.7", "192.0.2.7"
PROXY = {"HTTP_X_FORWARDED_FOR": INSIDE}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    made = Folder(tmp_path / "metrics")
    made.join()
    monkeypatch.setattr(serving, "folder", lambda: made)
    made.tell({"dsop_requests_total": {("accounts", "none", "answered", "none"): [3]}})
    return made


@pytest.mark.parametrize(
    ("allowed", "bind", "address", "more", "status"),
    [
        pytest.param([], "", INSIDE, {}, 404, id="by default"),
        pytest.param([], "", "127.0.0.1", {}, 404, id="by default, this machine too"),
        pytest.param(["10.1.0.0/24"], "", INSIDE, {}, 200, id="a listed network"),
        pytest.param(["10.1.0.7"], "", INSIDE, {}, 200, id="a listed address"),
        pytest.param(["10.1.0.0/24"], "", "::ffff:10.1.0.7", {}, 200, id="the same address in IPv6's form"),
        pytest.param(["fd00::/8"], "", "fd00::7", {}, 200, id="a network of IPv6"),
        pytest.param(["10.1.0.0/24"], "", OUTSIDE, {}, 404, id="another network"),
        pytest.param(["10.1.0.0/24"], "", "", {}, 404, id="no address"),
        pytest.param(["10.1.0.0/24"], "", INSIDE, PROXY, 404, id="passed on by a proxy that is listed"),
        pytest.param(["10.1.0.0/24"], "", INSIDE, {"HTTP_FORWARDED": "for=10.1.0.7"}, 404, id="passed on, RFC 7239"),
        pytest.param(["10.1.0.0/24"], "", INSIDE, {"HTTP_X_FORWARDED_PROTO": "https"}, 404, id="passed on by TLS"),
        pytest.param(["10.1.0.0/24"], "", INSIDE, {"HTTP_VIA": "1.1 proxy"}, 404, id="passed on, Via"),
        pytest.param(["10.1.0.0/24"], "", INSIDE, {"HTTP_HOST": "elsewhere.example"}, 400, id="a host not ours"),
        pytest.param(["10.1.0.0/24"], "127.0.0.1:9464", INSIDE, {}, 404, id="they have a port of their own"),
    ],
)
def test_on_the_services_port(folder, settings, allowed, bind, address, more, status):
    settings.METRICS_ALLOWED, settings.METRICS_BIND = allowed, bind
    answer = client().get("/metrics", REMOTE_ADDR=address, **more)
    assert answer.status_code == status
    assert (b"dsop_requests_total" in answer.content) == (status == 200)
    if status == 404:
        assert answer.content == client().get("/nothing").content, "as if there were nothing here"


def test_only_get(folder, settings):
    settings.METRICS_ALLOWED = ["127.0.0.1"]
    assert client().get("/metrics").status_code == 200
    assert [getattr(client(), method)("/metrics").status_code for method in ("post", "put", "delete")] == [404] * 3


def test_what_is_shown_can_be_read(folder):
    shown = {one.name: one for one in text_string_to_metric_families(serving.exposition(folder).decode())}
    assert set(shown) == {metric.name.removesuffix("_total") for metric in METRICS}
    for metric in METRICS:
        one = shown[metric.name.removesuffix("_total")]
        assert (one.type, one.documentation) == (metric.kind.value, metric.meaning)
    [sample] = shown["dsop_requests"].samples
    assert sample.labels == {"endpoint": "accounts", "service": "none", "outcome": "answered", "code": "none"}
    assert sample.value == 3


@contextmanager
def own_port(times=1):
    number = free_port()
    ports = [serving.Port("127.0.0.1", number) for _ in range(times)]
    threads = [threading.Thread(target=port.serve_forever, kwargs={"poll_interval": 0.01}) for port in ports]
    for thread in threads:
        thread.start()
    try:
        yield number, ports
    finally:
        for port in ports:
            port.shutdown()
            port.server_close()
        for thread in threads:
            thread.join()


def ask(number, path="/metrics", method="GET"):
    request = urllib.request.Request(f"http://127.0.0.1:{number}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.mark.parametrize(
    ("allowed", "path", "method", "status"),
    [
        pytest.param([], "/metrics", "GET", 200, id="this machine"),
        pytest.param(["127.0.0.0/8"], "/metrics", "GET", 200, id="listed"),
        pytest.param(["10.1.0.0/24"], "/metrics", "GET", 404, id="not listed"),
        pytest.param([], "/metrics?x=15869010089", "GET", 404, id="another path"),
        pytest.param([], "/health/live", "GET", 404, id="nothing else is here"),
        pytest.param([], "/metrics", "POST", 501, id="another method"),
    ],
)
def test_on_a_port_of_their_own(folder, settings, caplog, capfd, allowed, path, method, status):
    settings.METRICS_ALLOWED = allowed
    with own_port() as (number, _):
        told = ask(number, path, method)
    assert told[0] == status
    assert (b"dsop_requests_total" in told[1]) == (status == 200)
    assert (caplog.text, "".join(capfd.readouterr())) == ("", ""), "nothing of a question is repeated"


def test_every_worker_answers_on_the_port(folder):
    with own_port(times=3) as (number, ports):
        for port in ports[1:]:
            port.shutdown()
            port.server_close()
        assert {ask(number)[0] for _ in range(20)} == {200}, "nobody asks those who have ended"


def test_who_hangs_up_early_is_a_line_without_words(folder, caplog):
    caplog.set_level("INFO")
    serving.Port.handle_error(None, None, ("10.1.0.7", 4711))
    assert caplog.messages == ["metrics.client_gone"]


NO_ADDRESS = "METRICS_BIND must be an address and a port such as 127.0.0.1:9464."
OPEN = "METRICS_BIND can be reached from other machines, and METRICS_ALLOWED does not say from which."


@pytest.mark.parametrize(
    ("bind", "allowed", "found"),
    [
        pytest.param("", [], [], id="nowhere"),
        pytest.param("127.0.0.1:9464", [], [], id="this machine"),
        pytest.param("[::1]:9464", [], [], id="this machine by IPv6"),
        pytest.param("0.0.0.0:9464", ["10.1.0.0/24"], [], id="everywhere, for listed ones"),
        pytest.param("0.0.0.0:9464", [], [("dsop.E160", OPEN)], id="everywhere, for all"),
        pytest.param("10.1.0.7:9464", [], [("dsop.E160", OPEN)], id="an inner address, for all"),
        pytest.param("9464", [], [("dsop.E160", NO_ADDRESS)], id="no address"),
        pytest.param("localhost:9464", [], [("dsop.E160", NO_ADDRESS)], id="a name"),
        pytest.param("127.0.0.1:0", [], [("dsop.E160", NO_ADDRESS)], id="no port"),
        pytest.param("127.0.0.1:70000", [], [("dsop.E160", NO_ADDRESS)], id="no such port"),
    ],
)
def test_e160_address(settings, bind, allowed, found):
    settings.METRICS_BIND, settings.METRICS_ALLOWED = bind, allowed
    assert [(message.id, message.msg) for message in seeing_checks.check_metrics_address()] == found


FORM = "METRICS_ALLOWED must hold addresses or networks such as 10.1.0.0/24."
WHOLE = "METRICS_ALLOWED must not hold the whole internet."
BY_PROXY = "METRICS_ALLOWED holds a proxy of ADMIN_TRUSTED_PROXIES: agencies come from it."


@pytest.mark.parametrize(
    ("allowed", "proxies", "bind", "found"),
    [
        pytest.param(["10.1.0.0/24", "fd00::1"], ["10.2.0.0/24"], "", [], id="apart from the proxy"),
        pytest.param(["10.1.0.0/24"], ["10.1.0.1"], "", [BY_PROXY], id="the proxy is in it"),
        pytest.param(["10.1.0.0/24"], ["10.1.0.1"], "10.1.0.9:9464", [], id="the proxy is in it, but not on the port"),
        pytest.param(["0.0.0.0/0"], [], "", [WHOLE], id="everybody"),
        pytest.param(["::/0"], [], "", [WHOLE], id="everybody of IPv6"),
        pytest.param(["monitoring.bank.example"], [], "", [FORM], id="a name"),
        pytest.param(["10.1.0.7/24"], [], "", [FORM], id="a network with host bits"),
    ],
)
def test_e161_who_is_allowed(settings, allowed, proxies, bind, found):
    settings.METRICS_ALLOWED, settings.ADMIN_TRUSTED_PROXIES, settings.METRICS_BIND = allowed, proxies, bind
    assert [message.msg for message in seeing_checks.check_metrics_allowed()] == found


@pytest.mark.parametrize(
    ("mode", "shown", "found"),
    [
        pytest.param(0o700, True, [], id="ours alone"),
        pytest.param(
            0o750, True, ["METRICS_FOLDER cannot be used: it must be this user's, with mode 0700."], id="open"
        ),
        pytest.param(0o750, False, [], id="open, and not used"),
    ],
)
def test_e162_folder(settings, tmp_path, mode, shown, found):
    settings.METRICS, settings.METRICS_FOLDER = shown, tmp_path / "metrics"
    settings.METRICS_FOLDER.mkdir(mode=mode)
    assert [message.msg for message in seeing_checks.check_metrics_folder()] == found
