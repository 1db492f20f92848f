"""What is told and what is withheld; letters kept with their bytes; sending, the clock and the end."""

import hashlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command

from audit.models import Access
from compliance.citizens import writing
from compliance.citizens.contents import Asker, asker_of, letter_bytes, words_by_id
from compliance.citizens.deciding import Verdict, decide_many, decide_singly
from compliance.citizens.models import CitizenContent, CitizenLetter, CitizenRequest
from compliance.citizens.registering import take_in
from compliance.citizens.tidying import tidy
from legal.register import today_in_oslo
from tests.compliance.citizens.asking import ASKER, address, asked, officer, standing, told
from tests.compliance.citizens.test_letters import read
from tests.compliance.citizens.test_pages import faults, text
from tests.compliance.finding.trail import OPEN, add
from tests.legal.governed import person

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
TELL, CRIME = Verdict("included"), Verdict("withheld", "crime", "Saken er åpen")
TODAY = today_in_oslo()


@pytest.fixture
def request_of():
    """A request with a disclosure of each kind."""
    told()
    return asked()


@pytest.fixture
def kari():
    return person("Kari")


def rows(request):
    return list(request.disclosures.order_by("record").values_list("pk", flat=True))


def many(request, verdict, by, **which):
    return decide_many(request, verdict, **{"service": "", "decision": "", "ground": "", **which}, by=by)


def ready(request, kari):
    many(request, TELL, kari, decision="undecided")
    return request


def made(request, kari, kind="answer", **more):
    return writing.keep(request, writing.make(request, asker_of(request)[0], kind, **more), by=kari)


def test_single_rows_are_decided_and_say_by_whom(request_of, kari):
    last = rows(request_of)[-1]
    assert decide_singly(request_of, [last], CRIME, by=kari) == 1
    assert standing(request_of)[-1] == ("skatt-kontroll", "withheld", "crime", True, "Kari (kari)")
    row = request_of.disclosures.get(pk=last)
    assert row.decided_by == kari and row.decided_at is not None
    assert words_by_id({row.reasoning}) == {row.reasoning: "Saken er åpen"}
    assert b"Saken" not in bytes(CitizenContent.objects.get(pk=row.reasoning).sealed)


def test_many_are_decided_but_for_single_exceptions(request_of, kari):
    first, *_others = rows(request_of)
    decide_singly(request_of, [first], CRIME, by=kari)
    assert many(request_of, TELL, kari) == 3
    assert [row[1:4] for row in standing(request_of)] == [
        ("withheld", "crime", True),
        ("included", "", False),
        ("included", "", False),
        ("included", "", False),
    ]


@pytest.mark.parametrize(
    ("which", "places"),
    [
        pytest.param({"service": "skatt-kontroll"}, {3}, id="of a service"),
        pytest.param({"decision": "undecided"}, {3}, id="undecided ones"),
        pytest.param({"ground": "crime"}, {2}, id="on a ground"),
        pytest.param({"service": "vergekontroll", "decision": "withheld"}, set(), id="nothing stands so"),
        pytest.param({}, {0, 1, 2, 3}, id="all"),
    ],
)
def test_which_rows_are_decided(request_of, kari, which, places):
    assert many(request_of, Verdict("withheld", "secrecy"), kari, **which) == len(places)
    decided = [place for place, row in enumerate(standing(request_of)) if row[2] == "secrecy"]
    assert set(decided) == places


@pytest.mark.parametrize(
    ("verdict", "because"),
    [
        pytest.param(Verdict("withheld"), "on which ground", id="withheld without a ground"),
        pytest.param(Verdict("included", "crime"), "Only what is withheld", id="told on a ground"),
        pytest.param(Verdict("withheld", "other_law"), "which other law", id="another law without words"),
    ],
)
def test_verdicts_that_are_none(request_of, kari, verdict, because):
    before = standing(request_of)
    for act in (
        lambda: decide_singly(request_of, rows(request_of), verdict, by=kari),
        lambda: many(request_of, verdict, kari),
    ):
        with pytest.raises(ValidationError, match=because):
            act()
    assert standing(request_of) == before


def test_rows_of_another_request_are_left_alone(request_of, kari):
    other = asked(case_reference="2026/78")
    assert decide_singly(request_of, rows(other), TELL, by=kari) == 0
    with pytest.raises(ValidationError, match="Tick the rows"):
        decide_singly(request_of, [], TELL, by=kari)


def test_every_decision_is_kept_in_the_history(request_of, kari):
    last = rows(request_of)[-1]
    decide_singly(request_of, [last], CRIME, by=kari)
    decide_singly(request_of, [last], TELL, by=person("Ola"))
    events = apps.get_model("citizens", "CitizenDisclosureEvent").objects.filter(pgh_obj_id=last).order_by("pgh_id")
    assert list(events.values_list("pgh_label", "decision", "decided_name")) == [
        ("insert", "undecided", ""),
        ("update", "withheld", "Kari (kari)"),
        ("update", "included", "Ola (ola)"),
    ]


def test_an_answer_tells_the_included_rows_and_nothing_of_the_others(request_of, kari):
    many(request_of, CRIME, kari, service="skatt-kontroll")
    content = writing.make(request_of, ASKER, "answer").content
    words = read(content)
    assert "Statens sivilrettsforvaltning: kontroll med vergers forvaltning Vergemålsloven § 54 (2)" in words
    assert "Skatteetaten: årlig rapport om boligsparing (BSU)" in words
    assert not any(
        secret in words for secret in ("Politi", "915", "Straffeprosess", "10-2", "Saken", "kontroll av skatt")
    )


def test_what_is_withheld_changes_no_byte_of_the_answer(request_of, kari, monkeypatch):
    """The same person with and without the police: one letter."""
    ready(request_of, kari)
    with_police = writing.make(request_of, ASKER, "answer").content
    request_of.disclosures.filter(service="politi-utlevering").delete()
    assert writing.make(request_of, ASKER, "answer").content == with_police


@pytest.mark.parametrize(
    ("kind", "refusal", "asker", "changes", "because"),
    [
        pytest.param("answer", "", ASKER, {}, "not decided yet", id="something is undecided"),
        pytest.param("answer", "", Asker(OPEN, "Ola", ()), {}, "name and address first", id="no address"),
        pytest.param("answer", "", Asker(OPEN, "", ("x",)), {}, "name and address first", id="no name"),
        pytest.param("answer", "", ASKER, {"identity": "not_verified"}, "identity is verified", id="nobody knows who"),
        pytest.param("refusal", "", ASKER, {}, "why the request is refused", id="a refusal without a reason"),
        pytest.param("refusal", "x", ASKER, {}, "why the request is refused", id="an unknown reason"),
        pytest.param("extension", "", ASKER, {"due_on": TODAY - timedelta(days=1)}, "month is over", id="too late"),
        pytest.param("extension", "", ASKER, {"is_extended": True}, "once already", id="a second extension"),
        pytest.param("answer", "", ASKER, {"ending": "withdrawn", "ended_on": TODAY}, "has ended", id="it has ended"),
    ],
)
def test_letters_that_are_not_made(request_of, kind, refusal, asker, changes, because):
    CitizenRequest.objects.filter(pk=request_of.pk).update(**changes)
    request_of.refresh_from_db()
    with pytest.raises(ValidationError, match=because):
        writing.make(request_of, asker, kind, refusal=refusal)


def test_a_name_that_cannot_be_set_makes_no_letter(request_of, kari):
    with pytest.raises(ValidationError, match="陈"):
        writing.make(ready(request_of, kari), Asker(OPEN, "陈", ("x",)), "answer")


def test_the_exact_bytes_are_sealed_and_noted_with_their_digest(request_of, kari):
    ready(request_of, kari)
    browser = officer()
    assert browser.post(address("_letters", request_of.pk), {"kind": "answer"}).status_code == 302
    letter = CitizenLetter.objects.get()
    content, digest = letter_bytes(letter.pk), bytes(letter.digest).hex()
    assert hashlib.sha256(content).hexdigest() == digest and letter.size == len(content)
    assert content[:64] not in bytes(CitizenContent.objects.get(pk=letter.pk).sealed)
    answer = browser.post(address("_letter", request_of.pk, letter.pk))
    assert (answer.content, answer.headers["Content-Type"]) == (content, "application/pdf")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="answer-{letter.pk}.pdf"'
    assert "no-store" in answer.headers["Cache-Control"]
    noted = Access.objects.filter(page="desk letter").order_by("at", "id").values_list("concerning", "words")
    assert [*noted] == [
        (letter.pk, f"made answer sha256={digest}"),
        (letter.pk, f"downloaded sha256={digest}"),
    ]


def test_a_letter_whose_bytes_are_gone_or_changed_is_not_given(request_of, kari):
    letter, browser = made(ready(request_of, kari), kari), officer()
    CitizenLetter.objects.filter(pk=letter.pk).update(digest=b"x" * 32)
    assert browser.post(address("_letter", request_of.pk, letter.pk)).status_code == 404
    CitizenContent.objects.filter(pk=letter.pk).delete()
    assert browser.post(address("_letter", request_of.pk, letter.pk)).status_code == 404
    other = asked(case_reference="2026/78")
    assert browser.post(address("_letter", other.pk, letter.pk)).status_code == 404


def test_an_answer_that_is_sent_ends_the_request(request_of, kari):
    letter = made(ready(request_of, kari), kari)
    writing.mark_sent(request_of, letter, TODAY, by=kari)
    request_of.refresh_from_db()
    assert (request_of.ending, request_of.ended_on, request_of.ended_name) == ("answered", TODAY, "Kari (kari)")
    for act in (
        lambda: writing.mark_sent(request_of, letter, TODAY, by=kari),
        lambda: many(request_of, TELL, kari),
        lambda: writing.end(request_of, "withdrawn", TODAY, by=kari),
        lambda: writing.keep(request_of, writing.Made(letter.pk, "answer", "", b"", letter.made_at), by=kari),
    ):
        with pytest.raises(ValidationError, match="has ended"):
            act()


def test_what_is_withheld_while_a_letter_is_set_is_never_sent(request_of, kari, monkeypatch):
    """The letter was read before: it tells what is withheld now, though it is kept after."""
    ready(request_of, kari)
    usual = writing.typeset

    def slow(letter):
        many(request_of, CRIME, kari, decision="included")
        return usual(letter)

    monkeypatch.setattr(writing, "typeset", slow)
    letter = made(request_of, kari)
    with pytest.raises(ValidationError, match="after this letter was made"):
        writing.mark_sent(request_of, letter, TODAY, by=kari)


def test_nothing_is_taken_into_a_request_that_has_ended_meanwhile(request_of, kari):
    stale = CitizenRequest.objects.get(pk=request_of.pk)
    writing.end(request_of, "withdrawn", TODAY, by=kari)
    add()
    before = rows(stale)
    with pytest.raises(ValidationError, match="has ended"):
        take_in(stale, OPEN)
    assert rows(stale) == before


def test_a_notice_that_is_sent_in_time_moves_the_clock_once(request_of, kari):
    due = request_of.due_on
    notice = made(request_of, kari, "extension")
    writing.mark_sent(request_of, notice, TODAY, by=kari)
    request_of.refresh_from_db()
    assert request_of.is_extended and request_of.is_open and request_of.due_on > due
    with pytest.raises(ValidationError, match="once already"):
        made(request_of, kari, "extension")
    refusal = made(request_of, kari, "refusal", refusal="excessive")
    writing.mark_sent(request_of, refusal, TODAY, by=kari)
    request_of.refresh_from_db()
    assert request_of.ending == "refused"


@pytest.mark.parametrize(
    ("changes", "day", "because"),
    [
        pytest.param({}, TODAY + timedelta(days=1), "not in the future", id="a day to come"),
        pytest.param({}, TODAY - timedelta(days=1), "the day it was made or later", id="before it was made"),
        pytest.param({"due_on": TODAY - timedelta(days=1)}, TODAY, "month is over", id="a notice that is too late"),
    ],
)
def test_days_on_which_nothing_was_sent(request_of, kari, changes, day, because):
    notice = made(request_of, kari, "extension")
    CitizenRequest.objects.filter(pk=request_of.pk).update(**changes)
    with pytest.raises(ValidationError, match=because):
        writing.mark_sent(request_of, notice, day, by=kari)
    notice.refresh_from_db()
    request_of.refresh_from_db()
    assert notice.sent_on is None and not request_of.is_extended


def test_an_answer_that_no_longer_fits_the_decisions_is_not_sent(request_of, kari):
    letter = made(ready(request_of, kari), kari)
    decide_singly(request_of, rows(request_of)[:1], CRIME, by=kari)
    with pytest.raises(ValidationError, match="Make a new one"):
        writing.mark_sent(request_of, letter, TODAY, by=kari)
    writing.mark_sent(request_of, made(request_of, kari), TODAY, by=kari)


def test_what_was_a_mistake_leaves_nobody_behind(request_of, kari):
    writing.end(request_of, "mistake", TODAY, by=kari)
    request_of.refresh_from_db()
    assert request_of.tidied_at and not CitizenContent.objects.filter(request=request_of).exists()


@pytest.mark.parametrize(
    ("ended", "is_tidied"),
    [
        pytest.param(TODAY.replace(year=TODAY.year - 3, day=1), True, id="three years are over"),
        pytest.param(TODAY.replace(year=TODAY.year - 2, day=1), False, id="two years are over"),
        pytest.param(None, False, id="still open"),
    ],
)
def test_contents_are_deleted_when_their_years_are_over_and_the_rest_stays(request_of, kari, ended, is_tidied, capsys):
    letter = made(ready(request_of, kari), kari)
    if ended:
        CitizenRequest.objects.filter(pk=request_of.pk).update(ending="answered", ended_on=ended)
    call_command("desk_tidy")
    assert capsys.readouterr().out == f"Contents of {int(is_tidied)} requests deleted.\n"
    request_of.refresh_from_db()
    assert bool(request_of.tidied_at) == is_tidied == (asker_of(request_of) is None)
    assert (letter_bytes(letter.pk) is None) == is_tidied
    assert len(standing(request_of)) == 4 and CitizenLetter.objects.filter(pk=letter.pk).exists()
    page = text(officer().get(address("", request_of.pk)))
    assert ("<td>deleted</td>" in page) == is_tidied
    assert tidy(TODAY, years=3) == 0


def test_everything_by_its_form(request_of):
    """From undecided to sent, in a browser's posts."""
    browser, pk = officer(), request_of.pk
    page = browser.post(address("_letters", pk), {"kind": "answer"})
    assert "Some disclosures are not decided yet." in faults(page)[0]
    page = browser.post(address("_many", pk), {"standing": "undecided", "decision": "included"}, follow=True)
    assert "1 disclosure was decided." in text(page)
    first = rows(request_of)[0]
    page = browser.post(address("_rows", pk), {"row": [first], "decision": "withheld", "ground": "health"}, follow=True)
    assert "1 disclosure was decided." in text(page)
    page = browser.post(address("_letters", pk), {"kind": "answer"}, follow=True)
    assert "Read it before you send it." in text(page)
    letter = CitizenLetter.objects.get()
    assert "§ 16 første ledd bokstav c" in read(letter_bytes(letter.pk))
    page = browser.post(address("_sent", pk, letter.pk), {"sent_on": TODAY.isoformat()}, follow=True)
    assert "The letter is marked as sent." in text(page) and "answered" in text(page)


@pytest.mark.parametrize(
    ("name", "values", "fault"),
    [
        pytest.param("_rows", {"decision": "included"}, "Tick the rows", id="nothing ticked"),
        pytest.param("_rows", {"row": "1"}, "This field is required.", id="no decision"),
        pytest.param(
            "_rows", {"row": "1", "decision": "undecided"}, "not one of the available", id="back to undecided"
        ),
        pytest.param("_many", {"decision": "withheld", "ground": "x"}, "not one of the available", id="no such ground"),
        pytest.param("_many", {"decision": "withheld"}, "on which ground", id="without a ground"),
        pytest.param(
            "_many", {"service": "x", "decision": "included"}, "not one of the available", id="no such service"
        ),
        pytest.param("_many", {"decision": "included", "words": "x" * 501}, "at most 500", id="too many words"),
        pytest.param("_letters", {"kind": "poem"}, "not one of the available", id="no such letter"),
        pytest.param(
            "_letters", {"kind": "answer", "refusal": "identity"}, "Only a refusal", id="an answer that refuses"
        ),
        pytest.param("_end", {"ending": "answered"}, "not one of the available", id="answered without a letter"),
    ],
)
def test_forms_that_are_refused(request_of, name, values, fault):
    before = standing(request_of)
    page = officer().post(address(name, request_of.pk), values)
    assert page.status_code == 200 and fault in faults(page)[0]
    request_of.refresh_from_db()
    assert standing(request_of) == before and request_of.is_open and not CitizenLetter.objects.exists()


def test_the_end_without_a_letter(request_of):
    page = officer().post(address("_end", request_of.pk), {"ending": "withdrawn"}, follow=True)
    assert "The request has ended." in text(page) and "withdrawn by the person" in text(page)
    add(OPEN)
    page = text(officer("ola", "Ola").get(address("", request_of.pk)))
    assert "Since then" not in page and 'name="row"' not in page
