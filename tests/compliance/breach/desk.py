"""People at the desk for this part's tests: officers, their second accounts, and others."""

import html

from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from compliance.people import OFFICER, make_groups
from legal.models import PersonAccount
from tests.legal.governed import person


def desk(account, *, of, group=OFFICER):
    """Return a signed-in account of a person."""
    make_groups()
    user = User.objects.create_user(account, is_staff=True)
    user.groups.set(Group.objects.filter(name=group))
    if of is not None:
        PersonAccount.objects.create(user=user, person=person(of))
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def page(name, *arguments):
    return reverse(f"admin:desk_{name}", args=arguments)


def text(answer):
    return html.unescape(answer.content.decode())
