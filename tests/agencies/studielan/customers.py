"""What customers do in their browsers, without one."""

from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from django.utils import timezone

from agencies.studielan import consent, logins
from agencies.studielan.logins import Login
from sandbox.counterparts.lanekassen.persons import PERSONS

SECRET = "s" * 32


def login_of(case, secret=SECRET, minutes=15):
    """Return a login, not begun, of the customer of a case."""
    person = next(person for person in PERSONS if person.case == case)
    return Login(secret, person.number, timezone.now() + timedelta(minutes=minutes))


def consented_login(bank, case, secret=SECRET):
    """Return a login, begun, of a customer who has just consented."""
    made = login_of(case, secret)
    logins.start(made)
    answer_consent(bank, made, consent.ask(made, surname="Nordmann"))
    return made


def answer_consent(bank, login, page, answer="yes"):
    """Answer on Altinn's page as the customer would, and come back to the bank."""
    consent.come_back(login, state_of(answer_page(bank, page, answer)))


def answer_page(bank, page, answer="yes"):
    """Return the address to which Altinn's page leads the browser back."""
    parts = urlsplit(page)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answered = bank.ask("POST", f"{parts.path}?{parts.query}", form, urlencode({"answer": answer}).encode())
    assert answered.status == 302, answered.data
    return answered.headers["Location"]


def state_of(address):
    return urlsplit(address).path.rpartition("/")[2]


def asked_of(bank, path="/lanekassen/"):
    """Return the requests that reached a stand-in below that path."""
    return [request for request in bank.requests() if request["path"].startswith(path)]
