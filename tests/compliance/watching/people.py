"""People of the bank who have signed in to the desk."""

from django.contrib.auth.models import Group, User
from django.test import Client

from compliance.people import make_groups
from legal.models import PersonAccount
from tests.legal.governed import person


def signed_in(account, group, *, of=None):
    """Return a client of that group's, whose account is the person's of that name; of nobody's with `of=""`."""
    make_groups()
    user = User.objects.create_user(f"{account}-of-a-test", is_staff=True)
    user.groups.set(Group.objects.filter(name=group))
    if of != "":
        PersonAccount.objects.create(user=user, person=person(of or account))
    client = Client(headers={"host": "testserver"})
    client.force_login(user)
    return client
