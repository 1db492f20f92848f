"""Two windows of one person at once, on connections of their own: what the one makes, the other finds."""

import threading

import pytest
from django.contrib.auth.models import User
from django.db import connections

from compliance.signin.claimed import Claimed
from compliance.signin.identities import account_of
from compliance.signin.models import Identity
from legal.models import Person, PersonAccount

SOMEBODY = Claimed("https://id.example", "twice", "race-twice", "Kari Race", ("compliance reader",))


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """Let every connection see what is made, until the end of the test."""
    with django_db_blocker.unblock():
        yield
        PersonAccount.objects.filter(person__employee_id=SOMEBODY.employee_id).delete()
        Person.objects.filter(employee_id=SOMEBODY.employee_id).delete()
        Identity.objects.filter(issuer=SOMEBODY.issuer).delete()
        User.objects.filter(username=SOMEBODY.username).delete()


def test_two_first_sign_ins_at_once_make_one_account(committed):
    begin, found = threading.Barrier(2), []

    def come():
        try:
            begin.wait()
            found.append(account_of(SOMEBODY).pk)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=come) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2 and len(set(found)) == 1
    assert Identity.objects.filter(issuer=SOMEBODY.issuer).count() == 1
