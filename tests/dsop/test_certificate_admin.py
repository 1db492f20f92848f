"""The agencies' certificates in the admin: who looks, who pins, and what is never pinned."""

import html
import re
import time
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from compliance.people import ADMINISTRATOR, READER, make_groups
from dsop.admin import BUSY
from dsop.certificates import certificates
from dsop.models import AgencyCertificate
from legal.models import DataConsumer
from sandbox.certpub.agencies import encryption_certificate
from sandbox.certpub.authority import existing_authority
from sandbox.certpub.faults import faulty
from sandbox.certpub.site import here

pytestmark = pytest.mark.django_db(databases=["default"])
AGENCY, OTHER = "974761076", "889640782"
LIST = "admin:dsop_agencycertificate_changelist"
FOUND = datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC)
NOTHING = {
    "certificate": None,
    "pinned": False,
    "outcome": "",
    "reasons": [],
    "found_at": None,
    "attempted_at": None,
    "revocation_checked_at": None,
    "leased_until": None,
}


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Let each test look at revocations anew."""
    certificates.cache_clear()
    yield
    certificates.cache_clear()


def signed_in(*groups, strict=False, superuser=False):
    make_groups()
    user = User.objects.create_user("kari", is_staff=True, is_superuser=superuser)
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client(headers={"host": "testserver"}, enforce_csrf_checks=strict)
    client.force_login(user)
    return client


@pytest.fixture
def administrator():
    return signed_in(ADMINISTRATOR)


@pytest.fixture
def compliance():
    return signed_in(READER)


@pytest.fixture
def row():
    """Skatteetaten's row, as if nobody had looked it up."""
    return put()


def put(**columns):
    defaults = {**NOTHING, **columns}
    return AgencyCertificate.objects.update_or_create(participant=AGENCY, defaults=defaults)[0]


def stored():
    [columns] = AgencyCertificate.objects.filter(pk=AGENCY).values(*NOTHING)
    return {**columns, "certificate": columns["certificate"] and bytes(columns["certificate"])}


def page(name, participant=AGENCY):
    return reverse(f"admin:dsop_agencycertificate_{name}", args=[participant])


def own(number=AGENCY):
    return encryption_certificate(number, here())


def der(certificate):
    return certificate.public_bytes(Encoding.DER)


def pem(certificate):
    return certificate.public_bytes(Encoding.PEM)


def wrong(fault):
    return faulty(AGENCY, fault, site=here(), authority=existing_authority(here()), now=datetime.now(UTC))


def upload(client, content, participant=AGENCY):
    return client.post(page("pin", participant), {"certificate": SimpleUploadedFile("certificate", content)})


def errors(response):
    assert response.status_code == HTTPStatus.OK
    text = html.unescape(response.content.decode())
    assert "Nothing was pinned." in text
    return re.findall(r"<li>([^<]*)</li>", text.partition('id="pin-form"')[2])


def text_of(response):
    assert response.status_code == HTTPStatus.OK
    return html.unescape(response.content.decode())


# --- looking ---


@pytest.mark.parametrize("group", [ADMINISTRATOR, READER])
def test_the_list(group):
    put(certificate=der(own()), outcome="usable", found_at=FOUND, attempted_at=FOUND, reasons=["crt.usage"])
    DataConsumer.objects.create(organisation_number=OTHER, name="Nav", certificate_participant=AGENCY, is_open=False)
    listed = text_of(signed_in(group).get(reverse(LIST)))
    [line] = [line for line in listed.split("<tr") if page("change") in line]
    cells = [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line)]
    assert cells == [
        AGENCY,
        "Nav (889640782), closed, Skatteetaten (974761076)",
        "usable",
        f"{own().not_valid_after_utc:%Y-%m-%d}",
        "CertPub",
        "2026-11-22 10:30:15 CET",
        "crt.usage: its key is not for encryption",
    ]


def test_the_list_names_participants_not_looked_up_to_who_may_pin(administrator):
    AgencyCertificate.objects.all().delete()
    assert page("pin") in text_of(administrator.get(reverse(LIST)))


def test_the_list_does_not_offer_pinning_to_others(compliance):
    AgencyCertificate.objects.all().delete()
    assert "/pin/" not in text_of(compliance.get(reverse(LIST)))


@pytest.mark.parametrize(("group", "pins"), [(ADMINISTRATOR, True), (READER, False)])
def test_the_detail_page(group, pins):
    put(certificate=der(own()), outcome="usable", found_at=FOUND, attempted_at=FOUND, reasons=["crt.expired"])
    shown = text_of(signed_in(group).get(page("change")))
    for words in (f"{own().serial_number:x}", "usable", "CertPub", "10:30:15 CET", "crt.expired: its time is over"):
        assert words in shown
    assert (page("pin") in shown) is pins
    assert 'type="submit"' not in shown.partition('id="agencycertificate_form"')[2], "nothing to save"


def test_the_detail_page_of_one_whose_time_is_over(server, compliance):
    expired = wrong("expired").certificate
    put(certificate=der(expired), outcome="failed", found_at=FOUND, attempted_at=FOUND, reasons=["timeout"])
    shown = text_of(compliance.get(page("change")))
    assert f"{expired.not_valid_after_utc:%Y-%m-%d}, over" in shown
    assert "timeout: CertPub did not answer in time" in shown


def test_the_detail_page_of_a_participant_without_a_certificate(compliance, row):
    shown = text_of(compliance.get(page("change")))
    assert "never" in shown


@pytest.mark.parametrize("superuser", [False, True], ids=["administrator", "superuser"])
def test_nobody_adds_changes_or_deletes(row, superuser):
    client = signed_in(ADMINISTRATOR, superuser=superuser)
    answers = [
        client.get(reverse("admin:dsop_agencycertificate_add")),
        client.post(reverse("admin:dsop_agencycertificate_add"), {"participant": OTHER}),
        client.post(page("change"), {"outcome": "usable"}),
        client.post(page("delete"), {"post": "yes"}),
    ]
    assert [answer.status_code for answer in answers] == [HTTPStatus.FORBIDDEN] * 4
    assert stored() == NOTHING


# --- pinning ---


@pytest.mark.parametrize("form", [pem, der])
def test_pinned(server, administrator, row, form):
    begun = datetime.now(UTC)
    answer = upload(administrator, form(own()))
    assert (answer.status_code, answer.headers["Location"]) == (HTTPStatus.FOUND, page("change"))
    after = stored()
    moments = {name: after.pop(name) for name in ("found_at", "attempted_at", "revocation_checked_at")}
    assert after == {
        "certificate": der(own()),
        "pinned": True,
        "outcome": "usable",
        "reasons": [],
        "leased_until": None,
    }
    assert all(begun <= moment <= datetime.now(UTC) for moment in moments.values())
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_id) == ("kari", AGENCY)
    assert f"Pinned the certificate {own().serial_number:x}, SHA-256" in entry.get_change_message()
    assert "pinned" in text_of(administrator.get(page("change")))


def test_a_pinned_one_is_used_without_asking_certpub_and_checked_all_the_same(server, administrator, row, settings):
    upload(administrator, pem(own()))
    settings.CERTPUB_LOCATOR_URL = "http://127.0.0.1:1/locator"
    certificates.cache_clear()
    before = stored()
    assert certificates().look_up(AGENCY, deadline=time.monotonic() + 5)
    after = stored()
    assert after["outcome"] == "usable"
    assert after["revocation_checked_at"] > before["revocation_checked_at"]


def test_a_participant_that_nobody_looked_up_can_be_pinned(server, administrator):
    AgencyCertificate.objects.all().delete()
    assert administrator.get(page("pin")).status_code == HTTPStatus.OK
    assert upload(administrator, pem(own())).status_code == HTTPStatus.FOUND
    assert stored()["pinned"] is True


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param("expired", "crt.expired: its time is over", id="expired"),
        pytest.param("not-yet-valid", "crt.not_yet_valid: its time has not begun", id="not yet valid"),
        pytest.param("stranger", "crt.chain: none of the accepted authorities issued it", id="a stranger's"),
        pytest.param("other-policy", "crt.policy: it was issued under a policy that is not accepted", id="policy"),
        pytest.param("signing-only", "crt.usage: its key is not for encryption", id="for signing"),
        pytest.param("weak-key", "crt.key: its key is too weak or of another kind", id="weak key"),
        pytest.param(
            "other-number",
            "crt.subject: it belongs to another organisation, or does not say to which",
            id="another organisation's",
        ),
        pytest.param("revoked", "crt.revoked: its authority has revoked it", id="revoked"),
        pytest.param(
            "unregistered", "crt.revocation_unknown: nobody could say whether it is revoked", id="never issued"
        ),
    ],
)
def test_a_wrong_certificate_is_refused_in_words_and_nothing_changes(server, administrator, row, fault, words):
    assert errors(upload(administrator, pem(wrong(fault).certificate))) == [f"Refused, {words}."]
    assert stored() == NOTHING
    assert not LogEntry.objects.exists()


def test_a_refused_one_leaves_the_pinned_one_alone(server, administrator, row):
    upload(administrator, pem(own()))
    before = stored()
    upload(administrator, pem(wrong("expired").certificate))
    assert stored() == before


def private_key():
    key = wrong("expired").key
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(lambda: b"", "The submitted file is empty.", id="empty"),
        pytest.param(lambda: b" \n", "The file is empty.", id="blank"),
        pytest.param(lambda: b"hello", "The file is neither PEM nor one certificate as DER.", id="something else"),
        pytest.param(lambda: b"0" * (64 * 1024 + 1), "The file is larger than 64 kB.", id="too large"),
        pytest.param(
            lambda: pem(own()) + pem(own(OTHER)),
            "The file must hold exactly one certificate: the agency's own.",
            id="two",
        ),
        pytest.param(
            private_key, "The file holds a private key. Only certificates belong here.", id="a private key by mistake"
        ),
        pytest.param(
            lambda: pem(own()) + private_key(),
            "The file holds a private key. Only certificates belong here.",
            id="a private key beside it",
        ),
    ],
)
def test_what_is_no_certificate(server, administrator, row, content, sentence):
    assert errors(upload(administrator, content())) == [sentence]
    assert stored() == NOTHING


def test_no_file(administrator, row):
    assert errors(administrator.post(page("pin"), {})) == ["This field is required."]


def test_anothers_certificate_is_refused(server, administrator, row):
    [sentence] = errors(upload(administrator, pem(own(OTHER))))
    assert sentence.startswith("Refused, crt.subject:")
    assert stored() == NOTHING


def test_not_while_somebody_looks_it_up(server, administrator):
    """Whoever holds the lease will write what was found, over whatever is there."""
    before = put(leased_until=datetime.now(UTC) + timedelta(seconds=10))
    assert errors(upload(administrator, pem(own()))) == [str(BUSY)]
    assert stored() == {**NOTHING, "leased_until": before.leased_until}
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("groups", [[READER], []], ids=["compliance", "no group"])
def test_who_may_not_pin(server, groups):
    put(certificate=der(own()), outcome="usable", pinned=True)
    before, client = stored(), signed_in(*groups)
    answers = [client.get(page("pin")), upload(client, pem(own())), client.post(page("unpin"))]
    assert [answer.status_code for answer in answers] == [HTTPStatus.FORBIDDEN] * 3
    assert stored() == before


def test_who_is_not_signed_in_is_asked_to(row):
    client = Client(headers={"host": "testserver"})
    for answer in (client.get(page("pin")), upload(client, b"x"), client.post(page("unpin"))):
        assert answer.status_code == HTTPStatus.FOUND
        assert "/login/" in answer.headers["Location"]


@pytest.mark.parametrize("participant", ["999999999", "x", "97476107\0"])
def test_participants_of_no_agency_are_not_there(administrator, participant):
    assert administrator.get(page("pin", participant)).status_code == HTTPStatus.NOT_FOUND
    assert upload(administrator, b"x", participant).status_code == HTTPStatus.NOT_FOUND
    assert administrator.post(page("unpin", participant)).status_code == HTTPStatus.NOT_FOUND


# --- unpinning, and forged forms ---


def test_unpinned_so_that_it_is_looked_up_at_once(administrator):
    put(certificate=der(own()), outcome="usable", pinned=True, found_at=FOUND, attempted_at=FOUND)
    answer = administrator.post(page("unpin"))
    assert (answer.status_code, answer.headers["Location"]) == (HTTPStatus.FOUND, page("change"))
    assert stored() == NOTHING
    assert LogEntry.objects.get().get_change_message() == "Unpinned the certificate."


def test_what_is_not_pinned_is_not_unpinned(administrator):
    put(certificate=der(own()), outcome="usable", found_at=FOUND)
    before = stored()
    assert administrator.post(page("unpin")).status_code == HTTPStatus.NOT_FOUND
    assert stored() == before


def test_not_unpinned_while_somebody_looks_it_up(administrator):
    put(certificate=der(own()), pinned=True, leased_until=datetime.now(UTC) + timedelta(seconds=10))
    assert str(BUSY) in text_of(administrator.post(page("unpin"), follow=True))
    assert stored()["pinned"] is True
    assert not LogEntry.objects.exists()


def test_unpinning_by_a_link_is_not_possible(administrator):
    put(certificate=der(own()), pinned=True)
    assert administrator.get(page("unpin")).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert stored()["pinned"] is True


def test_forms_of_others_are_refused(server):
    put(certificate=der(own()), pinned=True, outcome="usable")
    before, client = stored(), signed_in(ADMINISTRATOR, strict=True)
    answers = upload(client, pem(own())), client.post(page("unpin"))
    assert [answer.status_code for answer in answers] == [HTTPStatus.FORBIDDEN] * 2
    assert stored() == before
