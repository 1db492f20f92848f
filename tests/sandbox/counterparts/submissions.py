"""A submission as Skatteetaten's page wants it, and what it takes to send it to the stand-in."""

import copy
import json
import uuid
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sandbox.maskinporten.clients import BANK_NUMBER
from tests.agencies.code_tables import rows

SCOPE = "skatteetaten:innrapporteringboligsparingungdom"
TABLES = Path(__file__).parents[2] / "agencies" / "tables"
ANY_UUID = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

DIALOGS = "/dialogporten/api/v1/enduser/dialogs"
PARTY = f"urn:altinn:organization:identifier-no:{BANK_NUMBER}"
RESOURCE = "urn:altinn:resource:ske-innrapportering-boligsparing-ungdom"
NOBODY = "00000000-0000-0000-0000-000000000007"
TEXTS = {row.code: (row.http, row.text) for row in rows("gld_codes")}
LAST_YEAR = datetime.now(ZoneInfo("Europe/Oslo")).year - 1
ACCOUNT = "leveranse/oppgave/0"
SPOUSE = {"dato": "2023-05-01", "foedselsnummer": "03819512085"}
MANAGER = {"dato": "2023-05-01", "organisasjonsnummer": "351000007"}
EVENTS = {
    "to a spouse": {"avgangsmelding": {"overfoertTilEktefelle": SPOUSE}},
    "from a spouse": {"mottaksmelding": {"mottattFraEktefelle": SPOUSE}},
    "to a manager": {"avgangsmelding": {"overfoertTilForvalter": MANAGER}},
    "from a manager": {"mottaksmelding": {"mottattFraForvalter": MANAGER}},
    "a list of departures": {"avgangsmelding": [{"overfoertTilEktefelle": SPOUSE}, {"overfoertTilForvalter": MANAGER}]},
    "an empty list of arrivals": {"mottaksmelding": []},
    "housing": {"uttaksdatoBolig": "2023-05-01", "uttaksbeloepBolig": 5},
    "breach": {"uttaksdatoBrudd": "2023-05-01"},
    "bankruptcy": {"konkursdato": "2023-05-01"},
    "security": {"sikkerhetsdato": "2023-05-01"},
    "seizure": {"utleggsdato": "2023-05-01", "utleggsbeloep": 5},
    "a contact at the bank": {"bankTilBankKontaktinformasjon": {"kontaktnavn": "A", "telefonnummer": "1"}},
}


def example():
    """The page's example, rebuilt from its figures; persons' numbers are others that fail their check digits too."""
    return json.loads((TABLES / "bsu_example.json").read_text())


def corrected():
    return json.loads((TABLES / "bsu_example_corrected.json").read_text())


def written(document):
    return json.dumps(document, ensure_ascii=False).encode()


def changed(document, path, value=None):
    """Return a copy with the value put at the path, or with nothing there."""
    result = copy.deepcopy(document)
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split("/")]
    place = result
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return result


def headers(stand_ins, *, organisation=BANK_NUMBER, scope=SCOPE, key=None, without=(), **others):
    """Return the headers of a submission; `others` replace or add, a name's underscore being a hyphen."""
    sent = {
        "Authorization": f"Bearer {stand_ins.token(scope, system_user=organisation)}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "idempotencyKey": key or str(uuid.uuid4()),
    }
    sent.update({name.replace("_", "-"): value for name, value in others.items()})
    return {name: value for name, value in sent.items() if name not in without}


def send(stand_ins, document, *, year="2023", path=None, **others):
    """Send the submission, a document or bytes, and return the answer."""
    body = document if isinstance(document, bytes) else written(document)
    return stand_ins.ask("POST", path or f"/bsu/v1/{year}", headers(stand_ins, **others), body)


def fault(code, text, *specifications):
    """Return the whole body of a fault, but for the correlation id that it was given."""
    return {"kode": code, "melding": text, "korrelasjonsid": ANY_UUID, "spesifisering": list(specifications)}


def body_of(answer):
    """Return the body, with the correlation id taken out when it is a UUID."""
    body = answer.json()
    assert str(uuid.UUID(body["korrelasjonsid"])) == body["korrelasjonsid"]
    return {**body, "korrelasjonsid": ANY_UUID}


def specified(code, path=None, given=None, text=None):
    specification = {"kode": code, "melding": text or text_of(code)}
    if path:
        specification["sti"] = path
    if given is not None:
        specification["angittVerdi"] = given
    return specification


def text_of(code):
    return next(row.text for row in rows("gld_specifications") if row.specification == code)


def parameter(detail, path, given=None):
    return specified("GLD_1022", path, given, f"Feil i parametre: {detail}")


def is_refused(answer, code, *specifications):
    status, text = TEXTS[code]
    assert answer.headers["Content-Type"] == "application/json"
    assert (answer.status, body_of(answer)) == (status, fault(code, text, *specifications))


def as_system_user(stand_ins, scope="digdir:dialogporten", organisation=BANK_NUMBER):
    return {"Authorization": f"Bearer {stand_ins.token(scope, system_user=organisation)}"}


def dialog(stand_ins, dialog_id):
    answer = stand_ins.ask("GET", f"{DIALOGS}/{dialog_id}", as_system_user(stand_ins))
    assert answer.status == 200
    return answer.json()


def found(stand_ins, **parameters):
    """Return the ids that a search among the bank's own dialogs finds."""
    query = "&".join(f"{name}={value}" for name, value in {"party": PARTY, **parameters}.items())
    answer = stand_ins.ask("GET", f"{DIALOGS}?{query}", as_system_user(stand_ins))
    assert answer.status == 200
    return [item["id"] for item in answer.json()["items"]]
