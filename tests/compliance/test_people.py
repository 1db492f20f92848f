"""The groups of people who work in the admin have exactly their rights, and no administrator reads the trail."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command

from compliance import people
from compliance.people import ADMINISTRATOR, AUDITOR, GROUPS, OFFICER, READER, REPORTING, make_groups

pytestmark = pytest.mark.django_db
RULES = {
    "legal.view_dataconsumer",
    "legal.view_service",
    "legal.view_serviceversion",
    "legal.view_bankruptcynotice",
    "legal.view_noticereading",
    "legal.view_closing",
    "legal.view_ratelimit",
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
    "legal.add_ratelimit",
    "legal.change_ratelimit",
    "legal.delete_ratelimit",
    "dsop.pin_agencycertificate",
    "pension.add_agreement",
    "pension.change_agreement",
}
REPORTS = {"bsu.view_delivery", "bsu.view_sending"}
SENDINGS = {"bsu.request_sending", "bsu.approve_sending"}
TRAIL = {"audit.view_auditrecord", "audit.view_turnedaway", "audit.view_checkpoint", "audit.view_decision"}
LOOKING = {"compliance.search_person", "compliance.view_watch"}
ANSWERING = {
    "compliance.see_numbers",
    "compliance.open_document",
    "compliance.view_shielded",
    "compliance.answer_citizen",
    "compliance.export_records",
    "compliance.approve_export",
    "compliance.settle_alert",
    "compliance.handle_breach",
    "compliance.approve_notice",
    "compliance.change_routine",
}
DECISIONS = {"audit.hold_case", "audit.decide_deletion"}
CONTROL = {
    "audit.view_access",
    "compliance.view_watch",
    "compliance.view_staff_watch",
    "compliance.change_watch_rule",
    "compliance.verify_trail",
}
ALL = {
    "administrator": RULES | CHANGES,
    "compliance reader": RULES | REPORTS | TRAIL | LOOKING,
    "compliance officer": RULES | REPORTS | TRAIL | LOOKING | ANSWERING | DECISIONS,
    "auditor": RULES | TRAIL | CONTROL,
    "reporting": REPORTS | SENDINGS,
}


def rights_of(name):
    permissions = Permission.objects.filter(group__name=name)
    return {f"{app}.{word}" for app, word in permissions.values_list("content_type__app_label", "codename")}


def test_the_groups_of_this_database():
    assert {name: rights_of(name) for name in Group.objects.values_list("name", flat=True)} == ALL


def test_the_desk_s_rights_are_all_somebody_s():
    desk = set(Permission.objects.filter(content_type__app_label="compliance").values_list("codename", flat=True))
    given = {right.split(".")[1] for rights in GROUPS.values() for right in rights if right.startswith("compliance.")}
    assert given == desk


@pytest.mark.parametrize(
    ("right", "groups"),
    [
        pytest.param("audit.view_auditrecord", {READER, OFFICER, AUDITOR}, id="reads the trail"),
        pytest.param("audit.view_access", {AUDITOR}, id="reads who read the trail"),
        pytest.param("audit.add_access", set(), id="writes into that log by hand"),
        pytest.param("audit.change_auditrecord", set(), id="changes a record"),
        pytest.param("audit.delete_auditrecord", set(), id="deletes a record"),
        pytest.param("audit.hold_case", {OFFICER}, id="holds a case"),
        pytest.param("audit.decide_deletion", {OFFICER}, id="decides over deletion"),
        pytest.param("compliance.search_person", {READER, OFFICER}, id="looks for a person"),
        pytest.param("compliance.see_numbers", {OFFICER}, id="sees numbers in full"),
        pytest.param("compliance.view_shielded", {OFFICER}, id="sees shielded persons"),
        pytest.param("compliance.answer_citizen", {OFFICER}, id="answers citizens"),
        pytest.param("compliance.export_records", {OFFICER}, id="exports"),
        pytest.param("compliance.approve_export", {OFFICER}, id="agrees to an export"),
        pytest.param("compliance.verify_trail", {AUDITOR}, id="verifies the trail"),
        pytest.param("compliance.view_watch", {READER, OFFICER, AUDITOR}, id="sees the dashboard"),
        pytest.param("compliance.view_staff_watch", {AUDITOR}, id="sees alarms about staff"),
        pytest.param("compliance.change_watch_rule", {AUDITOR}, id="changes what counts as strange"),
        pytest.param("legal.view_service", {ADMINISTRATOR, READER, OFFICER, AUDITOR}, id="reads the rules"),
        pytest.param("legal.change_dataconsumer", {ADMINISTRATOR}, id="changes an agency"),
        pytest.param("legal.add_dataconsumer", set(), id="adds an agency"),
        pytest.param("legal.delete_dataconsumer", set(), id="deletes an agency"),
        pytest.param("legal.propose_serviceversion", {ADMINISTRATOR}, id="proposes rules"),
        pytest.param("legal.approve_serviceversion", {ADMINISTRATOR}, id="approves rules"),
        pytest.param("legal.change_serviceversion", set(), id="changes rules by hand"),
        pytest.param("legal.close_mandate", {ADMINISTRATOR}, id="closes"),
        pytest.param("legal.open_mandate", {ADMINISTRATOR}, id="opens"),
        pytest.param("legal.add_person", set(), id="says who is a person"),
        pytest.param("legal.add_personaccount", set(), id="says whose account it is"),
        pytest.param("auth.change_user", set(), id="changes an account"),
        pytest.param("dsop.pin_agencycertificate", {ADMINISTRATOR}, id="pins a certificate"),
        pytest.param("dsop.change_agencycertificate", set(), id="changes a certificate"),
        pytest.param("pension.change_agreement", {ADMINISTRATOR}, id="changes a pension agreement"),
        pytest.param("pension.delete_agreement", set(), id="deletes a pension agreement"),
        pytest.param("bsu.view_delivery", {READER, OFFICER, REPORTING}, id="looks at BSU reports"),
        pytest.param("bsu.request_sending", {REPORTING}, id="asks to send one"),
        pytest.param("bsu.approve_sending", {REPORTING}, id="agrees to send one"),
        pytest.param("bsu.change_delivery", set(), id="changes one"),
        pytest.param("accounts.view_party", set(), id="sees the ledger"),
    ],
)
def test_who_does_what(right, groups):
    """As the accounts themselves are asked, each a member of one group."""
    may = set()
    for name in GROUPS:
        member = User.objects.create_user(f"of {name}", is_staff=True)
        member.groups.add(Group.objects.get(name=name))
        may |= {name} if member.has_perm(right) else set()
    assert may == groups


def test_no_group_judges_itself():
    """Who acts on the trail does not read who read it, and the other way about; administrators do neither."""
    assert not ALL[OFFICER] & CONTROL - {"compliance.view_watch"}
    assert not ALL[AUDITOR] & (ANSWERING | DECISIONS | CHANGES | SENDINGS | {"compliance.search_person"})
    assert not {right for right in ALL[ADMINISTRATOR] if right.startswith(("audit.", "compliance."))}


def test_groups_are_made_where_there_are_none():
    Group.objects.all().delete()
    call_command("load_groups")
    assert {name: rights_of(name) for name in GROUPS} == ALL


def test_making_them_again_changes_nothing():
    def now():
        return [list(model.objects.order_by("pk").values()) for model in (Group.permissions.through, Group)]

    before = now()
    call_command("load_groups")
    assert now() == before


def test_the_group_of_an_earlier_release_is_called_otherwise_and_keeps_its_people():
    Group.objects.all().delete()
    former = Group.objects.create(name="compliance")
    former.permissions.set(Permission.objects.filter(codename__in=["view_access", "hold_case"]))
    member = User.objects.create_user("kari", is_staff=True)
    member.groups.add(former)
    call_command("load_groups")
    assert list(member.groups.values_list("pk", "name")) == [(former.pk, READER)]
    assert rights_of(READER) == ALL[READER]
    assert not Group.objects.filter(name="compliance").exists()


def test_a_group_of_that_name_that_the_bank_made_since_is_left_alone():
    own = Group.objects.create(name="compliance")
    member = User.objects.create_user("kari")
    member.groups.add(own)
    call_command("load_groups")
    assert list(member.groups.values_list("name", flat=True)) == ["compliance"]
    assert rights_of("compliance") == set()


def test_a_right_too_many_is_taken_away_and_a_missing_one_given_back():
    group = Group.objects.get(name=ADMINISTRATOR)
    group.permissions.set(Permission.objects.filter(content_type__app_label__in=["auth", "audit"]))
    make_groups()
    assert rights_of(ADMINISTRATOR) == RULES | CHANGES


def test_groups_and_members_of_the_bank_s_own_are_left_alone():
    own = Group.objects.create(name="drift")
    own.permissions.set(Permission.objects.filter(codename="view_session"))
    member = User.objects.create_user("kari")
    member.groups.add(own, Group.objects.get(name=READER))
    make_groups()
    assert rights_of("drift") == {"sessions.view_session"}
    assert set(member.groups.values_list("name", flat=True)) == {"drift", READER}


@pytest.mark.parametrize("right", ["audit.view_nothing", "nothing.view_auditrecord"])
def test_an_unknown_right_is_an_error_and_changes_nothing(monkeypatch, right):
    monkeypatch.setattr(people, "GROUPS", {ADMINISTRATOR: (), READER: (*TRAIL, right)})
    with pytest.raises(Permission.DoesNotExist):
        call_command("load_groups")
    assert (rights_of(ADMINISTRATOR), rights_of(READER)) == (ALL[ADMINISTRATOR], ALL[READER])
