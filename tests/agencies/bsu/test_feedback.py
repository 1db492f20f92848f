"""The verdict as XML: what is taken from it, and what is no verdict."""

import pytest

from agencies.bsu.feedback import ON_DELIVERY, ON_SUBMISSION, NotFeedback, matched, read_feedback

SUMMARY = """
<leveranseoppsummering>
  <leveransestatus>godkjent</leveransestatus><antallOppgaver>5</antallOppgaver><antallNyeOppgaver>4</antallNyeOppgaver>
  <antallAvvisteOppgaver>1</antallAvvisteOppgaver><antallOppgaverMedVarsel>2</antallOppgaverMedVarsel>
  <totaler><sumTekst>sumUttaksbeloepBolig</sumTekst><sumSkatteetaten>118050</sumSkatteetaten>
    <sumOppgavegiver>118500</sumOppgavegiver><differanse>-450</differanse></totaler>
</leveranseoppsummering>"""
DEVIATIONS = """
<avviksliste><avvik><avvikskode>X_1</avvikskode><avvikstekst>hemmelig</avvikstekst>
  <alvorlighetsgrad>advarsel</alvorlighetsgrad><oppgave><kontonummer>42002323232</kontonummer></oppgave></avvik>
 <avvik><avvikskode>X_2</avvikskode><alvorlighetsgrad>avvist</alvorlighetsgrad></avvik></avviksliste>"""
HEAD = "<innsending><forsendelseid>0193</forsendelseid></innsending>"
DELIVERY = "<leveranse><oppgavegiversLeveranseReferanse>R-1</oppgavegiversLeveranseReferanse></leveranse>"


def document(inside, namespace=ON_DELIVERY, before=""):
    return f'<?xml version="1.0"?>{before}<tilbakemelding xmlns="{namespace}">{inside}</tilbakemelding>'.encode()


def test_what_is_kept():
    feedback = read_feedback(document(HEAD + DELIVERY + SUMMARY + DEVIATIONS + "<ukjent/>"))
    assert (feedback.submission_id, feedback.reference) == ("0193", "R-1")
    kept = matched(feedback, numbers=["42001212121", "42002323232"], accounts=5)
    assert kept == {
        "status": "godkjent",
        "accounts": 5,
        "new": 4,
        "rejected": 1,
        "warned": 2,
        "totals": [{"text": "sumUttaksbeloepBolig", "agency": 118050, "ours": 118500, "difference": -450}],
        "deviations": [
            {"code": "X_1", "severity": "advarsel", "position": 2},
            {"code": "X_2", "severity": "avvist", "position": None},
        ],
        "counts_differ": False,
    }
    assert matched(feedback, numbers=[], accounts=4)["counts_differ"]


def test_what_is_not_stated_is_not_made_up():
    feedback = read_feedback(
        document("<leveranseoppsummering><leveransestatus>avvist</leveransestatus></leveranseoppsummering>")
    )
    assert set(feedback.counts.values()) == {None}
    assert (feedback.status, feedback.totals, feedback.deviations) == ("avvist", (), ())


BOMB = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{}", id="JSON"),
        pytest.param(document(SUMMARY)[:-5], id="cut off"),
        pytest.param(document(SUMMARY, before=BOMB), id="a document type"),
        pytest.param(document(SUMMARY, before='<!DOCTYPE tilbakemelding SYSTEM "file:///etc/passwd">'), id="a file"),
        pytest.param(document(SUMMARY, namespace=ON_SUBMISSION), id="feedback on the submission"),
        pytest.param(document(SUMMARY, namespace="urn:another"), id="another kind of document"),
        pytest.param(document(HEAD), id="no summary"),
        pytest.param(document(SUMMARY.replace("godkjent", "kanskje")), id="an unknown status"),
    ],
)
def test_what_is_no_verdict(octets):
    with pytest.raises(NotFeedback):
        read_feedback(octets)
