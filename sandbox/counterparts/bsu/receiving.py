"""What becomes of a submission that is let in: ids, documents, a verdict and a dialog about it."""

import time
from dataclasses import dataclass
from typing import Any

import uuid_utils

from sandbox.counterparts.bsu import deliveries, feedback
from sandbox.counterparts.bsu.faults import Fault, Specification
from sandbox.counterparts.bsu.feedback import Verdict
from sandbox.counterparts.bsu.sums import Total, totals
from sandbox.counterparts.control import switch
from sandbox.counterparts.dialogporten import dialogs
from sandbox.counterparts.dialogporten.dialogs import Document
from sandbox.counterparts.state import shelf

BEHIND = "GLD_023"


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission that may come in: as it was sent, as it was read, by whom, under which key.

    `documents` is the address that its documents get theirs below, `page` what people are shown instead.
    """

    body: bytes
    delivery: dict[str, Any]
    organisation: str
    key: str
    documents: str
    page: str

    @property
    def reference(self) -> str | None:
        return self.delivery.get("oppgavegiversLeveranseReferanse")


def deliver(submission: Submission) -> dict[str, Any]:
    """Return the record of a new delivery, its answer included. Raise Fault."""
    _fail_if_told_to()
    time.sleep(switch("bsu.processing_seconds", 0))
    summed = totals(submission.delivery)
    _check_sums(summed)
    dialog_id, submission_id = str(uuid_utils.uuid7()), str(uuid_utils.uuid7())
    rejected = switch("bsu.feedback_status", feedback.APPROVED) == feedback.REJECTED
    new = 0 if rejected else deliveries.hold(submission.delivery, submission_id)
    verdict = Verdict(submission_id, dialog_id, submission.delivery, summed, new, rejected)
    documents = _documents(submission.body, verdict)
    _keep(submission, submission_id, documents)
    _open_dialog(submission, verdict, documents)
    return {
        "organisation": submission.organisation,
        "year": submission.delivery["inntektsaar"],
        "reference": submission.reference,
        "answer": _answer(verdict, submission.reference),
    }


def _fail_if_told_to() -> None:
    code = switch("bsu.answer_with", "")
    if code:
        raise Fault(code, *([Specification("GLD_1053")] if code == BEHIND else []))


def _check_sums(summed: list[Total]) -> None:
    wrong = [total for total in summed if total.difference]
    if wrong and switch("bsu.strict_sums", False):
        place = "leveranse/oppgaveoppsummering"
        raise Fault(
            "GLD_010",
            *(Specification("GLD_1022", f"{place}/{each.name}", str(each.stated), "feil sum") for each in wrong),
        )


def _documents(body: bytes, verdict: Verdict) -> list[dict[str, str]]:
    """Return the submission as it came and the two of feedback."""
    made = [
        ("innsending", "application/json", body.decode()),
        ("leveransetilbakemelding", "application/xml", feedback.on_delivery(verdict)),
        ("innsendingstilbakemelding", "application/xml", feedback.on_submission(verdict)),
    ]
    return [
        {"id": str(uuid_utils.uuid7()), "name": name, "media_type": media_type, "text": text}
        for name, media_type, text in made
    ]


def _keep(submission: Submission, submission_id: str, documents: list[dict[str, str]]) -> None:
    for document in documents:
        shelf(deliveries.DOCUMENTS)[document["id"]] = document
    shelf(deliveries.SUBMISSIONS)[submission_id] = {
        "organisation": submission.organisation,
        "year": submission.delivery["inntektsaar"],
        "at": time.time(),
        "documents": [document["id"] for document in documents],
    }


def _open_dialog(submission: Submission, verdict: Verdict, documents: list[dict[str, str]]) -> None:
    below = f"{submission.documents}/{verdict.submission_id}/dokumenter"
    dialogs.open_dialog(
        verdict.dialog_id,
        party=submission.organisation,
        year=submission.delivery["inntektsaar"],
        reference=submission.reference,
        key=submission.key,
        documents=[
            Document(each["name"], each["media_type"], f"{below}/{each['id']}", submission.page) for each in documents
        ],
        rejected=verdict.rejected,
    )


def _answer(verdict: Verdict, reference: str | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"dialogId": verdict.dialog_id, "forsendelseId": verdict.submission_id}
    if reference is not None:
        answer["oppgavegiversLeveranseReferanse"] = reference
    return {**answer, "antallOppgaver": verdict.count}
