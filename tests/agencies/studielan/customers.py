"""What customers do in their browsers, without one."""

from urllib.parse import urlencode, urlsplit

from agencies.studielan import consent


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
