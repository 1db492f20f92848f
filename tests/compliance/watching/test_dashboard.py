"""The dashboard: its charts say what the sums say, in a fixed number of questions and without a script."""

import html
import re
from datetime import timedelta
from http import HTTPStatus
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from compliance.people import ADMINISTRATOR, AUDITOR, OFFICER, READER
from compliance.watching import dashboard, reading
from compliance.watching.charts import Figure, Series
from compliance.watching.models import Folding, WatchRule
from compliance.watching.watcher import turn
from compliance.watching.windows import HOUR, Length, weeks_before, window_of
from tests.compliance.watching.people import signed_in
from tests.compliance.watching.trail import AGENCY, NOON, OTHER_AGENCY, asked, looked, turned_away

pytestmark = pytest.mark.django_db
OK, BAD, FORBIDDEN, FOUND = HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.FOUND
NUMBER = "01810112345"
DAY = window_of(Length.DAY, NOON)
NAMES = {AGENCY: "Skatteetaten", OTHER_AGENCY: "NAV"}


def page(client, **sent):
    return client.get(reverse("admin:desk_watch"), sent)


def text(answer):
    return html.unescape(answer.content.decode())


@pytest.fixture
def something():
    """Let a day hold something of everything, folded."""
    Folding.objects.create(pk=1, first=NOON - HOUR, until=NOON - HOUR, reached=NOON)
    asked(times=3)
    asked(times=2, consumer=OTHER_AGENCY, outcome="refused", code="ACC-001", refusal="UnknownMandate")
    asked(DAY.start, times=4, duration_us=4_000_000)
    asked(NOON, empty_because="shielded", person=NUMBER, requester_id="Kari Saksbehandler")
    asked(NOON, person=NUMBER)
    asked(NOON, person="another", requester_id="Kari Saksbehandler")
    asked(NOON, outcome="sent")
    turned_away(count=7)
    looked(marks="no-case colleague", times=2)
    Folding.objects.update(until=DAY.start, first=DAY.start)
    turn(NOON)


def figures_of(window):
    return {
        figure.key: {series.name: sum(filter(None, series.values)) for series in figure.series}
        for figure in dashboard.of_agencies(dashboard.Asked(window, reading.sums(window, ""), NAMES))
    }


@pytest.mark.usefixtures("something")
@pytest.mark.parametrize("length", [Length.DAY, Length.WEEK, Length.MONTH, Length.YEAR])
def test_charts_say_what_the_sums_say(length):
    figures = figures_of(window_of(length, NOON))
    assert figures.pop("times").keys() == {"half within", "95 of 100 within"}
    assert figures == {
        "asked": {"Skatteetaten": 10, "NAV": 2},
        "codes": {"questions": 2},
        "night": {"Skatteetaten": 4},
        "shielded": {"Skatteetaten": 1},
        "mandates": {"NAV": 2},
        "audience": {"Skatteetaten": 7},
    }


@pytest.mark.parametrize("length", list(Length)[1:])
def test_a_bar_for_each_part_of_a_period(length):
    window = window_of(length, NOON)
    days = len(window.days)
    expected = {Length.DAY: 24, Length.WEEK: 7, Length.MONTH: days, Length.YEAR: 12}[length]
    assert len(reading.buckets(window)) == expected


def test_a_day_against_its_history():
    hour = DAY.start + 9 * HOUR
    weeks = weeks_before(hour, 8)
    counts = {hour: 50, **{week: 10 * n for n, week in enumerate(weeks, 1)}}
    figure = dashboard.against_history(DAY, counts, weeks[-1], hour)
    assert [series.values[9] for series in figure.series] == [50, 45, 80]
    assert [series.values[10] for series in figure.series] == [None, 0, 0]
    young = dashboard.against_history(DAY, counts, weeks[2], hour)
    assert [series.values[9] for series in young.series] == [50, None, None]  # three weeks say nothing


@pytest.mark.parametrize("letter", ["\x01", "\x1b", "\ufffe", "\ud800"])
def test_a_letter_that_xml_cannot_hold_costs_nobody_the_chart(letter):
    figure = Figure("one", "t", "s", ["a", f"b{letter}"], [Series(f"Etat{letter}", [1, 2])], "across")
    assert "Etat\ufffd" in figure.svg or "b\ufffd" in figure.svg
    ElementTree.fromstring(figure.svg)


def test_a_chart_is_an_image_with_words_and_no_script():
    hostile = '</title><script>alert(1)</script> & "x"'
    figure = Figure("one", hostile, "What it says", ["a", hostile], [Series(hostile, [1, None])], "stacked", "time")
    root = ElementTree.fromstring(figure.svg)
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert "script" not in names
    assert not [value for element in root.iter() for value in element.attrib.values() if "http" in value]
    told = [element for element in root if element.tag.endswith(("}title", "}desc"))]
    assert [element.text for element in told] == [hostile, "What it says"]
    assert root.get("aria-labelledby").split() == [element.get("id") for element in told]
    assert root.get("role") == "img"
    assert figure.rows == [("a", ["1"]), (hostile, ["–"])]


def test_a_chart_of_nothing_is_not_drawn():
    figure = Figure("one", "t", "s", ["a"], [Series("x", [0])])
    assert (figure.is_empty, figure.svg) == (True, "")


@pytest.mark.usefixtures("something")
@pytest.mark.parametrize("period", ["day", "week", "month", "year"])
@pytest.mark.parametrize("group", [READER, AUDITOR])
def test_the_page_asks_a_fixed_number_of_questions(django_assert_max_num_queries, period, group):
    client = signed_in("somebody", group)
    with django_assert_max_num_queries(19):
        answer = page(client, period=period, day=f"{NOON:%Y-%m-%d}")
    assert answer.status_code == OK
    assert NUMBER not in text(answer)
    assert "Kari Saksbehandler" in text(answer)
    assert "<script" not in re.sub(r'<script src="/static/[^"]+"[^>]*></script>', "", answer.content.decode())
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.usefixtures("something")
def test_the_bank_s_own_are_shown_to_auditors_alone():
    officer, auditor = (text(page(signed_in(name, group))) for name, group in (("o", OFFICER), ("a", AUDITOR)))
    assert "The bank's own staff" in auditor
    assert "The bank's own staff" not in officer and "kari" not in officer.lower().replace("kari saksbehandler", "")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param({}, OK, id="nothing"),
        pytest.param({"period": "week"}, OK, id="a week"),
        pytest.param({"day": "2999-01-01"}, BAD, id="another century"),
        pytest.param({"day": "2099-01-01"}, OK, id="a day ahead is today"),
        pytest.param({"day": "2026-02-30"}, BAD, id="no day"),
        pytest.param({"day": "２０２６-11-22"}, BAD, id="other digits"),
        pytest.param({"day": "22.11.2026"}, BAD, id="another form"),
        pytest.param({"period": "decade"}, BAD, id="no period"),
        pytest.param({"period": ["day", "week"]}, BAD, id="two periods"),
        pytest.param({"agency": "000000000"}, BAD, id="no agency"),
        pytest.param({"agency": "a\0b"}, BAD, id="a NUL byte"),
        pytest.param({"agency": "974761076"}, OK, id="an agency"),
    ],
)
def test_what_the_page_is_asked_for(sent, status):
    answer = page(signed_in("reader", READER), **sent)
    assert answer.status_code == status
    assert answer.context["figures"]


def test_a_persons_number_is_no_agency():
    answer = page(signed_in("reader", READER), agency=NUMBER)
    assert answer.status_code == HTTPStatus.NOT_FOUND and NUMBER not in text(answer)


def test_strangers_and_those_who_are_not_signed_in(client):
    assert page(signed_in("administrator", ADMINISTRATOR)).status_code == FORBIDDEN
    assert client.get(reverse("admin:desk_watch"), headers={"host": "testserver"}).status_code == FOUND


def test_a_watcher_that_stands_still_is_said():
    reader = signed_in("reader", READER)
    assert "The watcher has not run yet" in text(page(reader))
    state = Folding.objects.create(pk=1, first=NOON, until=NOON, reached=NOON, succeeded_at=timezone.now())
    assert "The watcher has" not in text(page(reader))
    state.succeeded_at -= timedelta(minutes=16)
    state.save()
    assert "The watcher has folded nothing since" in text(page(reader))


@pytest.mark.usefixtures("something")
def test_the_start_page_says_how_many_alerts_are_open():
    shown = text(signed_in("reader", READER).get(reverse("admin:index")))
    assert "open alert" in shown and "Today: " in shown
    assert "Today: " not in text(signed_in("administrator", ADMINISTRATOR).get(reverse("admin:index")))


@pytest.mark.parametrize(
    ("group", "rules", "change"),
    [
        pytest.param(AUDITOR, 16, OK, id="an auditor sees and changes all"),
        pytest.param(OFFICER, 10, FORBIDDEN, id="an officer sees those about agencies"),
        pytest.param(READER, 10, FORBIDDEN, id="a reader too"),
        pytest.param(ADMINISTRATOR, None, FORBIDDEN, id="an administrator sees none"),
    ],
)
def test_who_sees_and_changes_the_limits(group, rules, change):
    client, rule = signed_in("somebody", group), WatchRule.objects.get(kind="refused")
    listed = client.get(reverse("admin:watching_watchrule_changelist"))
    assert (listed.context["cl"].result_count if listed.status_code == OK else None) == rules
    address = reverse("admin:watching_watchrule_change", args=[rule.pk])
    done = client.post(address, {"threshold": "7", "window": "day", "is_on": "on"})
    assert done.status_code == (FOUND if change == OK else FORBIDDEN)
    rule.refresh_from_db()
    assert rule.threshold == (7 if change == OK else 100)
    staff = WatchRule.objects.get(kind="colleague")
    hidden = client.get(reverse("admin:watching_watchrule_change", args=[staff.pk]))
    assert hidden.status_code == (OK if group == AUDITOR else FORBIDDEN if group == ADMINISTRATOR else FOUND)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"threshold": "0", "window": "day"}, id="no limit"),
        pytest.param({"threshold": "-1", "window": "day"}, id="below nothing"),
        pytest.param({"threshold": "7", "window": "month"}, id="a window in which it is not counted"),
        pytest.param({"threshold": "7", "window": "year"}, id="no window"),
        pytest.param({"threshold": "x", "window": "day"}, id="no number"),
    ],
)
def test_limits_that_cannot_be(sent):
    auditor, rule = signed_in("auditor", AUDITOR), WatchRule.objects.get(kind="refused")
    answer = auditor.post(reverse("admin:watching_watchrule_change", args=[rule.pk]), sent)
    assert (answer.status_code, WatchRule.objects.get(kind="refused").threshold) == (OK, 100)


def test_a_change_of_a_limit_is_kept_with_who_made_it():
    auditor, rule = signed_in("auditor", AUDITOR), WatchRule.objects.get(kind="refused")
    auditor.post(reverse("admin:watching_watchrule_change", args=[rule.pk]), {"threshold": "7", "window": "day"})
    history = text(auditor.get(reverse("admin:watching_watchrule_history", args=[rule.pk])))
    assert "auditor-of-a-test" in history and "100" in history


def test_in_norwegian(something):
    with translation.override("nb"):
        titles = [str(figure.title) for figure in dashboard.of_agencies(dashboard.Asked(DAY, [], NAMES))]
    assert titles[:2] == ["Spørsmål", "Avslag etter kode"]
