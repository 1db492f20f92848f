"""What tests may see and do of consents without a browser."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sandbox.counterparts.altinn import consents
from sandbox.counterparts.state import shelf


def consents_kept(request: HttpRequest) -> HttpResponse:
    """Return every consent, and for Altinn 2's how many times each was exchanged for a token."""
    exchanges = {code: kept["exchanges"] for code, kept in shelf(consents.ALTINN2).items()}
    kept = [{**asdict(consent), "exchanges": exchanges.get(consent.id, 0)} for consent in consents.every()]
    return JsonResponse({"consents": kept})


@csrf_exempt
@require_http_methods(["DELETE"])
def one_consent(request: HttpRequest, consent_id: str) -> HttpResponse:
    """Withdraw the consent, as the customer may at Altinn."""
    consent = consents.find(consent_id)
    withdrawn = consent is not None and consents.answer(consent, consents.WITHDRAWN, timezone.now())
    return JsonResponse({"withdrawn": withdrawn})


@csrf_exempt
@require_http_methods(["POST"])
def end(request: HttpRequest, consent_id: str) -> HttpResponse:
    """Let the consent be over, as it will be when its time has come."""
    consent = consents.find(consent_id)
    if consent is not None:
        consents.end(consent, timezone.now())
    return JsonResponse({"ended": consent is not None})
