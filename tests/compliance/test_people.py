"""The groups of people who work in the admin have exactly their rights."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command

from compliance import people
from compliance.people import ADMINISTRATOR, COMPLIANCE, GROUPS, REPORTING, make_groups

pytestmark = pytest.mark.django_db
RULES = {
    "legal.view_dataconsumer",
    "legal.view_service",
    "legal.view_serviceversion",
    "legal.view_bankruptcynotice",
    "legal.view_noticereading",
    "legal.view_closing",
    "legal.view_person",
    "dsop.view_agencycertificate",
    "pension.view_agreement",
}
CHANGES = {
    "legal.change_dataconsumer",
    "legal.propose_serviceversion",
    "legal.approve_serviceversion",
    "legal.close_mandate",
    "legal.open_mandate",
    "dsop.pin_agencycertificate",
    "pension.add_agreement",
    "pension.change_agreement",
}
REPORTS = {"bsu.view_delivery", "bsu.view_sending"}
SENDINGS = {"bsu.request_sending", "bsu.approve_sending"}
TRAIL = {"audit.view_auditrecord", "audit.view_turnedaway", "audit.view_access", "audit.view_checkpoint"}
DECISIONS = {"audit.view_decision", "audit.hold_case", "audit.decide_deletion"}


def rights_of(name):
    permissions = Permission.objects.filter(group__name=name)
    return {f"{app}.{word}" for app, word in permissions.values_list("content_type__app_label", "codename")}


def test_the_groups_of_this_database():
    assert {name: rights_of(name) for name in Group.objects.values_list("name", flat=True)} == {
        "administrator": RULES | CHANGES,
        "compliance": RULES | REPORTS | TRAIL | DECISIONS,
        "reporting": REPORTS | SENDINGS,
    }


def test_what_may_be_changed_at_all():
    """What the bank decides by administrators, sendings by reporters, what is kept by compliance; people never."""
    changing = {(name, right) for name, rights in GROUPS.items() for right in rights if ".view_" not in right}
    deciding = {(COMPLIANCE, right) for right in DECISIONS - {"audit.view_decision"}}
    assert (
        changing
        == {(ADMINISTRATOR, right) for right in CHANGES} | {(REPORTING, right) for right in SENDINGS} | deciding
    )


@pytest.mark.parametrize(
    ("group", "right", "has"),
    [
        (COMPLIANCE, "audit.hold_case", True),
        (COMPLIANCE, "audit.decide_deletion", True),
        (ADMINISTRATOR, "audit.hold_case", False),
        (ADMINISTRATOR, "audit.decide_deletion", False),
        (ADMINISTRATOR, "legal.view_service", True),
        (ADMINISTRATOR, "legal.change_dataconsumer", True),
        (ADMINISTRATOR, "legal.add_dataconsumer", False),
        (ADMINISTRATOR, "legal.delete_dataconsumer", False),
        (ADMINISTRATOR, "legal.change_serviceversion", False),
        (ADMINISTRATOR, "legal.add_serviceversion", False),
        (ADMINISTRATOR, "legal.approve_serviceversion", True),
        (ADMINISTRATOR, "legal.add_person", False),
        (ADMINISTRATOR, "legal.add_personaccount", False),
        (ADMINISTRATOR, "dsop.pin_agencycertificate", True),
        (ADMINISTRATOR, "dsop.change_agencycertificate", False),
        (ADMINISTRATOR, "pension.change_agreement", True),
        (ADMINISTRATOR, "pension.delete_agreement", False),
        (ADMINISTRATOR, "audit.view_auditrecord", False),
        (ADMINISTRATOR, "audit.view_access", False),
        (ADMINISTRATOR, "audit.view_checkpoint", False),
        (ADMINISTRATOR, "auth.change_user", False),
        (COMPLIANCE, "legal.view_service", True),
        (COMPLIANCE, "audit.view_auditrecord", True),
        (COMPLIANCE, "audit.view_turnedaway", True),
        (COMPLIANCE, "audit.view_access", True),
        (COMPLIANCE, "audit.view_checkpoint", True),
        (COMPLIANCE, "audit.add_access", False),
        (COMPLIANCE, "dsop.view_agencycertificate", True),
        (COMPLIANCE, "dsop.pin_agencycertificate", False),
        (COMPLIANCE, "legal.change_dataconsumer", False),
        (COMPLIANCE, "legal.view_closing", True),
        (COMPLIANCE, "pension.view_agreement", True),
        (COMPLIANCE, "pension.change_agreement", False),
        (COMPLIANCE, "legal.propose_serviceversion", False),
        (COMPLIANCE, "legal.approve_serviceversion", False),
        (COMPLIANCE, "legal.close_mandate", False),
        (COMPLIANCE, "legal.open_mandate", False),
        (COMPLIANCE, "audit.change_auditrecord", False),
        (COMPLIANCE, "audit.delete_auditrecord", False),
        (COMPLIANCE, "accounts.view_party", False),
        (COMPLIANCE, "bsu.view_delivery", True),
        (COMPLIANCE, "bsu.request_sending", False),
        (COMPLIANCE, "bsu.approve_sending", False),
        (ADMINISTRATOR, "bsu.view_delivery", False),
        (ADMINISTRATOR, "bsu.approve_sending", False),
        (REPORTING, "bsu.view_sending", True),
        (REPORTING, "bsu.request_sending", True),
        (REPORTING, "bsu.approve_sending", True),
        (REPORTING, "bsu.change_delivery", False),
        (REPORTING, "legal.view_service", False),
        (REPORTING, "audit.view_auditrecord", False),
    ],
)
def test_what_a_member_may_do(group, right, has):
    member = User.objects.create_user("kari", is_staff=True)
    member.groups.add(Group.objects.get(name=group))
    assert member.has_perm(right) is has


def test_groups_are_made_where_there_are_none():
    Group.objects.all().delete()
    call_command("load_groups")
    assert {name: rights_of(name) for name in GROUPS} == {
        ADMINISTRATOR: RULES | CHANGES,
        COMPLIANCE: RULES | REPORTS | TRAIL | DECISIONS,
        REPORTING: REPORTS | SENDINGS,
    }


def test_making_them_again_changes_nothing():
    before = (
        list(Group.permissions.through.objects.order_by("pk").values()),
        list(Group.objects.order_by("pk").values()),
    )
    call_command("load_groups")
    after = list(Group.permissions.through.objects.order_by("pk").values()), list(Group.objects.order_by("pk").values())
    assert after == before


def test_a_right_too_many_is_taken_away_and_a_missing_one_given_back():
    group = Group.objects.get(name=ADMINISTRATOR)
    group.permissions.set(Permission.objects.filter(content_type__app_label__in=["auth", "audit"]))
    make_groups()
    assert rights_of(ADMINISTRATOR) == RULES | CHANGES


def test_groups_and_members_of_the_bank_s_own_are_left_alone():
    own = Group.objects.create(name="drift")
    own.permissions.set(Permission.objects.filter(codename="view_session"))
    member = User.objects.create_user("kari")
    member.groups.add(own, Group.objects.get(name=COMPLIANCE))
    make_groups()
    assert rights_of("drift") == {"sessions.view_session"}
    assert set(member.groups.values_list("name", flat=True)) == {"drift", COMPLIANCE}


@pytest.mark.parametrize("right", ["audit.view_nothing", "nothing.view_auditrecord"])
def test_an_unknown_right_is_an_error_and_changes_nothing(monkeypatch, right):
    monkeypatch.setattr(people, "GROUPS", {ADMINISTRATOR: (), COMPLIANCE: (*TRAIL, right)})
    with pytest.raises(Permission.DoesNotExist):
        call_command("load_groups")
    assert (rights_of(ADMINISTRATOR), rights_of(COMPLIANCE)) == (RULES | CHANGES, RULES | REPORTS | TRAIL | DECISIONS)
