"""The form by which records are looked for: criteria, and a reason where a number is among them."""

from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from compliance.finding.criteria import CriteriaForm
from compliance.reasons import ReasonForm
from legal.endpoints import Endpoint
from legal.models import DataConsumer, Service

BY_NUMBER = "compliance.search_person"
AUTO_ID = "find_%s"
"""The start page has forms of other parts too."""
WHO = ("number",)
IDS = ("id", "account_info_request_id", "correlation_id")
WHAT = ("consumer", "service", "legal_mandate", "requester_id", "endpoint", "outcome", "code", "first", "last")


class SearchForms:
    """Both forms of one page. The reason is asked for where a number is given, and kept wherever it is."""

    def __init__(self, request: HttpRequest, posted: QueryDict | None = None) -> None:
        self.by_number = request.user.has_perm(BY_NUMBER)
        self.criteria = CriteriaForm(posted, auto_id=AUTO_ID)
        self.reason = self._reason(posted)
        for name in OFFERED:
            self.criteria.fields[name].widget.attrs["list"] = f"{name}s"

    def are_valid(self) -> bool:
        """Return whether there is something to look for, and a reason where it takes one."""
        if not self.criteria.is_valid():
            return False
        if not any(self.criteria.cleaned_data.values()):
            self.criteria.add_error(None, _("Say what to look for."))
        elif self.criteria.cleaned_data["number"] or self.has_reason:
            return self.reason.is_valid()
        else:
            self.reason = self._reason(None)
        return self.criteria.is_valid()

    def _reason(self, posted: QueryDict | None) -> ReasonForm:
        return ReasonForm(posted, auto_id=AUTO_ID, use_required_attribute=False)

    @property
    def has_reason(self) -> bool:
        return any(self.reason.data.get(name) for name in self.reason.fields)

    @property
    def why(self) -> dict[str, str]:
        """Return what the access log keeps of the reason, if one was given."""
        return self.reason.kept if self.reason.is_bound else {}

    @property
    def errors(self) -> bool:
        return bool(self.criteria.errors or (self.reason.is_bound and self.reason.errors))

    @property
    def first(self) -> list[forms.BoundField]:
        """Return the field of the start page that takes any id."""
        return [self.criteria["id"]]

    @property
    def ids(self) -> list[forms.BoundField]:
        return [self.criteria[name] for name in IDS]

    @property
    def who(self) -> list[forms.BoundField]:
        """Return the fields for a number and its reason; none where the account may not look by number."""
        return [*(self.criteria[name] for name in WHO), *self.reason] if self.by_number else []

    @property
    def what(self) -> list[forms.BoundField]:
        return [self.criteria[name] for name in WHAT]

    @property
    def offered(self) -> dict[str, list[tuple[Any, Any]]]:
        """Return the values that the browser offers by field; any other may be typed."""
        return {f"{name}s": list(offer()) for name, offer in OFFERED.items()}


OFFERED: dict[str, Any] = {
    "consumer": lambda: DataConsumer.objects.order_by("name").values_list("organisation_number", "name"),
    "service": lambda: Service.objects.order_by("slug").values_list("slug", "name"),
    "endpoint": lambda: [(endpoint.value, endpoint.value) for endpoint in Endpoint],
}
