"""Sync against the stand-in: afterwards the agency holds what is desired, whatever happened on the way."""

import os
import signal
import sys
import threading
from collections import Counter

import pytest

from agencies.pension import sending
from agencies.pension.keeping import keep
from agencies.pension.models import NOTHING, REGISTERED, UNDER_WAY, Agreement
from agencies.pension.sending import Became, send_one
from agencies.pension.sync import AT_ONCE, MOST_IN_A_ROW, sync
from sandbox.maskinporten import clients
from tests import warm
from tests.agencies.pension.agreements import NOW, OTHER_PROVIDER, PROVIDER, kept, state, wish
from tests.agencies.pension.killed import STEPS

EMPLOYERS = [f"3130000{number:02d}" for number in range(20)]
ADDRESS = "/otp/v1/otp/avtaleforhold"


def run():
    """Sync in this process; return what became of the agreements, and the words of those that failed."""
    failed = []
    progress = sync(failed.append)
    return progress, failed


def there(online):
    """Return what the agency holds, by employer and reference."""
    held = online.ask("GET", "/control/pension/agreements").json()
    return {
        (key.split("/")[1], reference): tuple(months)
        for key, kept in held.items()
        for reference, months in kept.items()
    }


def desired():
    rows = Agreement.objects.filter(wanted=True).values_list("employer", "reference", "from_month", "to_month")
    return {(employer, reference): (first, last or None) for employer, reference, first, last in rows}


def writes(online):
    return [request for request in online.requests() if request["path"] == ADDRESS]


def some_of_each():
    """Let the agency hold some agreements, and desire that some stay, change, go or come."""
    before = [wish(f"r{number}", employer=EMPLOYERS[number]) for number in range(6)]
    kept(*before)
    run()
    keep([wish("r1", employer=EMPLOYERS[1], from_month="2022-02")], now=NOW)
    keep([wish("r2", employer=EMPLOYERS[2], to_month="2023-12")], now=NOW)
    keep([wish(f"r{number}", employer=EMPLOYERS[number], wanted=False) for number in (3, 4)], now=NOW)
    keep([wish(f"n{number}", employer=EMPLOYERS[number]) for number in range(3)], now=NOW)


def test_only_what_differs_is_sent(online):
    some_of_each()
    sent_before = len(writes(online))
    progress, failed = run()
    assert (progress.became, failed) == (Counter({Became.REGISTERED: 5, Became.DELETED: 2}), [])
    assert (len(writes(online)) - sent_before, there(online)) == (7, desired())
    progress, failed = run()
    assert (progress.became, failed, len(writes(online)) - sent_before) == (Counter(), [], 7)


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_each_step(online, records, step):
    some_of_each()
    command = [sys.executable, "-m", "tests.agencies.pension.killed", step, "3", "pension_agreements", "sync"]
    done = warm.run(command, environment={**os.environ, **online.environment})
    assert done.returncode == -signal.SIGKILL, done.stderr
    progress, failed = run()
    assert (failed, progress.untried) == ([], 0)
    assert there(online) == desired()
    assert not Agreement.objects.filter(differs=True).exists()
    told = {str(record["correlation_id"]) for record in records() if record["outcome"] == "sent"}
    assert {request["headers"]["KORRELASJONSID"] for request in writes(online)} <= told, "no record, no bytes"


@pytest.mark.parametrize("drop", ["before", "after"])
@pytest.mark.parametrize("wanted", [True, False], ids=["register", "delete"])
def test_answers_that_are_lost(online, drop, wanted):
    """Three lost answers leave it under way; the next sync finds it done, or does it."""
    kept(wish("r"))
    if not wanted:
        run()
        keep([wish("r", wanted=False)], now=NOW)
    (row,) = Agreement.objects.all()
    online.fault(ADDRESS, drop=drop, times=3)
    progress, (failed,) = run()
    assert progress.became == Counter({Became.FAILED: 1})
    assert failed.words == (
        f"The agency could not be reached, or did not answer in time. (correlation id {failed.error.correlation_id})"
    )
    assert state(row)[3] == UNDER_WAY
    progress, failed = run()
    assert (failed, there(online), Agreement.objects.filter(differs=True).count()) == ([], desired(), 0)


def test_what_is_given_up_after_a_lost_answer_is_deleted(online):
    """It may have arrived, so that nothing is not what the agency holds."""
    (row,) = kept(wish("r"))
    online.fault(ADDRESS, drop="after", times=3)
    run()
    assert there(online) == {("999999999", "r"): ("2021-01", None)}
    keep([wish("r", wanted=False)], now=NOW)
    assert (run()[1], there(online), state(row)[3]) == ([], {}, NOTHING)


def test_one_that_fails_does_not_stop_the_others(online):
    kept(*(wish(f"r{number}") for number in range(8)))
    online.fault(ADDRESS, code="OTP-006", times=1)
    progress, (failed,) = run()
    assert progress.became == Counter({Became.REGISTERED: 7, Became.FAILED: 1})
    assert failed.words == (
        "The agency found a fault in the request. (HTTP 400, OTP-006, correlation id"
        f" {failed.error.correlation_id}): a fault in what was sent"
    )
    row = Agreement.objects.get(pk=failed.agreement)
    assert (row.sent_state, row.failure, row.differs) == (NOTHING, failed.words, True)
    progress, failed = run()
    row.refresh_from_db()
    assert (progress.became, row.failure, row.failed_at) == (Counter({Became.REGISTERED: 1}), "", None)


def test_nothing_there_to_delete_is_an_error_once(online):
    (row,) = kept(wish("r", wanted=False))
    _, (failed,) = run()
    assert failed.words.startswith("The agency has nothing on that agreement")
    assert state(row)[3:] == (NOTHING, "", "", False)
    assert run()[0].became == Counter()


def test_an_agency_that_is_away_is_left_alone(online):
    rows = kept(*(wish(f"r{number:02d}") for number in range(30)))
    online.fault(ADDRESS, status=503, body={"kode": "OTP-020", "melding": "..."}, times=1000)
    progress, failed = run()
    assert MOST_IN_A_ROW <= len(failed) < MOST_IN_A_ROW + AT_ONCE
    assert len(failed) + progress.untried == len(rows)


def test_a_provider_without_a_token_does_not_stop_another(online):
    kept(*(wish(f"r{number}") for number in range(3)))
    kept(*(wish(f"r{number}", provider=OTHER_PROVIDER) for number in range(30)))
    progress, failed = run()
    assert progress.became[Became.REGISTERED] == 3
    assert 1 <= len(failed) <= AT_ONCE
    assert len(failed) + progress.untried == 30
    assert {one.words.split("(")[0] for one in failed} == {"Nothing was sent: Maskinporten gave no token. "}
    assert not Agreement.objects.filter(sent_state=UNDER_WAY).exists(), "nothing was sent"


def test_one_that_is_interrupted_sends_no_more(online):
    kept(*(wish(f"r{number:03d}") for number in range(100)))
    online.fault(ADDRESS, code="OTP-006")

    def interrupted(_sent):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(interrupted)
    assert Agreement.objects.filter(sent_state=NOTHING).count() > 1
    assert not Agreement.objects.filter(sent_state=UNDER_WAY).exists()


def test_two_syncs_at_once_send_each_agreement_once(online):
    kept(*(wish(f"r{number:02d}") for number in range(20)))
    told = []
    threads = [threading.Thread(target=lambda: told.append(run())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    registered = sum(progress.became[Became.REGISTERED] for progress, _ in told)
    assert (registered, len(writes(online)), there(online)) == (20, 20, desired())


def test_never_more_calls_at_once_than_the_agency_allows(online, monkeypatch):
    kept(*(wish(f"r{number:02d}") for number in range(12)))
    most, now, lock, genuine = [], [], threading.Lock(), sending.PensionClient.register

    def counted(self, *arguments, **named):
        with lock:
            now.append(1)
            most.append(len(now))
        try:
            return genuine(self, *arguments, **named)
        finally:
            with lock:
                now.pop()

    monkeypatch.setattr(sending.PensionClient, "register", counted)
    run()
    assert max(most) <= AT_ONCE


def test_what_changes_while_it_is_sent_is_sent_again(online, monkeypatch):
    (row,) = kept(wish("r"))
    genuine = sending.PensionClient.register

    def changed_meanwhile(self, *arguments, **named):
        genuine(self, *arguments, **named)
        monkeypatch.setattr(sending.PensionClient, "register", genuine)
        keep([wish("r", to_month="2022-12")], now=NOW)

    monkeypatch.setattr(sending.PensionClient, "register", changed_meanwhile)
    run()
    assert state(row) == (True, "2021-01", "2022-12", REGISTERED, "2021-01", "", True)
    run()
    assert there(online) == desired() == {("999999999", "r"): ("2021-01", "2022-12")}


def test_who_loses_the_agreement_does_not_confirm_it(online, monkeypatch, superuser):
    """Its connection breaks while the call is under way: what became of it is found out by the next."""
    (row,) = kept(wish("r"))
    genuine = sending.PensionClient.register

    def robbed(self, *arguments, **named):
        genuine(self, *arguments, **named)
        monkeypatch.setattr(sending.PensionClient, "register", genuine)
        with superuser() as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")

    monkeypatch.setattr(sending.PensionClient, "register", robbed)
    _, (failed,) = run()
    assert failed.words.startswith("Nothing was sent")
    assert state(row)[3] == UNDER_WAY
    assert (run()[0].became, there(online)) == (Counter({Became.REGISTERED: 1}), desired())


def test_one_that_another_sends_is_left_to_it(online, monkeypatch):
    (row,) = kept(wish("r"))
    told, genuine = [], sending.PensionClient.register

    def asked_meanwhile(self, *arguments, **named):
        thread = threading.Thread(target=lambda: told.append(send_one(row.pk).became))
        thread.start()
        thread.join()
        genuine(self, *arguments, **named)

    monkeypatch.setattr(sending.PensionClient, "register", asked_meanwhile)
    assert send_one(row.pk).became == Became.REGISTERED
    assert (told, len(writes(online))) == ([Became.WITH_ANOTHER], 1)


def test_a_provider_of_the_group_by_delegation(online, settings):
    """The vendor of the sandbox, to which the bank has delegated the API, registers the bank's agreement."""
    folder = online.folder / "maskinporten"
    settings.BANK_ORGANISATION_NUMBER = clients.BANK_VENDOR
    settings.MASKINPORTEN_CLIENT_ID = clients.client_id_of(clients.BANK_VENDOR)
    settings.MASKINPORTEN_KEY_ID = clients.private_key(folder, clients.BANK_VENDOR).kid
    settings.MASKINPORTEN_KEY_FILE = str(clients.key_file(folder, clients.BANK_VENDOR))
    kept(wish("r", provider=PROVIDER))
    assert (run()[1], online.ask("GET", "/control/pension/agreements").json()) == (
        [],
        {f"{PROVIDER}/999999999": {"r": ["2021-01", None]}},
    )
