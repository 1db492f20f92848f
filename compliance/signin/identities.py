"""Who signs in: the account of an issuer's subject, the person behind it, and exactly the groups of this sign-in."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.db import transaction

from compliance.signin.claimed import Claimed
from compliance.signin.id_tokens import Refused
from compliance.signin.models import Identity
from legal.history import recorded
from legal.models import Person, PersonAccount

PAGE = "admin:oidc_callback"


def account_of(claimed: Claimed) -> User:
    """Return the account with what this sign-in gives it. Raise Refused.

    Whoever has no group left loses what there was, every session of the account included, and is refused.
    """
    person = f"{claimed.name} ({claimed.employee_id})"
    with recorded(user=claimed.username, person=person, view=PAGE), transaction.atomic():
        identity = _identity_of(claimed)
        if identity is not None:
            _say_who(identity.user, claimed)
            _give(identity, claimed)
    if identity is None or not claimed.groups:
        raise Refused("no_group")
    if not identity.user.is_active:
        raise Refused("inactive")
    return identity.user


def _identity_of(claimed: Claimed) -> Identity | None:
    """Return the subject's row, locked. One that is new is made with an account, unless it would be in no group."""
    rows = Identity.objects.select_for_update(of=("self",)).select_related("user")
    rows = rows.filter(issuer=claimed.issuer, subject=claimed.subject)
    held = rows.first()
    if held is not None or not claimed.groups:
        return held
    user, is_new = User.objects.get_or_create(username=claimed.username, defaults={"password": make_password(None)})
    if is_new:
        return Identity.objects.create(issuer=claimed.issuer, subject=claimed.subject, user=user)
    held = rows.first()  # made meanwhile, by a sign-in at the same moment
    if held is None:
        raise Refused("account_taken")
    return held


def _say_who(user: User, claimed: Claimed) -> None:
    """Link the account to its person, once: an account never becomes another person's."""
    account = PersonAccount.objects.filter(user=user).select_related("person").first()
    if account is None:
        person, _ = Person.objects.get_or_create(employee_id=claimed.employee_id, defaults={"name": claimed.name})
        PersonAccount.objects.create(user=user, person=person)
    elif account.person.employee_id != claimed.employee_id:
        raise Refused("another_person")


def _give(identity: Identity, claimed: Claimed) -> None:
    """Let the account have these groups and nothing else; without any, end its sessions."""
    user, given = identity.user, list(claimed.groups)
    groups = list(Group.objects.filter(name__in=given))
    if len(groups) < len(given):
        raise Refused("groups")
    user.groups.set(groups)
    user.user_permissions.clear()
    wanted: dict[str, Any] = {"is_staff": bool(given), "is_superuser": False, "first_name": claimed.name, "email": ""}
    for name, value in wanted.items():
        setattr(user, name, value)
    if user.has_usable_password() or not given:
        user.set_unusable_password()  # a new one each time: sessions that were begun under another are over
    user.save()
    if identity.groups != given:
        identity.groups = given
        identity.save(update_fields=["groups"])
