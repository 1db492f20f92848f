"""Who somebody is whom the bank's provider vouches for: never by e-mail, always one person, with just these groups."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from audit import recording
from audit.models import Decision
from compliance.local.backend import LocalAccounts
from compliance.signin.claimed import username_of
from compliance.signin.models import Identity
from legal.models import Person, PersonAccount
from tests.audit.entries import answered as an_answer
from tests.compliance.signin.bank_provider import sign_in

pytestmark = pytest.mark.django_db
OFFICER = ["dsop-saksbehandlere"]


def reasons(caplog):
    return [record.reason for record in caplog.records if record.getMessage() == "signin.refused"]


def another():
    return Client(HTTP_HOST="localhost")


def groups_of(user):
    return sorted(user.groups.values_list("name", flat=True))


def may_look(browser):
    return browser.get("/admin/").status_code == 200


def the_account(bank, subject="3f1e0c9a"):
    return User.objects.get(username=username_of(bank.issuer, subject))


def test_the_account_of_a_first_sign_in(browser, bank):
    sign_in(browser, bank)
    user = the_account(bank)
    identity = Identity.objects.get(user=user)
    assert (identity.issuer, identity.subject, identity.groups) == (bank.issuer, "3f1e0c9a", ["compliance reader"])
    assert (user.first_name, user.last_name, user.email) == ("Kari Nordavind", "", "")
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)
    assert groups_of(user) == ["compliance reader"]
    person = user.person_account.person
    assert (person.employee_id, person.name) == ("k4711", "Kari Nordavind")
    assert "kari" not in user.username and "4711" not in user.username


def test_the_same_account_next_time(browser, bank):
    sign_in(browser, bank)
    sign_in(another(), bank, name="Kari Sønnavind", email="kari@other.example")
    assert User.objects.filter(username__startswith="oidc-").count() == 1
    assert Person.objects.get(accounts__user=the_account(bank)).name == "Kari Nordavind"


def test_one_e_mail_address_and_two_subjects_are_two_people(browser, bank):
    sign_in(browser, bank)
    sign_in(another(), bank, sub="another", employee="K9")
    assert Identity.objects.count() == 2
    assert {account.person.employee_id for account in PersonAccount.objects.filter(user__identity__isnull=False)} == {
        "k4711",
        "k9",
    }


@pytest.mark.parametrize("subject", ["3F1E0C9A", "3f1e0c9a ", "3f1e0c9"], ids=["capitals", "a blank", "shorter"])
def test_a_subject_is_taken_to_the_letter(browser, bank, subject):
    sign_in(browser, bank)
    sign_in(another(), bank, sub=subject, employee="K9")
    assert Identity.objects.count() == 2


def test_the_same_subject_of_another_issuer_is_somebody_else():
    assert username_of("https://a.example", "b") != username_of("https://a.exampleb", "")
    assert username_of("https://a.example", "b") != username_of("https://b.example", "b")


def test_a_local_account_is_never_found_by_name_or_e_mail(browser, bank):
    local = User.objects.create_user("kari", "kari.nordavind@bank.example", "a long word of her own")
    sign_in(browser, bank, preferred_username="kari", upn="kari", sub="kari")
    local.refresh_from_db()
    assert browser.session["_auth_user_id"] == str(the_account(bank, "kari").pk) != str(local.pk)
    assert (local.is_staff, groups_of(local), local.has_usable_password()) == (False, [], True)


def test_a_local_account_that_has_the_name_already_is_not_taken_over(browser, bank, caplog):
    local = User.objects.create_user(username_of(bank.issuer, "3f1e0c9a"), password="a long word of her own")
    assert sign_in(browser, bank).status_code == 403
    local.refresh_from_db()
    assert (reasons(caplog), local.is_staff, local.has_usable_password()) == (["account_taken"], False, True)
    assert not PersonAccount.objects.filter(user=local).exists()


def test_no_password_opens_it(browser, bank):
    sign_in(browser, bank)
    user = the_account(bank)
    for word in ("", "!", user.password):
        form = {"username": user.username, "password": word}
        assert LocalAccounts().authenticate(None, **form) is None
        assert another().post("/admin/login/", form).status_code != 302


@pytest.mark.parametrize(
    ("told", "given"),
    [
        pytest.param(["dsop-lesere"], ["compliance reader"], id="one"),
        pytest.param(["dsop-lesere", "dsop-saksbehandlere"], ["compliance officer", "compliance reader"], id="two"),
        pytest.param(
            ["dsop-lesere", "dsop-lesere", "hundeklubben"], ["compliance reader"], id="one twice, one of theirs"
        ),
        pytest.param("dsop-lesere", ["compliance reader"], id="one that is no list"),
    ],
)
def test_groups(browser, bank, told, given):
    sign_in(browser, bank, groups=told)
    assert groups_of(the_account(bank)) == given


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        pytest.param(None, "no_group", id="no claim"),
        pytest.param([], "no_group", id="an empty list"),
        pytest.param("", "no_group", id="an empty text"),
        pytest.param(["hundeklubben"], "no_group", id="one of theirs"),
        pytest.param(["DSOP-LESERE", "dsop-lesere "], "no_group", id="written otherwise"),
        pytest.param(["compliance officer"], "no_group", id="our name for it"),
        pytest.param({"dsop-lesere": True}, "groups", id="a table"),
        pytest.param(["dsop-lesere", 7], "groups", id="a number among them"),
        pytest.param(7, "groups", id="a number"),
    ],
)
def test_without_a_group_nobody_comes_in_and_nothing_is_kept(browser, bank, caplog, told, reason):
    assert sign_in(browser, bank, groups=told).status_code == 403
    assert reasons(caplog) == [reason]
    assert (User.objects.filter(username__startswith="oidc-").count(), Identity.objects.count()) == (0, 0)


def test_a_group_is_withdrawn_at_the_next_sign_in(browser, bank):
    sign_in(browser, bank, groups=["dsop-lesere", "dsop-saksbehandlere"])
    user = the_account(bank)
    user.groups.add(Group.objects.get(name="auditor"))
    user.user_permissions.add(Permission.objects.get(codename="view_session"))
    User.objects.filter(pk=user.pk).update(is_superuser=True, email="kari@bank.example")
    sign_in(another(), bank, groups=["dsop-lesere"])
    user = User.objects.get(pk=user.pk)
    assert (groups_of(user), user.is_superuser, user.email) == (["compliance reader"], False, "")
    assert user.get_user_permissions() == set()
    assert not may_look(browser), "who came in with more groups comes in anew"


def test_who_has_no_group_left_is_out_at_once(browser, bank, caplog):
    sign_in(browser, bank)
    assert may_look(browser)
    assert sign_in(another(), bank, groups=["hundeklubben"]).status_code == 403
    user = the_account(bank)
    assert (reasons(caplog), user.is_staff, groups_of(user)) == (["no_group"], False, [])
    assert not may_look(browser)
    assert "_auth_user_id" not in browser.session, "and the session is over, not only without rights"
    sign_in(browser, bank)
    assert may_look(browser), "until the provider says otherwise"


def test_the_provider_makes_no_superuser(browser, bank):
    sign_in(browser, bank, is_superuser=True, is_staff=True, groups=["dsop-lesere", "superuser"])
    assert (the_account(bank).is_superuser, groups_of(the_account(bank))) == (False, ["compliance reader"])


def test_a_group_that_was_never_made(browser, bank, settings, caplog):
    settings.OIDC_GROUPS = {"dsop-lesere": "a group of tomorrow"}
    assert sign_in(browser, bank).status_code == 403
    assert (reasons(caplog), Identity.objects.count()) == (["groups"], 0)


def test_an_account_that_was_shut_here_stays_shut(browser, bank, caplog):
    sign_in(browser, bank)
    User.objects.update(is_active=False)
    assert sign_in(another(), bank).status_code == 403
    assert reasons(caplog) == ["inactive"]
    assert not may_look(browser)


@pytest.mark.parametrize(
    ("setting", "claims", "comes_in"),
    [
        pytest.param({"amr": ["mfa"]}, {"amr": ["pwd", "mfa"]}, True, id="amr"),
        pytest.param({"amr": ["mfa", "hwk"]}, {"amr": ["hwk"]}, True, id="one of two"),
        pytest.param({"amr": ["mfa"]}, {"amr": ["pwd"]}, False, id="a password alone"),
        pytest.param({"amr": ["mfa"]}, {"amr": []}, False, id="nothing"),
        pytest.param({"amr": ["mfa"]}, {"amr": None}, False, id="no claim"),
        pytest.param({"amr": ["mfa"]}, {"amr": None, "acr": "mfa"}, False, id="another claim"),
        pytest.param({"amr": ["mfa"]}, {"amr": ["MFA", "mfa2", ["mfa"]]}, False, id="written otherwise"),
        pytest.param({"acr": ["high"]}, {"acr": "high"}, True, id="acr"),
        pytest.param({"acr": ["high"]}, {"acr": "low"}, False, id="too low"),
        pytest.param({"acr": ["high"]}, {"acr": "hig"}, False, id="a part of it"),
        pytest.param({"acr": ["high"]}, {}, False, id="no acr"),
        pytest.param({"acr": ["0"]}, {"acr": 0}, False, id="a number"),
        pytest.param({}, {"amr": None}, True, id="where none is asked for"),
    ],
)
def test_second_factor(browser, bank, settings, caplog, setting, claims, comes_in):
    settings.OIDC_SECOND_FACTOR = setting
    assert sign_in(browser, bank, **claims).status_code == (302 if comes_in else 403)
    assert reasons(caplog) == ([] if comes_in else ["second_factor"])
    assert Identity.objects.exists() == comes_in


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        pytest.param(None, "employee", id="none"),
        pytest.param("", "employee", id="empty"),
        pytest.param(4711, "employee", id="a number"),
        pytest.param(["K4711"], "employee", id="a list"),
        pytest.param("K 4711", "employee", id="a blank"),
        pytest.param("-k4711", "employee", id="a dash before"),
        pytest.param("k" * 41, "employee", id="too long"),
        pytest.param("K4711\x00", "employee", id="a zero byte"),
        pytest.param("K٤٧١١", "employee", id="digits of another script"),
        pytest.param("\u212a4711", "employee", id="a sign that becomes a k"),
        pytest.param("15869010089", "employee", id="a person's number"),
        pytest.param("kari@bank.example", "employee", id="an address"),
    ],
)
def test_a_staff_number_that_is_none(browser, bank, caplog, told, reason):
    assert sign_in(browser, bank, employee=told).status_code == 403
    assert (reasons(caplog), Identity.objects.count()) == ([reason], 0)


def test_an_account_never_becomes_another_person_s(browser, bank, caplog):
    sign_in(browser, bank)
    assert sign_in(another(), bank, employee="K9", groups=OFFICER).status_code == 403
    user = the_account(bank)
    assert (reasons(caplog), user.person_account.person.employee_id) == (["another_person"], "k4711")
    assert (groups_of(user), Person.objects.filter(employee_id="k9").exists()) == (["compliance reader"], False)


def test_without_staff_numbers_a_person_is_a_subject(browser, bank, settings):
    settings.OIDC_EMPLOYEE_CLAIM = ""
    sign_in(browser, bank)
    sign_in(another(), bank, sub="another")
    people = Person.objects.filter(accounts__user__identity__isnull=False)
    assert {person.employee_id for person in people} == {
        username_of(bank.issuer, "3f1e0c9a"),
        username_of(bank.issuer, "another"),
    }


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        pytest.param("  Kari \n Nordavind ", "Kari Nordavind", id="with blanks"),
        pytest.param(None, "k4711", id="no name"),
        pytest.param(["Kari"], "k4711", id="a list"),
        pytest.param("Kari\u202e", "k4711", id="a sign that turns the line"),
        pytest.param("x" * 141, "k4711", id="too long"),
        pytest.param("Kari 158690 10089", "k4711", id="with a number"),
    ],
)
def test_the_name_that_is_shown(browser, bank, told, shown):
    sign_in(browser, bank, name=told)
    assert the_account(bank).person_account.person.name == shown


def test_two_accounts_of_one_staff_number_are_one_person(browser, bank):
    """The officer has a local account besides: what the one asked for, the other cannot agree to."""
    person = Person.objects.create(employee_id="k4711", name="Kari Nordavind")
    local = User.objects.create_user("kari-lokal", is_staff=True)
    local.groups.add(Group.objects.get(name="compliance officer"))
    PersonAccount.objects.create(user=local, person=person)
    with_a_password = another()
    with_a_password.force_login(local)
    sign_in(browser, bank, groups=OFFICER)
    assert PersonAccount.objects.filter(person=person).count() == 2
    assert Person.objects.get(pk=person.pk).name == "Kari Nordavind"

    recording.record(an_answer())
    case = an_answer().account_info_request_id
    waiting, approve = reverse("admin:audit_decision_waiting"), reverse("admin:audit_decision_approve")
    browser.post(reverse("admin:audit_decision_hold"), {"case": str(case), "ground": "The court asks."})
    held = Decision.objects.get(kind=Decision.Kind.HELD)
    browser.post(reverse("admin:audit_decision_release", args=[held.pk]), {"ground": "Judged."})
    asked = Decision.objects.get(kind=Decision.Kind.RELEASE_REQUESTED)
    assert (held.person, asked.person, asked.account) == ("k4711", "k4711", the_account(bank).username)
    assert "You asked for this. Another person must agree." in with_a_password.get(waiting).content.decode()
    with_a_password.post(approve, {"request": str(asked.pk)})
    assert not Decision.objects.filter(kind=Decision.Kind.RELEASE_APPROVED).exists()
    colleague = another()
    sign_in(colleague, bank, sub="another", employee="K9", groups=OFFICER)
    colleague.post(approve, {"request": str(asked.pk)})
    assert Decision.objects.get(kind=Decision.Kind.RELEASE_APPROVED).person == "k9"


def test_the_history_says_what_a_sign_in_changed(browser, bank):
    sign_in(browser, bank)
    sign_in(browser, bank)
    sign_in(browser, bank, groups=[])
    identity = Identity.objects.get()
    kept = identity.events.order_by("pgh_id")
    assert [(one.pgh_label, one.groups) for one in kept] == [
        ("insert", []),
        ("update", ["compliance reader"]),
        ("update", []),
    ]
    told = {"user": identity.user.username, "person": "Kari Nordavind (k4711)", "view": "admin:oidc_callback"}
    assert [one.pgh_context.metadata for one in kept] == [told] * 3
    person = identity.user.person_account.person
    assert [one.pgh_context.metadata for one in person.events.all()] == [told]


INTO = "INSERT INTO signin_identity (issuer, subject, groups, user_id) SELECT issuer"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        pytest.param(f"{INTO}, subject, groups, {{other}} FROM signin_identity", "one_account", id="two accounts"),
        pytest.param(f"{INTO}, 'b', groups, user_id FROM signin_identity", "user_id", id="two subjects"),
        pytest.param("UPDATE signin_identity SET subject = ''", "is_whole", id="no subject"),
        pytest.param("DELETE FROM signin_identityevent", "permission denied", id="no history"),
        pytest.param("DELETE FROM auth_user WHERE username LIKE 'oidc-%'", "violates", id="no account"),
    ],
)
def test_the_database_holds_it_too(browser, bank, statement, words):
    sign_in(browser, bank)
    other = User.objects.create_user("other")
    with pytest.raises(DatabaseError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement.replace("%", "%%").format(other=other.pk), [])
