"""The intake's addresses. Every refusal is JSON in Skatteetaten's form for reports."""

import functools
import logging
from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from sandbox.counterparts.bsu import asking, deliveries, lag, receiving, schema
from sandbox.counterparts.bsu.faults import Fault, Specification, correlation_id
from sandbox.counterparts.bsu.receiving import Submission
from sandbox.counterparts.control import switch
from sandbox.counterparts.state import shelf
from sandbox.maskinporten.clients import BANK_NUMBER

EXAMPLE_YEAR, EXAMPLE_REPORTER = 2023, "987654321"
logger = logging.getLogger(__name__)
View = Callable[..., HttpResponse]


def answers_faults(view: View) -> View:
    """Return the view with each fault as its body; what nobody foresaw is GLD_001."""

    @csrf_exempt
    @functools.wraps(view)
    def answered(request: HttpRequest, **parameters: str) -> HttpResponse:
        try:
            return view(request, **parameters)
        except Fault as fault:
            return _refused(fault, request)
        except Exception:
            logger.warning("stand_in.crashed", exc_info=True)
            return _refused(Fault("GLD_001"), request)

    return answered


@answers_faults
def submission(request: HttpRequest, year: str) -> HttpResponse:
    """Take a submission in, once for its key, and return the receipt."""
    _only(request, "POST")
    organisation = asking.organisation(request)
    asking.check_submission(request, year)
    key = asking.key(request)
    opened = schema.opened(request.body)
    schema.check(opened)
    delivery = opened["leveranse"]
    _check_year(delivery["inntektsaar"], int(year))
    _check_right(delivery["oppgavegiver"]["organisasjonsnummer"], organisation)
    documents, page = f"{request.path}/forsendelser", reverse("dialogporten-page")
    incoming = Submission(
        body=request.body,
        delivery=delivery,
        organisation=organisation,
        key=key,
        documents=request.build_absolute_uri(documents),
        page=request.build_absolute_uri(page),
    )
    same = deliveries.sameness(request.body, request.path, organisation)
    record = deliveries.once(key, same, lambda: receiving.deliver(incoming))
    return JsonResponse(record["answer"])


@answers_faults
def document(request: HttpRequest, year: str, submission_id: str, document_id: str) -> HttpResponse:
    """Return a document of a submission in the form that it has; feedback only when it is due."""
    _only(request, "GET")
    organisation = asking.organisation(request)
    asked = {"forsendelseId": submission_id, "dokumentId": document_id}
    submission_id, document_id = asking.identifiers(**asked)
    found = shelf(deliveries.SUBMISSIONS).get(submission_id)
    if found is None or (str(found["year"]), found["organisation"]) != (year, organisation):
        raise Fault("GLD_021", Specification("GLD_1061", "forsendelseId", submission_id))
    position = found["documents"].index(document_id) if document_id in found["documents"] else -1
    if position < 0 or (position > 0 and not _is_there(found, document_id)):
        raise Fault("GLD_021", Specification("GLD_1050", "dokumentId", document_id))
    kept = shelf(deliveries.DOCUMENTS)[document_id]
    return HttpResponse(kept["text"], content_type=kept["media_type"])


@answers_faults
def nothing(request: HttpRequest, path: str = "") -> HttpResponse:
    """Refuse an address that is none."""
    raise Fault("GLD_021", Specification("GLD_1023"))


def counts(request: HttpRequest) -> HttpResponse:
    """Return how many deliveries were processed for each organisation, year and reference."""
    return JsonResponse({"deliveries": deliveries.counts()})


def held(request: HttpRequest, year: str, reporter: str) -> HttpResponse:
    """Return which submission each of the reporter's accounts was delivered by last."""
    return JsonResponse({"accounts": deliveries.held(year, reporter)})


def _only(request: HttpRequest, method: str) -> None:
    if request.method != method:
        fault = Fault("GLD_022")
        fault.allowed = method
        raise fault


def _check_year(stated: int, asked: int) -> None:
    if stated != asked:
        raise Fault("GLD_010", Specification("GLD_1052", "leveranse/inntektsaar", str(stated)))
    if asked not in _open_years(timezone.localdate()):
        raise Fault("GLD_006", Specification("GLD_1027", "inntektsaar", str(asked)))


def _open_years(today: date) -> list[int]:
    """Return the years by the switch: else the last three that are over, and the year of the page's example."""
    last_three = [today.year - 1, today.year - 2, today.year - 3]
    return list(switch("bsu.open_years", [*last_three, EXAMPLE_YEAR]))


def _check_right(reporter: str, organisation: str) -> None:
    acts_for: dict[str, Any] = switch("bsu.acts_for", {BANK_NUMBER: [EXAMPLE_REPORTER]})
    if reporter != organisation and reporter not in acts_for.get(organisation, []):
        place = "leveranse/oppgavegiver/organisasjonsnummer"
        raise Fault("GLD_005", Specification("GLD_1015", place, reporter))


def _is_there(found: dict[str, Any], document_id: str) -> bool:
    """Return whether the feedback is due; by a switch, the first times that it is asked for it is not."""
    if not lag.feedback_is_due(found["at"]):
        return False
    misses = switch("bsu.feedback_misses", 0)
    asked = shelf("bsu-asked").update(document_id, lambda before: (before or 0) + 1)
    return bool(asked > misses)


def _refused(fault: Fault, request: HttpRequest) -> HttpResponse:
    body = fault.as_json(correlation_id(request.headers.get("Korrelasjonsid")))
    allow = {"Allow": fault.allowed} if fault.allowed else {}
    return JsonResponse(body, status=fault.status, headers=allow)
