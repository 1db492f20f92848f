"""Whether this process lives, and whether it can answer: for the load balancer and the operators."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps

import orjson
from django.db import Error, connection, connections
from django.http import HttpRequest, HttpResponse

from accounts import replicas
from audit import deadlines
from audit.background import Background
from audit.retain import month_keys
from dsop import tracing
from dsop.certificates import certificates
from dsop.errors import refuse
from dsop.metrics import duties as metrics
from legal import limiting, register
from legal.extradition import order_reader
from legal.maskinporten import key_store
from legal.refusals import MethodNotAllowed

DATABASES = {"default": "database", "ledger": "ledger"}
LOOK_EVERY_SECONDS, TRUSTED_FOR_SECONDS = 1.0, 5.0
LOOK_AGAIN_SECONDS, WARM_AGAIN_SECONDS = 0.1, 0.01
"""Until the next look when something was missing: whoever starts a server waits for it."""
MONTH_KEYS_EVERY_SECONDS, REGISTER_SOON_SECONDS = 3600.0, 0.1

View = Callable[[HttpRequest], HttpResponse]


def warm_up() -> None:
    """Start what this process needs before it can answer, so that it becomes ready without being asked anything."""
    key_store().ensure()
    register.ensure()
    limiting.ensure()
    certificates().start()
    replicas.ensure()
    if reader := order_reader():
        reader.keys.ensure()
    _month_keys.ensure()
    metrics.ensure()
    tracing.ensure()


def wait_until_warm(seconds: float) -> None:
    """Wait until requests can be judged and recorded without asking anybody for it, or for so long."""
    until = time.monotonic() + seconds
    while not is_warm() and time.monotonic() < until:
        time.sleep(WARM_AGAIN_SECONDS)


def is_warm() -> bool:
    reader = order_reader()
    keys = (key_store(), reader.keys) if reader else (key_store(),)
    return all(store.ready for store in keys) and register.ready() and month_keys_made.is_set()


def make_month_keys() -> float:
    """Make and load the keys that the trail will be written with, so that no request has to; ask again in an hour."""
    if not register.ready():
        return REGISTER_SOON_SECONDS
    services = [service.slug for service in register.register.in_force().services]
    try:
        month_keys.keep_ahead(services, datetime.now(UTC).date())
    finally:
        connection.close()  # this thread's own, used once an hour
    month_keys_made.set()
    return MONTH_KEYS_EVERY_SECONDS


_month_keys = Background("month-keys", make_month_keys)
month_keys_made = threading.Event()


class Readiness:
    """What the process still waits for, looked at once a second at most once it is ready, by one thread at a time.

    Everybody else gets the last finding meanwhile, so that a flood of questions or a hanging database holds one
    thread and no more.
    """

    def __init__(self, look: Callable[[], list[str]]) -> None:
        self._look = look
        self._looking = threading.Lock()
        self._finding = ["first look"]
        self._looked_at = float("-inf")

    def waiting_for(self) -> list[str]:
        pause = min(LOOK_EVERY_SECONDS, LOOK_AGAIN_SECONDS) if self._finding else LOOK_EVERY_SECONDS
        if time.monotonic() - self._looked_at >= pause and self._looking.acquire(blocking=False):
            try:
                with deadlines.turn(TRUSTED_FOR_SECONDS):
                    self._finding = self._look()
                self._looked_at = time.monotonic()
            finally:
                self._looking.release()
        elif time.monotonic() - self._looked_at > TRUSTED_FOR_SECONDS:
            return ["next look"]
        return self._finding


def look() -> list[str]:
    """Return a word for each thing that is missing; none means ready."""
    missing = [] if key_store().ready else ["keys"]
    if not register.ready():
        missing.append("register")
    if not month_keys_made.is_set():
        missing.append("month keys")
    return missing + [word for alias, word in DATABASES.items() if not reachable(alias)]


def reachable(alias: str) -> bool:
    """Return whether the database answers, on a new connection if the old one was lost."""
    connection = connections[alias]
    for _ in range(2 if connection.connection else 1):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error:
            connection.close()
        else:
            return True
    return False


readiness = Readiness(look)


def get_or_head(view: View) -> View:
    """Answer other methods with 405."""

    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD"}:
            return view(request)
        response = refuse(MethodNotAllowed, request)
        response["Allow"] = "GET, HEAD"
        return response

    return checked


@get_or_head
def live(request: HttpRequest) -> HttpResponse:
    return answer(200, {"status": "ok"})


@get_or_head
def ready(request: HttpRequest) -> HttpResponse:
    if missing := readiness.waiting_for():
        return answer(503, {"status": "not ready", "waiting_for": missing})
    return answer(200, {"status": "ok"})


def answer(status: int, document: dict[str, object]) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(orjson.dumps(document), status=status, content_type="application/json", headers=headers)
