"""Details of HTTP that break consumers when they are wrong (security specification 7.2, NET)."""

import threading
import time
import uuid

import pytest

from tests.consumer import body, identifier

DEBTOR = "debtor-five-accounts"
ENDPOINTS = ("/v2/accounts", "/v2/customers/customerRelationships", "/v2/accounts/x", "/v2/accounts/x/transactions")
BOTH_SPELLINGS = "OnlyPrimaryOwner must be true or false, sent once."
FORM = "Legal-Mandate must be sent once, percent-encoded as UTF-8, with at most 500 characters."


@pytest.mark.parametrize("accept", ["application/json", "application/jose"])
@pytest.mark.parametrize(
    "path", [*ENDPOINTS, *(f"{path}/" for path in ENDPOINTS), "/v2//accounts", "/v2/accounts/../x"]
)
def test_net_01_never_a_redirect(skatteetaten, path, accept):
    """A client that follows one drops its token on the way."""
    answer = skatteetaten.server.get(path, skatteetaten.headers(PartyID=identifier(DEBTOR), Accept=accept))
    assert answer.status in {400, 403, 404}
    assert "Location" not in answer.headers
    if path.endswith("/"):
        assert answer.status == 404, "with a slash it is another path"


def test_net_01_every_endpoint_answers_without_a_slash(skatteetaten):
    case_id = str(uuid.uuid4())
    listed = skatteetaten.accounts(identifier(DEBTOR), AccountInfoRequestID=case_id)
    reference = body(listed)["accounts"][0]["accountReference"]
    answers = [
        listed,
        skatteetaten.details(reference, case_id),
        skatteetaten.customer_relationships(identifier(DEBTOR), AccountInfoRequestID=case_id),
    ]
    assert [answer.status for answer in answers] == [200] * 3
    slashed = skatteetaten.details(f"{reference}/", case_id)
    assert (slashed.status, "Location" in slashed.headers) == (404, False)


@pytest.mark.parametrize("letters", [str.lower, str.upper, str.title, str.swapcase])
def test_net_02_header_names_in_any_letters(skatteetaten, letters):
    sent = {letters(name): value for name, value in skatteetaten.headers(PartyID=identifier(DEBTOR)).items()}
    assert skatteetaten.server.get("/v2/accounts?OnlyPrimaryOwner=true", sent).status == 200


@pytest.mark.parametrize(
    ("query", "message"),
    [
        pytest.param("?OnlyPrimaryOwner=true", None, id="as the OpenAPI description has it"),
        pytest.param("?onlyPrimaryOwner=true", None, id="as other pages have it"),
        pytest.param("?OnlyPrimaryOwner=TRUE", None, id="value in capitals"),
        pytest.param("?onlyPrimaryOwner=True", None, id="value in both"),
        pytest.param("?OnlyPrimaryOwner=true&onlyPrimaryOwner=TRUE", None, id="both spellings alike"),
        pytest.param("?OnlyPrimaryOwner=true&onlyPrimaryOwner=false", BOTH_SPELLINGS, id="both, different"),
        pytest.param("?onlyPrimaryOwner=false&OnlyPrimaryOwner=true", BOTH_SPELLINGS, id="both, different, turned"),
        pytest.param("?OnlyPrimaryOwner=1", BOTH_SPELLINGS, id="a number"),
        pytest.param("?OnlyPrimaryOwner=yes", BOTH_SPELLINGS, id="another word"),
        pytest.param("?OnlyPrimaryOwner=", BOTH_SPELLINGS, id="no value"),
        pytest.param("?onlyprimaryowner=true", BOTH_SPELLINGS, id="a third spelling is another parameter"),
        pytest.param("?ONLYPRIMARYOWNER=true", BOTH_SPELLINGS, id="capitals are another parameter"),
    ],
)
def test_net_02_names_and_values_in_the_query(skatteetaten, query, message):
    answer = skatteetaten.accounts(identifier(DEBTOR), query)
    assert (answer.status, body(answer).get("message")) == ((400, message) if message else (200, None))


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        pytest.param("FI-Utlegg-Test", None, id="nothing to decode"),
        pytest.param("%46I%2DUtlegg%2dTest", None, id="every letter may be encoded"),
        pytest.param("Arveloven%20%C2%A7%2092", "The legal mandate is not known here.", id="decoded, and unknown"),
        pytest.param("FI%252DUtlegg-Test", "The legal mandate is not known here.", id="decoded once only"),
        pytest.param("FI+Utlegg+Test", "The legal mandate is not known here.", id="a plus sign is a plus sign"),
        pytest.param("FI-Utlegg-Test%", FORM, id="escape cut off"),
        pytest.param("FI-Utlegg-Test%2", FORM, id="escape half cut off"),
        pytest.param("FI-Utlegg-Test%ZZ", FORM, id="no escape"),
        pytest.param("Arveloven %A7 92", FORM, id="Latin 1"),
        pytest.param("%C0%AF", FORM, id="overlong UTF-8"),
        pytest.param("%ED%A0%80", FORM, id="half a surrogate pair"),
    ],
)
def test_net_03_legal_mandate_is_decoded_once_and_strictly(skatteetaten, sent, message):
    answer = skatteetaten.accounts(identifier(DEBTOR), Legal_Mandate=sent)
    assert (answer.status, body(answer).get("message")) == ((400, message) if message else (200, None))


def links_in(value):
    """Return every list of links in a document, wherever it stands."""
    if isinstance(value, dict):
        here = [value["links"]] if "links" in value else []
        return here + [links for child in value.values() for links in links_in(child)]
    return [links for child in value for links in links_in(child)] if isinstance(value, list) else []


def test_net_04_no_link_leads_to_an_endpoint_outside_the_service(skatteetaten):
    """This service has none that a consumer could follow, relative or not."""
    case_id = str(uuid.uuid4())
    document = body(skatteetaten.accounts(identifier(DEBTOR), AccountInfoRequestID=case_id))
    details = [body(skatteetaten.details(each["accountReference"], case_id)) for each in document["accounts"]]
    assert [links for links in links_in([document, *details]) if links] == []
    assert b"http" not in repr([document, *details]).encode()
    assert "/v2" not in repr([document, *details])


@pytest.mark.parametrize("accept", ["application/json", "application/jose"])
def test_net_05_all_accounts_of_a_case_at_the_same_time(skatteetaten, accept):
    case_id, answers = str(uuid.uuid4()), []
    listed = body(skatteetaten.accounts(identifier(DEBTOR), AccountInfoRequestID=case_id))["accounts"]

    def ask(reference):
        begun = time.monotonic()
        status = skatteetaten.details(reference, case_id, Accept=accept).status
        answers.append((status, time.monotonic() - begun))

    threads = [threading.Thread(target=ask, args=[each["accountReference"]]) for each in listed * 6]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in answers] == [200] * len(threads)
    assert max(seconds for _, seconds in answers) < 10, "known consumers wait for 30 seconds"
