"""What may go wrong on an errand, as one tree. No sentence holds a number, a name, a token or what was answered.

AgencyError
├ NotSent                nothing left this machine
│ ├ NotConfigured        a setting is missing or contradicts another
│ ├ BadInput             a check of our own refused what was to be sent
│ ├ NoSlot               five calls to the API are under way
│ ├ NoDatabase           the database that counts them did not answer
│ ├ NoToken              Maskinporten refused, or is away
│ └ NotRecorded          the disclosure could not be recorded
├ Unreachable            a network fault, or no answer in time
├ NotTheApplication      what answered was not the agency's application
├ Refused                4xx
│ ├ Invalid 400  ├ Unauthenticated 401  ├ Forbidden 403  ├ NotFound 404  ├ WrongMethod 405
│ └ NotAcceptable 406  ├ Conflict 409  ├ Gone 410  ├ Busy 429
└ Failed                 5xx
  └ Unavailable 503
"""

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from agencies.answers import Answer
from agencies.faults import Fault, Specification


class AgencyError(Exception):
    """A call that did not succeed.

    `code` and `correlation_id` are the agency's own where it gave any; `retry_after` is the seconds it asked for.
    `attempts` counts them all; `repeated` says that one before the last may have been carried out after all.
    """

    sentence = "The call to the agency failed."

    def __init__(
        self,
        *,
        api: str = "",
        status: int | None = None,
        code: str = "",
        correlation_id: str = "",
        specifications: tuple[Specification, ...] = (),
    ) -> None:
        super().__init__(self.sentence)
        self.api = api
        self.status = status
        self.code = code
        self.correlation_id = correlation_id
        self.specifications = specifications
        self.retry_after: float | None = None
        self.attempts = 0
        self.repeated = False


class NotSent(AgencyError):
    sentence = "Nothing was sent."


class NotConfigured(NotSent):
    """`setting` names what is missing, or what contradicts it."""

    def __init__(self, setting: str, *, api: str = "") -> None:
        self.sentence = f"Nothing was sent: {setting} is not set, or does not fit the other settings."
        super().__init__(api=api)
        self.setting = setting


class BadInput(NotSent):
    """`what` is a fixed word, never the input itself."""

    def __init__(self, what: str, *, api: str = "") -> None:
        self.sentence = f"Nothing was sent: the {what} is not one that may be sent there."
        super().__init__(api=api)
        self.what = what


class NoSlot(NotSent):
    sentence = "Nothing was sent: five calls to this API are under way already, and none ended in time."


class NoDatabase(NotSent):
    sentence = "Nothing was sent: the database that counts the calls under way did not answer."


class NoToken(NotSent):
    """`reason` is Maskinporten's own word for it, or ours where it gave none; `code` its MP- number if it gave one."""

    sentence = "Nothing was sent: Maskinporten gave no token."

    def __init__(self, reason: str, *, api: str = "", status: int | None = None, code: str = "") -> None:
        super().__init__(api=api, status=status, code=code)
        self.reason = reason


class NotRecorded(NotSent):
    sentence = "Nothing was sent: the disclosure could not be recorded."


class Unreachable(AgencyError):
    """`may_have_arrived` is False only where the request cannot have reached the agency."""

    sentence = "The agency could not be reached, or did not answer in time."

    def __init__(self, *, may_have_arrived: bool, api: str = "", correlation_id: str = "") -> None:
        super().__init__(api=api, correlation_id=correlation_id)
        self.may_have_arrived = may_have_arrived


class NotTheApplication(AgencyError):
    sentence = "The request did not reach the application."


class Refused(AgencyError):
    sentence = "The agency refused the request."


class Invalid(Refused):
    sentence = "The agency found a fault in the request."


class Unauthenticated(Refused):
    sentence = "The agency did not accept the token."


class Forbidden(Refused):
    sentence = "The agency does not let this organisation do that."


class NotFound(Refused):
    sentence = "The agency has nothing on what was asked for."


class WrongMethod(Refused):
    sentence = "The agency does not know this method at that address."


class NotAcceptable(Refused):
    sentence = "The agency does not answer in the format that was asked for."


class Conflict(Refused):
    sentence = "The agency holds something that the request is in conflict with."


class Gone(Refused):
    sentence = "The agency has deleted what was asked for."


class Busy(Refused):
    sentence = "The agency asks for fewer calls; try again later."


class Failed(AgencyError):
    sentence = "The agency could not answer because of a fault of its own."


class Unavailable(Failed):
    sentence = "The agency's service is away for the moment; try again later."


BY_STATUS: Mapping[int, type[AgencyError]] = {
    400: Invalid,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    405: WrongMethod,
    406: NotAcceptable,
    409: Conflict,
    410: Gone,
    429: Busy,
    503: Unavailable,
}


def decide(
    answer: Answer,
    *,
    api: str,
    profile: str,
    codes: Mapping[tuple[str, str], type[AgencyError]],
    read: Callable[[bytes], Fault | None],
) -> AgencyError:
    """Return what an answer that is no success means: by its HTTP status first, by (profile, code) second.

    A code makes what its status says more particular; the one status that it may replace is a 5xx, where the code is
    about the token. What `read` cannot read did not come from the application.
    """
    fault = read(answer.body)
    kind = _by_status(answer.status)
    error: AgencyError
    if fault is None or kind is None:
        error = NotTheApplication(api=api, status=answer.status, correlation_id=answer.correlation_id)
    else:
        error = _by_code(codes.get((profile, fault.code)), kind)(
            api=api,
            status=answer.status,
            code=fault.code,
            correlation_id=fault.correlation_id or answer.correlation_id,
            specifications=fault.specifications,
        )
    error.retry_after = seconds_of(answer.headers.get("Retry-After", ""))
    return error


def is_about_token(error: AgencyError) -> bool:
    """Return whether another token may help, also where a gateway said so in words of its own."""
    return isinstance(error, Unauthenticated) or error.status == 401


def may_be_done(error: AgencyError) -> bool:
    """Return whether the agency may have carried out what it did not answer well."""
    if isinstance(error, Unreachable):
        return error.may_have_arrived
    return (error.status or 0) >= 500


def seconds_of(retry_after: str) -> float | None:
    """Return how many seconds a Retry-After asks for, as a number or a date, or None where it is neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _by_code(told: type[AgencyError] | None, kind: type[AgencyError]) -> type[AgencyError]:
    fits = told is not None and (issubclass(told, kind) or (told is Unauthenticated and issubclass(kind, Failed)))
    return told if told is not None and fits else kind


def _by_status(status: int) -> type[AgencyError] | None:
    if status in BY_STATUS:
        return BY_STATUS[status]
    if 400 <= status < 500:
        return Refused
    return Failed if 500 <= status < 600 else None
