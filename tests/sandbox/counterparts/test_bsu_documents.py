"""What comes after a BSU report: its documents and the feedback in them."""

import pytest

from sandbox.maskinporten.clients import BANK_NUMBER
from tests.sandbox.counterparts.submissions import (
    NOBODY,
    SCOPE,
    TABLES,
    as_system_user,
    changed,
    corrected,
    dialog,
    example,
    found,
    is_refused,
    parameter,
    send,
    specified,
)

PREFIX = "urn:ske:fastsetting:innsamling:grunnlagsdata:tilbakemelding"


def urls(dialog, transmission):
    """Return the addresses for machines of the transmission's attachments."""
    attachments = dialog["transmissions"][transmission]["attachments"]
    return [url for each in attachments for url in each["urls"] if url["consumerType"] == "Api"]


def fetch(stand_ins, url, organisation=BANK_NUMBER):
    return stand_ins.ask("GET", url.removeprefix(stand_ins.base), as_system_user(stand_ins, SCOPE, organisation))


def total(name, found, stated):
    return (
        f"<totaler><sumTekst>{name}</sumTekst><sumSkatteetaten>{found}</sumSkatteetaten>"
        f"<sumOppgavegiver>{stated}</sumOppgavegiver><differanse>{found - stated}</differanse></totaler>"
    )


def test_the_documents_of_the_published_example(stand_ins):
    """The sum that does not hold is reported in the feedback: 118500 stated, 118050 in the accounts."""
    receipt = send(stand_ins, (TABLES / "bsu_example.json").read_bytes()).json()
    opened = dialog(stand_ins, receipt["dialogId"])
    (submission,), (delivery, whole) = urls(opened, 0), urls(opened, 1)
    answers = [fetch(stand_ins, url["url"]) for url in (submission, delivery, whole)]

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert [answer.headers["Content-Type"] for answer in answers] == [
        "application/json",
        "application/xml",
        "application/xml",
    ]
    assert [url["mediaType"] for url in (submission, delivery, whole)] == [
        answer.headers["Content-Type"] for answer in answers
    ]
    begins = (
        f"<innsending><forsendelseid>{receipt['forsendelseId']}</forsendelseid>"
        f"<dialogid>{receipt['dialogId']}</dialogid></innsending>"
        "<leveranse><inntektsaar>2023</inntektsaar><leveransetype>ordinaer</leveransetype>"
        "<organisasjonsnummer>987654321</organisasjonsnummer>"
        "<oppgavegiversLeveranseReferanse>EksternReferanse_2023_1</oppgavegiversLeveranseReferanse>"
    )
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    assert answers[0].data == (TABLES / "bsu_example.json").read_bytes()
    assert answers[1].data.decode() == (
        f'{declaration}<tilbakemelding xmlns="{PREFIX}:leveransetilbakemelding:v2">{begins}</leveranse>'
        "<leveranseoppsummering><leveransestatus>godkjent</leveransestatus><antallOppgaver>5</antallOppgaver>"
        "<antallNyeOppgaver>5</antallNyeOppgaver><antallAvvisteOppgaver>0</antallAvvisteOppgaver>"
        "<antallOppgaverMedVarsel>0</antallOppgaverMedVarsel>"
        + total("antallOppgaver", 5, 5)
        + total("sumAaretsSparebeloep", 20500, 20500)
        + total("sumAaretsRenter", 9790, 9790)
        + total("sumBundetAkkumulertSparebeloep", 344500, 344500)
        + total("sumBundetAkkumulertRenter", 39800, 39800)
        + total("sumSaldo", 124500, 124500)
        + total("sumUttaksbeloepBolig", 118050, 118500)
        + "</leveranseoppsummering><avviksliste><avvik><avvikskode>SANDKASSE_001</avvikskode>"
        "<avvikstekst>sumUttaksbeloepBolig er ikke summen av oppgavene</avvikstekst>"
        "<alvorlighetsgrad>advarsel</alvorlighetsgrad><verdiavvik><verdiOppgavegiver>118500</verdiOppgavegiver>"
        "<verdiSkatteetaten>118050</verdiSkatteetaten></verdiavvik></avvik></avviksliste></tilbakemelding>"
    )
    assert answers[2].data.decode() == (
        f'{declaration}<tilbakemelding xmlns="{PREFIX}:innsendingstilbakemelding:v2">{begins}'
        "<leveransestatus>godkjent</leveransestatus></leveranse></tilbakemelding>"
    )


def feedback(stand_ins, document):
    """Send the submission; return the feedback on its delivery."""
    opened = dialog(stand_ins, send(stand_ins, document).json()["dialogId"])
    return fetch(stand_ins, urls(opened, 1)[0]["url"]).data.decode()


def test_the_corrected_example_deviates_in_nothing(stand_ins):
    assert "<avviksliste>" not in feedback(stand_ins, corrected())


def test_an_account_sent_again_is_not_new(stand_ins):
    send(stand_ins, corrected())
    again = changed(corrected(), "leveranse/oppgave/0/kontonummer", "99980700069")
    assert "<antallNyeOppgaver>1</antallNyeOppgaver>" in feedback(stand_ins, again)


def test_a_rejected_delivery(stand_ins):
    stand_ins.switch(**{"bsu.feedback_status": "avvist"})
    told = feedback(stand_ins, corrected())
    assert "<leveransestatus>avvist</leveransestatus><antallOppgaver>5</antallOppgaver>" in told
    assert "<antallNyeOppgaver>0</antallNyeOppgaver><antallAvvisteOppgaver>5</antallAvvisteOppgaver>" in told
    assert told.endswith(
        "<avviksliste><avvik><avvikskode>SANDKASSE_002</avvikskode><avvikstekst>Leveransen er avvist</avvikstekst>"
        "<alvorlighetsgrad>avvist</alvorlighetsgrad></avvik></avviksliste></tilbakemelding>"
    )
    assert stand_ins.ask("GET", f"/control/bsu/held/2023/{BANK_NUMBER}").json() == {"accounts": {}}


def test_a_reference_that_xml_cannot_write(stand_ins):
    document = changed(corrected(), "leveranse/oppgavegiversLeveranseReferanse", "<a>\x00&\x1f")
    assert "Referanse>&lt;a&gt;�&amp;�</oppgavegiversLeveranseReferanse>" in feedback(stand_ins, document)


@pytest.mark.parametrize(
    ("place", "value", "code", "specification"),
    [
        pytest.param("forsendelser", NOBODY, "GLD_021", specified("GLD_1061", "forsendelseId", NOBODY), id="none"),
        pytest.param("dokumenter", NOBODY, "GLD_021", specified("GLD_1050", "dokumentId", NOBODY), id="no document"),
        pytest.param("forsendelser", "1", "GLD_006", specified("GLD_1022", "forsendelseId", "1"), id="no UUID"),
        pytest.param("dokumenter", "1", "GLD_006", specified("GLD_1022", "dokumentId", "1"), id="no UUID either"),
    ],
)  # fmt: skip
def test_what_is_not_there(stand_ins, place, value, code, specification):
    receipt = send(stand_ins, corrected()).json()
    (url,) = urls(dialog(stand_ins, receipt["dialogId"]), 0)
    before, _, after = url["url"].partition(f"/{place}/")
    is_refused(fetch(stand_ins, f"{before}/{place}/{value}{after[36:]}"), code, specification)


def test_another_year_or_organisation_has_no_such_submission(stand_ins):
    receipt = send(stand_ins, corrected()).json()
    (url,) = urls(dialog(stand_ins, receipt["dialogId"]), 0)
    refusal = specified("GLD_1061", "forsendelseId", receipt["forsendelseId"])
    is_refused(fetch(stand_ins, url["url"].replace("/2023/", "/2024/")), "GLD_021", refusal)
    is_refused(fetch(stand_ins, url["url"], organisation="312345633"), "GLD_021", refusal)


def test_documents_want_a_token(stand_ins):
    path = f"/bsu/v1/2023/forsendelser/{NOBODY}/dokumenter/{NOBODY}"
    is_refused(stand_ins.ask("GET", path), "GLD_004", specified("GLD_1007"))
    is_refused(stand_ins.ask("GET", path, as_system_user(stand_ins)), "GLD_005")


def test_feedback_lags_by_count(stand_ins):
    receipt = send(stand_ins, corrected()).json()
    url = urls(dialog(stand_ins, receipt["dialogId"]), 1)[0]["url"]
    stand_ins.switch(**{"bsu.feedback_misses": 2})

    early = [fetch(stand_ins, url) for _ in range(2)]

    for answer in early:
        is_refused(answer, "GLD_021", specified("GLD_1050", "dokumentId", url[-36:]))
    assert fetch(stand_ins, url).status == 200


def test_feedback_lags_by_time(stand_ins):
    receipt = send(stand_ins, corrected()).json()
    url = urls(dialog(stand_ins, receipt["dialogId"]), 1)[0]["url"]
    stand_ins.switch(**{"bsu.feedback_seconds": 3600})

    early = dialog(stand_ins, receipt["dialogId"])

    assert (early["status"], [each["type"] for each in early["transmissions"]]) == ("InProgress", ["Submission"])
    is_refused(fetch(stand_ins, url), "GLD_021", specified("GLD_1050", "dokumentId", url[-36:]))


def test_strict_sums_leave_nothing_behind(stand_ins):
    stand_ins.switch(**{"bsu.strict_sums": True})
    place = "leveranse/oppgaveoppsummering/sumUttaksbeloepBolig"
    is_refused(send(stand_ins, example()), "GLD_010", parameter("feil sum", place, "118500"))
    assert found(stand_ins) == []
