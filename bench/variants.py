"""The ways to answer that are compared, each as an application ready to be asked in this process."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connections
from django.utils.module_loading import import_string

from bench.questions import Question

READY_SECONDS = 300.0  # a tool that counts instructions makes it slow


class Answer(NamedTuple):
    status: int
    body: bytes


class Wsgi:
    """Does with an application what a WSGI server does: read the whole answer and close it."""

    form = staticmethod(Question.environ)

    def __init__(self, application: Any) -> None:
        self.application = application

    def ask(self, environ: dict[str, Any]) -> Answer:
        told: list[str] = []
        result = self.application(environ, lambda status, headers, *rest: told.append(status))
        body = b"".join(result)
        if hasattr(result, "close"):
            result.close()
        return Answer(int(told[0][:3]), body)


class Asgi:
    """Does with an application what an ASGI server does, on a loop of its own."""

    form = staticmethod(Question.scope)

    def __init__(self, application: Any) -> None:
        self.application = application
        self.loop = asyncio.new_event_loop()
        self.lifespan = application.router.lifespan_context(application)
        self.loop.run_until_complete(self.lifespan.__aenter__())

    def ask(self, scope: dict[str, Any]) -> Answer:
        return self.loop.run_until_complete(self._asked(scope))

    async def _asked(self, scope: dict[str, Any]) -> Answer:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.application({**scope, "state": {}}, receive, send)
        return Answer(sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]))


class Variant(NamedTuple):
    """`settings` is Django's module of settings, `application` a dotted name, `ready` what makes it ready."""

    name: str
    settings: str
    application: str
    ready: Callable[[], object]
    kind: type[Wsgi | Asgi] = Wsgi


def prepare_floor() -> None:
    import_string("bench.floor.prepare")()


def warm_up() -> None:
    """Start the product's background duties as its server does, and wait until it says that it is ready."""
    import_string("dsop.health.warm_up")()
    look = import_string("dsop.health.look")
    deadline = time.monotonic() + READY_SECONDS
    while missing := look():
        if time.monotonic() > deadline:
            raise RuntimeError(f"The product is not ready: {', '.join(missing)}.")
        time.sleep(0.05)
    recipients = import_string("dsop.certificates.certificates")()
    for agency in import_string("legal.register.register").in_force().agencies.values():
        recipients.recipient(agency.certificate_participant)  # looked up now, and not while it is measured
    connections.close_all()


def nothing() -> None:
    """Be ready as it is."""


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("floor", "dsop.settings", "bench.floor.application", prepare_floor),
        Variant("product", "dsop.settings", "dsop.wsgi.application", warm_up),
        Variant("rival", "dsop.settings", "bench.rival.application", nothing, Asgi),
        Variant("idiomatic", "bench.idiomatic_settings", "bench.idiomatic.application", nothing),
    )
}


def opened(name: str) -> Wsgi | Asgi:
    """Return the variant, where Django is set up with its settings."""
    variant = VARIANTS[name]
    application = import_string(variant.application)
    variant.ready()
    return variant.kind(application)
