"""The stand-in's addresses: the police's key set, and its authority's lists of revoked certificates."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from sandbox.certpub import crl
from sandbox.certpub.site import here
from sandbox.police.authority import police_at


@require_safe
def key_set(request: HttpRequest) -> HttpResponse:
    """Return the keys that orders are signed with."""
    return JsonResponse(police_at(here()).key_set())


@require_safe
def revocation_list(request: HttpRequest, issuer: str) -> HttpResponse:
    """Return the list of the root or of the intermediate."""
    police = police_at(here())
    octets = crl.revocation_list(getattr(police, issuer), police.register, datetime.now(UTC))
    return HttpResponse(octets, content_type="application/pkix-crl")
