"""What stands, computed from the decisions: which cases are held, which requests wait, which are to be carried out."""

import uuid
from typing import Any

from django.db.models import Exists, OuterRef, Q

from audit.retain.models import Decision

Kind = Decision.Kind

APPROVAL = {Kind.RELEASE_REQUESTED: Kind.RELEASE_APPROVED, Kind.DELETION_REQUESTED: Kind.DELETION_APPROVED}
"""What approves a request of either kind."""


def holds() -> Any:
    """Return the decisions by which cases are held today."""
    return Decision.objects.filter(kind=Kind.HELD).exclude(_answered(Kind.RELEASED)).order_by("at", "id")


def held_cases() -> set[uuid.UUID]:
    return {case for case in holds().values_list("account_info_request_id", flat=True) if case}


def pending() -> Any:
    """Return the requests that wait for somebody, or to be carried out."""
    of_release = Decision.objects.filter(kind=Kind.RELEASED, concerning=OuterRef("concerning"))
    of_deletion = Decision.objects.filter(
        kind=Kind.DELETED, what=OuterRef("what"), service=OuterRef("service"), month=OuterRef("month")
    )
    done = Q(Exists(of_release), kind=Kind.RELEASE_REQUESTED) | Q(Exists(of_deletion), kind=Kind.DELETION_REQUESTED)
    asked = Decision.objects.filter(kind__in=APPROVAL).exclude(done)
    return asked.exclude(_answered(Kind.TURNED_DOWN)).order_by("at", "id")


def waiting() -> Any:
    """Return the requests that nobody has approved yet."""
    return pending().exclude(_answered(*APPROVAL.values()))


def approved() -> Any:
    """Return the requests that are approved and not carried out yet."""
    return pending().filter(_answered(*APPROVAL.values()))


def last_done() -> uuid.UUID | None:
    """Return the last decision that anything was carried out by."""
    done = Decision.objects.filter(kind__in=(Kind.RELEASED, Kind.DELETED)).order_by("-at", "-id")
    latest: uuid.UUID | None = done.values_list("pk", flat=True).first()
    return latest


def approval_of(request: Decision) -> Decision | None:
    """Return the first decision that approved a request."""
    answers = Decision.objects.filter(kind=APPROVAL[Kind(request.kind)], concerning=request.pk)
    return answers.order_by("at", "id").first()


def _answered(*kinds: Kind) -> Exists:
    return Exists(Decision.objects.filter(kind__in=kinds, concerning=OuterRef("pk")))
