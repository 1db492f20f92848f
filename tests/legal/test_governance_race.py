"""Two people at once, on connections of their own: one act is done, the other is told."""

import threading
from functools import partial

import pytest
from django.db import connections

from legal.governance import NotAllowed
from legal.models import Person, Service, ServiceVersion
from tests.legal.governed import approve, draft, person, service, states


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """A service and three people that every connection sees, until the end of the test."""
    with django_db_blocker.unblock():
        saldo, people = service(), [person(name) for name in ("Race-a", "Race-b", "Race-c")]
        yield saldo, people
        ServiceVersion.objects.filter(service=saldo).delete()
        Service.objects.filter(pk=saldo.pk).delete()
        Person.objects.filter(pk__in=[one.pk for one in people]).delete()


def test_two_approve_at_once(committed):
    saldo, people = committed
    made = draft(saldo, people[0], accounts_currency="withhold")
    begin, told = threading.Barrier(2), []

    def act(by):
        try:
            begin.wait()
            told.append(approve(made, by).approver.name)
        except NotAllowed as refused:
            told.extend(refused.messages)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=partial(act, by)) for by in people[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = saldo.versions.get(number=2).approver.name
    assert sorted(told) == sorted([winner, "This version is no draft any more."])
    assert states(saldo) == {1: "ended", 2: "approved"}
