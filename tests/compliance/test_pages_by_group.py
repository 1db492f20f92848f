"""Which group opens which page of the trail and of the desk; an administrator opens none of them."""

from http import HTTPStatus

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import NoReverseMatch, reverse

from compliance.people import ADMINISTRATOR, AUDITOR, GROUPS, OFFICER, READER, REPORTING, make_groups
from compliance.site import PARTS
from legal.models import PersonAccount
from tests.legal.governed import person

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
READS = {READER, OFFICER, AUDITOR}
PAGES = {
    "admin:audit_auditrecord_changelist": READS,
    "admin:audit_turnedaway_changelist": READS,
    "admin:audit_checkpoint_changelist": READS,
    "admin:audit_decision_changelist": READS,
    "admin:audit_decision_waiting": READS,
    "admin:audit_decision_hold": {OFFICER},
    "admin:audit_decision_deletions": {OFFICER},
    "admin:audit_access_changelist": {AUDITOR},
    "admin:desk_verify": {AUDITOR},
    "admin:auth_user_changelist": set(),
    "admin:auth_group_changelist": set(),
    "admin:legal_personaccount_changelist": set(),
    "admin:legal_service_changelist": {ADMINISTRATOR, *READS},
    "admin:bsu_delivery_changelist": {READER, OFFICER, REPORTING},
}


FOR_EVERYBODY = {"/admin/desk/routines/"}
"""Who is to be told of what: it holds nothing of the trail."""


@pytest.fixture
def members():
    """A browser for each group, of one person each."""
    make_groups()
    made = {}
    for name in GROUPS:
        user = User.objects.create_user(f"of {name}", is_staff=True)
        user.groups.set(Group.objects.filter(name=name))
        PersonAccount.objects.create(user=user, person=person(name.replace(" ", "-").title()))
        made[name] = Client(headers={"host": "localhost"})
        made[name].force_login(user)
    return made


@pytest.mark.parametrize(("page", "groups"), PAGES.items(), ids=PAGES.keys())
def test_who_opens_it(members, page, groups):
    opened = {name for name, browser in members.items() if browser.get(reverse(page)).status_code == HTTPStatus.OK}
    assert opened == groups


def test_no_way_tells_whether_a_row_is_there_without_a_note(members):
    """Django's own way from a row to its public page would."""
    with pytest.raises(NoReverseMatch):
        reverse("admin:view_on_site", args=[1, 1])
    assert members[OFFICER].get("/admin/r/1/1/").status_code == HTTPStatus.NOT_FOUND


def desk_pages():
    """Yield the address of every page of the desk that needs no more than its name."""
    for part in PARTS:
        for page in part.PAGES:
            try:
                yield reverse(f"admin:{page.name}")
            except NoReverseMatch:  # it is about one record, case or request
                continue


@pytest.mark.parametrize("group", [ADMINISTRATOR, REPORTING])
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_page_of_the_desk_is_theirs(members, group, method):
    browser, addresses = members[group], [*desk_pages()]
    assert addresses
    refused = {HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED}
    answers = {address: getattr(browser, method)(address).status_code for address in addresses}
    assert {address for address, status in answers.items() if status not in refused} <= FOR_EVERYBODY


def test_their_start_page_says_nothing_of_the_desk(members):
    for group in (ADMINISTRATOR, REPORTING):
        page = members[group].get(reverse("admin:index")).content.decode()
        assert "desk-panel" not in page and "/admin/audit/" not in page and "/admin/desk/" not in page
