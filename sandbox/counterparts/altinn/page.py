"""The page on which a customer says yes or no, or takes a yes back. It says of itself that it is a stand-in."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.csrf import csrf_exempt

from sandbox.counterparts.altinn import consents
from sandbox.counterparts.altinn.consents import Consent

ANSWERS = {"yes": consents.ACCEPTED, "no": consents.REJECTED, "withdraw": consents.WITHDRAWN}
FRAME = """<!doctype html>
<html lang="nb">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Samtykke – stand-in for Altinn</title>
<style>
body {{ font: 1.05rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; color: #1b1b1b; }}
.label {{ background: #fff3c4; border: 2px solid #7a5b00; padding: .5rem 1rem; }}
button {{ font: inherit; padding: .6rem 1.4rem; margin: .5rem .5rem 0 0; }}
</style></head>
<body><p class="label"><strong>Dette er en stand-in, ikke Altinn.</strong>
Ingen innlogging, ingen virkelige personer.</p>
<main><h1>{}</h1>{}</main></body>
</html>
"""
QUESTION = """<p>Personen med nummer {} blir spurt om å la {} hente opplysninger om studielån hos Lånekassen.</p>
<p>Samtykket gjelder til {}. Det kan trekkes når som helst.</p>
<form method="post">
<button name="answer" value="yes">Ja, jeg samtykker</button>
<button name="answer" value="no">Nei</button>
</form>"""
GIVEN = """<p>Personen med nummer {} har latt {} hente opplysninger om studielån hos Lånekassen fram til {}.</p>
<form method="post"><button name="answer" value="withdraw">Trekk samtykket</button></form>"""


@csrf_exempt
def consent_page(request: HttpRequest) -> HttpResponse:
    """Show the question or the answer. POST answers it, and leads a yes or a no back to the bank."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
    consent = consents.find(request.GET.get("id", "").lower())
    if consent is None:
        return _shown("Finner ikke samtykket", SafeString("<p>Lenken er feil eller for gammel.</p>"), 404)
    if request.method == "POST":
        return _answered(consent, request.POST.get("answer", ""))
    return _shown(*_of(consent))


def _answered(consent: Consent, answer: str) -> HttpResponse:
    now = timezone.now()
    late = answer == "yes" and now >= consent.valid_to
    if answer not in ANSWERS or late or not consents.answer(consent, ANSWERS[answer], now):
        return _shown(*_of(consents.find(consent.id) or consent), 409)
    if answer == "withdraw":
        return _shown("Samtykket er trukket", SafeString("<p>Banken kan ikke lenger hente opplysningene.</p>"))
    # What Altinn adds to the address is not documented: nothing.
    return HttpResponse(status=302, headers={"Location": consent.redirect_url})


def _of(consent: Consent) -> tuple[str, SafeString]:
    bank = consent.bank_name.strip() or "virksomheten"
    until = f"{timezone.localtime(consent.valid_to):%d.%m.%Y kl. %H:%M}"
    if timezone.now() >= consent.valid_to:
        return "Samtykket er utløpt", SafeString("<p>Banken må spørre på nytt.</p>")
    if consent.status == consents.UNOPENED:
        return "Vil du gi samtykke?", format_html(QUESTION, consent.person, bank, until)
    if consent.status == consents.ACCEPTED:
        return "Du har gitt samtykke", format_html(GIVEN, consent.person, bank, until)
    if consent.status == consents.WITHDRAWN:
        return "Samtykket er trukket", SafeString("<p>Banken kan ikke lenger hente opplysningene.</p>")
    return "Du har ikke gitt samtykke", SafeString("<p>Banken har ikke fått hente noe.</p>")


def _shown(title: str, content: SafeString, status: int = 200) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(format_html(FRAME, title, content), status=status, headers=headers)
