"""Versions in the admin: a form that cannot be filled in wrongly, the comparison, and who may press which button."""

import html
import re
from http import HTTPStatus

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from compliance.people import ADMINISTRATOR, READER, make_groups
from legal.models import Closing, DataConsumer, PersonAccount, ServiceVersion
from legal.version_forms import first_words
from tests.legal.governed import draft, person, rules, service, states

pytestmark = pytest.mark.django_db(databases=["default"])
OK, FOUND, FORBIDDEN = HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.FORBIDDEN


def client(account, *, of=None, group=ADMINISTRATOR, superuser=False):
    """Return a signed-in account, of a person unless `of` is None."""
    make_groups()
    user = User.objects.create_user(account, is_staff=True, is_superuser=superuser)
    user.groups.set(Group.objects.filter(name=group))
    if of is not None:
        PersonAccount.objects.create(user=user, person=person(of))
    made = Client(headers={"host": "testserver"})
    made.force_login(user)
    return made


@pytest.fixture
def saldo():
    return service()


@pytest.fixture
def kari():
    return client("kari", of="Kari")


@pytest.fixture
def ola():
    return client("ola", of="Ola")


def page(name, version):
    return reverse(f"admin:legal_serviceversion_{name}", args=[version.pk])


def posted(version, **changes):
    """Return what a browser would send of the form as it stands, with changes; None leaves one out."""
    words = {name: value for name, value in first_words(version.rules).items() if value is not False}
    words = {name: "on" if value is True else value for name, value in words.items()}
    return {name: value for name, value in {**words, **changes}.items() if value is not None}


def seen(answer):
    return re.search(r'name="seen" value="([0-9a-f]{64})"', answer.content.decode())[1]


def text(answer):
    return html.unescape(answer.content.decode())


def errors(answer):
    lists = re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', answer.content.decode(), re.DOTALL)
    return [html.unescape(error) for found in lists for error in re.findall(r"<li>(.*?)</li>", found)]


def test_from_a_draft_to_what_is_in_force(saldo, kari, ola):
    """The whole way: a draft of what is in force, one field closed, looked at and approved by somebody else."""
    ruling = saldo.versions.get()
    made = kari.post(page("draft", ruling))
    version = saldo.versions.get(number=2)
    assert made.headers["Location"] == page("edit", version)
    saved = kari.post(page("edit", version), posted(version, **{"accounts:accounts.currency": "withhold"}))
    assert saved.headers["Location"] == page("differences", version)
    shown = ola.get(page("differences", version))
    assert '<tr class="closes"><td>closes</td><td>accounts</td><th scope="row">accounts.currency</th>' in text(shown)
    assert text(shown).count('<tr class="') == 1
    answer = ola.post(page("approve", version), {"seen": seen(shown)})
    assert (answer.status_code, answer.headers["Location"]) == (FOUND, page("change", version))
    assert states(saldo) == {1: "ended", 2: "approved"}
    version.refresh_from_db()
    assert (version.author.name, version.approver.name) == ("Kari", "Ola")
    assert version.rules == rules(accounts_currency="withhold")


def test_the_form_as_it_stands_changes_nothing(saldo, kari):
    version = draft(saldo, person("Kari"))
    assert kari.get(page("edit", version)).status_code == OK
    assert kari.post(page("edit", version), posted(version)).status_code == FOUND
    version.refresh_from_db()
    assert version.rules == rules()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param(
            {"accounts:accounts.type": "sometimes"},
            "Select a valid choice. sometimes is not one of the available choices.",
            id="another word than the standard's five",
        ),
        pytest.param({"accounts:accounts.type": None}, "This field is required.", id="a field without a word"),
        pytest.param(
            {"accounts:period": "for ever"},
            "Select a valid choice. for ever is not one of the available choices.",
            id="an unknown rule",
        ),
        pytest.param(
            {"accounts:mandates": "\n \n"}, "steps.accounts.mandates must list at least one text.", id="no text"
        ),
        pytest.param({"accounts:mandates": "A\nA"}, "steps.accounts.mandates names a text twice.", id="a text twice"),
        pytest.param(
            {"accounts:served": None}, "steps.accountDetails goes only with steps.accounts.", id="details alone"
        ),
        pytest.param(
            {"accounts:period": "year_before_ruling"},
            "steps.accounts: period year_before_ruling goes only with precondition bankruptcy.",
            id="rules that do not go together",
        ),
        pytest.param(
            {"consumer-0-organisation_number": "", "consumer-0-name": ""},
            "consumers must be a list with at least one agency.",
            id="no agency",
        ),
        pytest.param(
            {"consumer-1-organisation_number": "974761077", "consumer-1-name": "Wrong"},
            "a consumer must have an organisation_number with a right check digit, and a name;"
            " a certificate_participant is such a number too.",
            id="a wrong number",
        ),
        pytest.param({"name": ""}, "This field is required.", id="no name"),
        pytest.param({"effective_from": "soon"}, "Enter a valid date.", id="no date"),
    ],
)
def test_what_the_form_refuses(saldo, kari, changes, sentence):
    version = draft(saldo, person("Kari"))
    answer = kari.post(page("edit", version), posted(version, **changes))
    assert answer.status_code == OK
    assert sentence in errors(answer)
    version.refresh_from_db()
    assert version.rules == rules()


def test_an_endpoint_is_added_and_the_comparison_says_so(saldo, kari):
    version = draft(saldo, person("Kari"))
    changes = {"roles:served": "on", "roles:mandates": "Saldo two"}
    assert kari.post(page("edit", version), posted(version, **changes)).status_code == FOUND
    version.refresh_from_db()
    assert set(version.rules["fields"]["roles"].values()) == {"withhold"}, "silence means no"
    shown = text(kari.get(page("differences", version)))
    assert '<tr class="opens"><td>opens</td><td>roles</td><th scope="row">endpoint</th>' in shown


ACTS = {
    "draft": lambda who, saldo, version: who.post(page("draft", saldo.versions.get(number=1))),
    "edit": lambda who, saldo, version: who.post(page("edit", version), posted(version)),
    "see the form": lambda who, saldo, version: who.get(page("edit", version)),
    "approve": lambda who, saldo, version: who.post(page("approve", version), {"seen": "0" * 64}),
    "withdraw": lambda who, saldo, version: who.post(page("withdraw", version)),
}
STRANGERS = {
    "compliance": {"of": "Ola", "group": READER},
    "an account of nobody": {"of": None},
    "a superuser of nobody": {"of": None, "superuser": True},
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
def test_who_may_not(saldo, act, stranger):
    version = draft(saldo, person("Kari"))
    before = list(ServiceVersion.objects.order_by("pk").values())
    assert act(client("stranger", **stranger), saldo, version).status_code == FORBIDDEN
    assert list(ServiceVersion.objects.order_by("pk").values()) == before


def test_the_author_has_no_button_and_is_refused_under_another_account(saldo, kari):
    """The same person, signed in as somebody else: refused on the page, in the form and by the database."""
    version = draft(saldo, person("Kari"))
    other = client("kari.second", of="Kari")
    for who in (kari, other):
        shown = who.get(page("differences", version))
        assert "You wrote this draft. Another person must approve it." in text(shown)
        assert 'id="approve-form"' not in text(shown)
    somebody = client("ola", of="Ola")
    proof = seen(somebody.get(page("differences", version)))
    answer = other.post(page("approve", version), {"seen": proof})
    assert "You wrote this draft. Another person must approve it." in text(answer)
    assert states(saldo) == {1: "approved", 2: "draft"}


def test_what_was_not_looked_at_is_not_approved(saldo, kari, ola):
    version = draft(saldo, person("Kari"))
    proof = seen(ola.get(page("differences", version)))
    kari.post(page("edit", version), posted(version, **{"accounts:accounts.currency": "withhold"}))
    answer = ola.post(page("approve", version), {"seen": proof})
    assert "has changed since you looked" in text(answer)
    assert states(saldo) == {1: "approved", 2: "draft"}


@pytest.mark.parametrize("name", ["edit", "differences"])
def test_a_version_that_is_not_there(kari, name):
    version = ServiceVersion(pk="00000000-0000-4000-8000-000000000001")
    assert kari.get(page(name, version)).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("name", ["draft", "approve", "withdraw"])
def test_nothing_happens_by_looking(saldo, kari, name):
    version = draft(saldo, person("Kari"))
    assert kari.get(page(name, version)).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_compliance_sees_versions_differences_and_history(saldo):
    version = draft(saldo, person("Kari"), accounts_currency="withhold")
    reader = client("reader", of="Ola", group=READER)
    for name in ("change", "differences", "history"):
        shown = reader.get(page(name, version))
        assert shown.status_code == OK
        assert not re.search(r'id="(draft|withdraw|approve)-form"|legal/serviceversion/[^"]*/edit/', text(shown))
    assert "accounts accounts.currency: deliver (sent) → withhold (never sent)" in text(
        reader.get(page("history", version))
    )


def test_history_says_who(saldo, kari):
    kari.post(page("draft", saldo.versions.get()))
    shown = text(kari.get(page("history", saldo.versions.get(number=2))))
    assert "Kari (kari), kari" in shown
    assert "admin:legal_serviceversion_draft" in shown


def closing_page(name, *arguments):
    return reverse(f"admin:legal_closing_{name}", args=arguments)


def agency():
    return DataConsumer.objects.get(organisation_number="974761076")


def test_an_agency_is_closed_by_one_and_opened_by_two(kari, ola):
    assert "Close at once" in text(kari.get(reverse("admin:legal_dataconsumer_change", args=[agency().pk])))
    answer = kari.post(closing_page("close", "consumer", agency().pk), {"reason": "Under investigation."})
    closing = Closing.objects.get()
    assert answer.headers["Location"] == closing_page("change", closing.pk)
    assert not agency().is_open
    assert kari.post(closing_page("ask", closing.pk), {"reason": "It is over."}).status_code == FOUND
    kari.post(closing_page("open", closing.pk))
    assert not agency().is_open
    assert "You asked for the opening." in text(kari.get(closing_page("change", closing.pk)))
    assert 'id="open-form"' in text(ola.get(closing_page("change", closing.pk)))
    ola.post(closing_page("open", closing.pk))
    assert agency().is_open


def test_a_field_is_closed(saldo, kari):
    url = closing_page("close_field", saldo.pk)
    assert "accounts.currency" in text(kari.get(url))
    assert kari.post(url, {"field": "accounts:accounts.currency", "reason": "Wrong."}).status_code == FOUND
    assert str(Closing.objects.get()) == "Saldo two accounts accounts.currency"
    again = kari.post(url, {"field": "accounts:accounts.currency", "reason": "Wrong."})
    assert errors(again) == ["It is closed already."]


def test_what_was_closed_past_the_admin_can_be_opened(saldo, kari):
    type(saldo).objects.filter(pk=saldo.pk).update(is_open=False)
    shown = text(kari.get(reverse("admin:legal_service_change", args=[saldo.pk])))
    assert "It was closed past the admin" in shown
    kari.post(closing_page("found", "service", saldo.pk))
    assert Closing.objects.get().service == saldo


CLOSING_ACTS = {
    "close an agency": lambda who, closing: who.post(closing_page("close", "consumer", agency().pk), {"reason": "x"}),
    "close a service": lambda who, closing: who.post(
        closing_page("close", "service", closing.service_id), {"reason": "x"}
    ),
    "close a field": lambda who, closing: who.post(
        closing_page("close_field", closing.service_id), {"reason": "x", "field": "accounts:accounts.type"}
    ),
    "ask": lambda who, closing: who.post(closing_page("ask", closing.pk), {"reason": "x"}),
    "take back": lambda who, closing: who.post(closing_page("take_back", closing.pk)),
    "open": lambda who, closing: who.post(closing_page("open", closing.pk)),
}


@pytest.mark.parametrize("act", CLOSING_ACTS.values(), ids=CLOSING_ACTS)
@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
def test_who_may_not_close_or_open(saldo, kari, act, stranger):
    kari.post(closing_page("close_field", saldo.pk), {"field": "accounts:accounts.currency", "reason": "Wrong."})
    closing = Closing.objects.get()
    assert act(client("stranger", **stranger), closing).status_code == FORBIDDEN
    assert Closing.objects.count() == 1
    assert agency().is_open


@pytest.mark.parametrize("reason", ["", "  "], ids=["none", "blank"])
def test_without_a_reason_nothing_is_closed(kari, reason):
    answer = kari.post(closing_page("close", "consumer", agency().pk), {"reason": reason})
    assert errors(answer) == ["This field is required."]
    assert agency().is_open


def test_nobody_says_whose_account_his_own_is():
    root = client("root", of=None, superuser=True)
    own, other = User.objects.get(username="root"), User.objects.create_user("other")
    url = reverse("admin:legal_personaccount_add")
    refused = root.post(url, {"user": own.pk, "person": person("Kari").pk})
    assert errors(refused) == ["Nobody says whose account his own is. Ask somebody else."]
    assert root.post(url, {"user": other.pk, "person": person("Kari").pk}).status_code == FOUND
    link = PersonAccount.objects.get(user=other)
    for name in ("change", "delete"):
        changed = root.post(reverse(f"admin:legal_personaccount_{name}", args=[link.pk]), {"person": person("Ola").pk})
        assert changed.status_code == FORBIDDEN


def test_an_employee_is_one_person_in_whatever_letters():
    root = client("root", of=None, superuser=True)
    person("K7")
    answer = root.post(reverse("admin:legal_person_add"), {"employee_id": " K7 ", "name": "Kari again"})
    assert errors(answer) == ["Person with this Employee id already exists."]
