"""`manage.py aktivkonto`: what it prints, where the number comes from, and how it fails."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.agencies.aktivkonto.test_answers import CURRENT_BODY, FOREIGN_PERSON, SEED_BODY, SEED_PERSON

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(recorder, settings):
    settings.AKTIVKONTO_BASE_URL, settings.AKTIVKONTO_PROFILE = recorder.base, "seed"
    return recorder


@pytest.fixture
def stdin(monkeypatch):
    def give(text):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return give


def run(*arguments):
    printed = io.StringIO()
    call_command("aktivkonto", *arguments, stdout=printed)
    return printed.getvalue()


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        pytest.param(
            SEED_BODY,
            [
                "number: 32432567604",
                "kind: innskuddskontoINOK",
                "tax suitability: brukskonto",
                "bank name: Bank1",
                "is payout card: no",
                "chosen on: 2020-03-23",
                "is foreign: no",
            ],
            id="an account",
        ),
        pytest.param(b'{"tin":"17816994780","kontoDto":null}', ["No account is chosen."], id="none"),
        pytest.param(
            b'{"tin":"46907200809","kontoDto":null}',
            ["The present number is 46907200809.", "No account is chosen."],
            id="another number by now",
        ),
        pytest.param(
            b'{"skjermet":true}',
            ["Skatteetaten shields this person: the answer may leave things out.", "No account is chosen."],
            id="shielded",
        ),
    ],
)
def test_for_people(service, body, lines):
    service.answer(body=body)
    assert run(SEED_PERSON).splitlines() == lines


def test_for_machines(service, settings):
    settings.AKTIVKONTO_BASE_URL, settings.AKTIVKONTO_PROFILE = f"{service.base}/v3", "current"
    service.answer(body=CURRENT_BODY)
    assert json.loads(run(FOREIGN_PERSON, "--json")) == {
        "asked_for": FOREIGN_PERSON,
        "present_identifier": FOREIGN_PERSON,
        "account": {
            "number": None,
            "kind": "innskuddskontoIValuta",
            "tax_suitability": "brukskonto",
            "bic": "DOGBPLUZEXP",
            "bank_code": None,
            "bank_name": "Doggerbanken",
            "bank_country": "PL",
            "iban": "PL0828538647323163",
            "currency": None,
            "is_payout_card": False,
            "chosen_on": "2022-11-01",
        },
        "is_shielded": False,
    }


@pytest.mark.parametrize("text", ["17816994780\n", "17816994780", "17816994780\r\nand more"])
def test_the_number_from_stdin(service, stdin, text):
    stdin(text)
    service.answer(body=SEED_BODY)
    run("-")
    assert service.seen[0].body == b'{"tin": "17816994780"}'


def test_production_takes_the_number_from_stdin_alone(service, settings, stdin):
    settings.ENVIRONMENT = "production"
    with pytest.raises(CommandError) as refused:
        run(SEED_PERSON)
    assert refused.value.returncode == 2
    assert SEED_PERSON not in str(refused.value)
    stdin(SEED_PERSON)
    service.answer(body=SEED_BODY)
    assert "number: 32432567604" in run("-")
    assert len(service.seen) == 1


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        pytest.param(
            404,
            b'{"kode":"AKE-002","melding":"om 17816994780","korrelasjonsid":"an-id"}',
            "Skatteetaten knows nobody by that number. (HTTP 404, AKE-002, correlation id an-id)",
            id="nobody",
        ),
        pytest.param(
            403,
            b'{"kode":"DAS-008","melding":"nei","korrelasjonsid":"an-id"}',
            "The agency does not let this organisation do that. (HTTP 403, DAS-008, correlation id an-id)",
            id="not allowed",
        ),
    ],
)
def test_one_sentence_for_each_failure(service, status, body, sentence):
    service.answer(status, body)
    with pytest.raises(CommandError) as refused:
        run(SEED_PERSON)
    assert (str(refused.value), refused.value.returncode) == (sentence, 1)


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_whom(service, arguments):
    with pytest.raises(CommandError) as refused:
        run(*arguments)
    assert refused.value.returncode == 2


def test_not_configured(settings):
    settings.AKTIVKONTO_BASE_URL = ""
    with pytest.raises(CommandError, match=r"^Nothing was sent: AKTIVKONTO_BASE_URL is not set"):
        run(SEED_PERSON)


def test_the_token_by_the_page_s_list(service):
    found = json.loads(run("--diagnose", "--json"))
    assert set(found.values()) == {True}
    assert {"it holds the scope", "it is for nobody in particular (no resource was asked for)"} <= found.keys()
    assert service.seen == [], "nobody was asked about"
