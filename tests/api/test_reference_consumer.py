"""The reference consumer's way of asking: one token, all details side by side, every page by its link.

As the consumers that were observed do it: an `href` loses its leading slash and is put after the base URL, all
headers are sent again with each page, and each question has a CorrelationID of its own.
"""

import json
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
import urllib3

from sandbox.certpub.decryption import JOSE, opened
from tests import cluster
from tests.agency import TODAY, case_of, told
from tests.consumer import mint

LONG_AGO = TODAY - timedelta(days=1_900)
PAGE = 1_000


class ReferenceConsumer:
    """Skatteetaten in one control case, with one token for all of it."""

    def __init__(self, server, who, from_date):
        self.case = case_of(server, "skatt-kontroll", who, owners="TRUE").between(from_date, TODAY)
        self.base_url = f"{server.base_url}/"
        self.token = mint(consumer=self.case.consumer, scope="bits:kontoinformasjon")
        self.http = urllib3.PoolManager(maxsize=8, retries=False, timeout=20)
        self.correlation_ids = []

    def get(self, href, **headers):
        sent = self.case.headers("accounts") | {"Authorization": f"Bearer {self.token}"} | headers
        del sent["PartyID"]
        return self.send(href, sent)

    def send(self, href, headers):
        headers["CorrelationID"] = str(uuid.uuid4())
        answer = self.http.request("GET", self.base_url + href.removeprefix("/"), headers=headers, redirect=False)
        assert answer.headers["CorrelationID"] == headers["CorrelationID"]
        self.correlation_ids.append(headers["CorrelationID"])
        return answer

    def accounts(self):
        headers = self.case.headers("accounts") | {"Authorization": f"Bearer {self.token}"}
        return told(self.send(f"accounts{self.case.query('accounts')}", headers))

    def side_by_side(self, hrefs):
        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(lambda href: told(self.get(href)), hrefs))

    def pages(self, reference):
        """Return every page of the account's transactions."""
        href, pages = f"accounts/{reference}/transactions{self.case.query('transactions')}", []
        while href:
            pages.append(told(self.get(href)))
            links = {link["rel"]: link["href"] for link in pages[-1]["links"]}
            href = links.get("next")
        return pages


@pytest.fixture(scope="module")
def sixty(server):
    return ReferenceConsumer(server, "sixty-accounts", TODAY)


@pytest.fixture(scope="module")
def many(server):
    return ReferenceConsumer(server, "many-pages", LONG_AGO)


@pytest.fixture(scope="module")
def told_pages(many):
    """Every page of both accounts of a company with many transactions, by account number."""
    return {
        account["accountIdentifier"]: many.pages(account["accountReference"]) for account in many.accounts()["accounts"]
    }


def test_the_list_is_whole_and_the_details_come_side_by_side(sixty):
    listed = sixty.accounts()
    assert (len(listed["accounts"]), listed["links"]) == (60, [])
    details = sixty.side_by_side(f"accounts/{account['accountReference']}" for account in listed["accounts"])
    numbers = [detail["account"]["accountIdentifier"] for detail in details]
    assert numbers == [account["accountIdentifier"] for account in listed["accounts"]]
    assert len(set(numbers)) == 60
    assert len(set(sixty.correlation_ids)) == 61


def test_nothing_is_lost_or_doubled(superuser, told_pages):
    """Every page together hold what the ledger holds, once each, in the order of booking."""
    with superuser("ledger") as connection:
        for number, pages in told_pages.items():
            rows = connection.execute(
                "SELECT identifier FROM transaction JOIN account ON account.id = account_id WHERE number = %s "
                "AND (booked_at AT TIME ZONE 'Europe/Oslo')::date BETWEEN %s AND %s",
                [number, LONG_AGO, TODAY],
            ).fetchall()
            found = [moved for page in pages for moved in page["transactions"]]
            assert Counter(moved["transactionIdentifier"] for moved in found) == Counter(one for (one,) in rows)
            moments = [moved["bookingDate"] for moved in found]
            assert moments == sorted(moments)
    assert sorted(map(len, told_pages.values())) == [2, 11]


def test_pages_and_their_links(told_pages):
    """A thousand a page; `self` on each, `next` on all but the last; relative to the base URL."""
    for pages in told_pages.values():
        assert [len(page["transactions"]) for page in pages[:-1]] == [PAGE] * (len(pages) - 1)
        assert 0 < len(pages[-1]["transactions"]) <= PAGE
        relations = [[link["rel"] for link in page["links"]] for page in pages]
        assert relations == [["self", "next"]] * (len(pages) - 1) + [["self"]]
        for page, following in pairwise(pages):
            assert page["links"][1]["href"] == following["links"][0]["href"]
        assert all(link["href"].startswith("/accounts/") for page in pages for link in page["links"])
        assert all(page["responseDetails"] == {"status": "complete"} for page in pages)


def test_a_page_that_is_just_full_is_the_last(server):
    """A thousand transactions in two hundred days: one page, and no empty one after it."""
    consumer = ReferenceConsumer(server, "many-pages", TODAY - timedelta(days=200))
    listed = consumer.accounts()["accounts"]
    first = consumer.side_by_side(
        f"accounts/{account['accountReference']}/transactions{consumer.case.query('transactions')}"
        for account in listed
    )
    assert ["self"] in [[link["rel"] for link in page["links"]] for page in first]
    assert {len(page["transactions"]) for page in first} == {PAGE}


def test_a_page_is_the_same_again(many, told_pages):
    """Asked for by `self`, with the same token: the same bytes; so for the first page, one between and the last."""
    pages = max(told_pages.values(), key=len)
    for place in (0, 5, 10):
        assert told(many.get(pages[place]["links"][0]["href"])) == pages[place]


@pytest.mark.parametrize("place", [0, 10], ids=["a full page", "the last page"])
def test_encrypted(many, told_pages, place):
    """The same page as JWE, opened with the agency's own key."""
    page = max(told_pages.values(), key=len)[place]
    answer = many.get(page["links"][0]["href"], Accept=JOSE)
    assert (answer.status, answer.headers["Content-Type"]) == (200, JOSE)
    inside = opened(answer.data.decode("ascii"), cluster.FOLDER / "agencies" / f"{many.case.consumer}.pem")
    assert (inside.header["cty"], json.loads(inside.document)) == ("application/json", page)


def test_a_page_of_another_case_or_period_is_refused(many, told_pages):
    following = max(told_pages.values(), key=len)[0]["links"][1]["href"]
    sentence = "cursor must be that of a next link, with the same dates."
    other_days = following.replace(f"toDate={TODAY}", f"toDate={TODAY - timedelta(days=1)}")
    answer = many.get(other_days)
    assert (answer.status, json.loads(answer.data)) == (400, {"code": "ACC-001", "message": sentence})
    answer = many.get(following, AccountInfoRequestID=str(uuid.uuid4()))
    assert answer.status == 404, "the reference itself is of another case"
