"""The shipped application with a few addresses more, for what its own never show: what arrives, and crashes."""

import time

import orjson

from audit import deadlines
from dsop import worker
from dsop.wsgi import application as shipped

worker.HEAD_SECONDS = worker.BODY_SECONDS = worker.ANSWER_SECONDS = (
    1.0  # so that tests need not wait as long as real clients may
)


def application(environ, start_response):
    match environ["PATH_INFO"]:
        case "/echo":
            heard = {name: value for name, value in environ.items() if isinstance(value, str) and name.isupper()}
            return answer(start_response, heard)
        case "/waited":
            return answer(start_response, {"seconds": time.monotonic() - deadlines.arrived_at()})
        case "/slow":
            time.sleep(0.5)
            return answer(start_response, {})
        case "/crash":
            raise ValueError(environ["HTTP_SECRET"])
        case "/bad-header":
            return answer(start_response, {}, ("X-Broken", environ["HTTP_SECRET"] + "\r\nX-More: 1"))
        case _:
            return shipped(environ, start_response)


def answer(start_response, document, *headers):
    body = orjson.dumps(document)
    head = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers]
    start_response("200 OK", head)
    return [body]
