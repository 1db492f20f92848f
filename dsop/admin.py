"""The agencies' certificates, to look at; who may, pins one by upload where CertPub has none that serves."""

import time
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from audit.pages import ViewOnly
from dsop.certificate_words import Contents, contents, explained, meaning, moment, source
from dsop.certificates import LOOK_UP_SECONDS, certificates
from dsop.models import AgencyCertificate
from dsop.pinning import LookedUpNow, pin, unpin
from legal.certificate_files import CertificatesUnreadable, certificates_in
from legal.certificate_reasons import CertificateRefused
from legal.certificates import ValidCertificate
from legal.models import DataConsumer

LARGEST = 64 * 1024
BUSY = _("Somebody is looking this participant up just now. Try again in a few seconds.")


class PinForm(forms.Form):
    """One certificate as a file, held to the same rules as a published one."""

    certificate = forms.FileField(
        label=_("Certificate"), help_text=_("One certificate in PEM or DER, at most 64 kB. Never a private key.")
    )

    def __init__(self, *args: Any, participant: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._participant = participant

    def clean_certificate(self) -> ValidCertificate:
        upload: UploadedFile = self.cleaned_data["certificate"]
        content = upload.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ValidationError(_("The file is larger than 64 kB."))
        try:
            found = certificates_in(content)
        except CertificatesUnreadable as reason:
            raise ValidationError(str(reason)) from None
        if len(found) != 1:
            raise ValidationError(_("The file must hold exactly one certificate: the agency's own."))
        deadline = time.monotonic() + LOOK_UP_SECONDS
        try:
            return certificates().checked(found[0].public_bytes(Encoding.DER), self._participant, deadline=deadline)
        except CertificateRefused as refusal:
            told = {"reason": refusal.reason.value, "meaning": meaning(refusal.reason)}
            raise ValidationError(_("Refused, %(reason)s: %(meaning)s.") % told) from None


@admin.register(AgencyCertificate)
class AgencyCertificateAdmin(ViewOnly, admin.ModelAdmin):
    list_display = ("participant", "agencies", "outcome", "ends", "source", "last_found", "why")
    ordering = ("participant",)
    sortable_by = ()
    actions = None
    fields = (
        *("participant", "agencies", "outcome", "ends", "source"),
        *("serial_number", "subject_number", "sha256", "begins"),
        *("last_found", "revocation_last_checked", "last_attempt", "why"),
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        def own(name: str, view: Any) -> URLPattern:
            wrapped = self.admin_site.admin_view(view)
            return path(f"<str:participant>/{name}/", wrapped, name=f"dsop_agencycertificate_{name}")

        pinning = own("pin", require_http_methods(["GET", "HEAD", "POST"])(self.pin))
        return [pinning, own("unpin", require_POST(self.unpin)), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        missing = not_looked_up() if self.may_pin(request) else []
        return super().changelist_view(request, {**(extra_context or {}), "not_looked_up": missing})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {**(extra_context or {}), "may_pin": self.may_pin(request)}
        return super().change_view(request, object_id, form_url, context)

    def may_pin(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("dsop.pin_agencycertificate")

    def pin(self, request: HttpRequest, participant: str) -> HttpResponse:
        """Show the form, or pin the certificate it brings."""
        row = self._known(request, participant)
        form = PinForm(participant=participant)
        if request.method == "POST":
            form = PinForm(request.POST, request.FILES, participant=participant)
            if form.is_valid() and self._pinned(request, participant, form):
                return _to_page(participant)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Pin a certificate"),
            "subtitle": participant,
            "opts": self.opts,
            "form": form,
            "participant": participant,
            "row": row,
            "users": agencies_of(participant),
        }
        return TemplateResponse(request, "admin/dsop/agencycertificate/pin.html", context)

    def _pinned(self, request: HttpRequest, participant: str, form: PinForm) -> bool:
        valid: ValidCertificate = form.cleaned_data["certificate"]
        told = {"number": f"{valid.serial_number:x}", "thumbprint": valid.thumbprint}
        words = str(_("Pinned the certificate %(number)s, SHA-256 %(thumbprint)s.") % told)
        try:
            with transaction.atomic():
                pin(participant, valid)
                self.log_change(request, AgencyCertificate(participant=participant), words)
        except LookedUpNow:
            form.add_error(None, BUSY)
            return False
        messages.success(request, words)
        return True

    def unpin(self, request: HttpRequest, participant: str) -> HttpResponse:
        row = self._known(request, participant)
        if row is None or not row.pinned:
            raise Http404
        try:
            with transaction.atomic():
                unpin(participant)
                self.log_change(request, row, str(_("Unpinned the certificate.")))
        except LookedUpNow:
            messages.error(request, BUSY)
        else:
            messages.success(request, _("Unpinned the certificate. CertPub is asked at once."))
        return _to_page(participant)

    def _known(self, request: HttpRequest, participant: str) -> AgencyCertificate | None:
        """Return the participant's row, if there is one yet. Refuse who may not pin, and participants of no agency."""
        if not self.may_pin(request):
            raise PermissionDenied
        if "\0" in participant:
            raise Http404
        row = AgencyCertificate.objects.filter(pk=participant).first()
        if row is None and not agencies_of(participant).exists():
            raise Http404
        return row

    @admin.display(description=_("agencies"))
    def agencies(self, row: AgencyCertificate) -> str:
        return ", ".join(
            f"{agency}" if agency.is_open else str(_("%(agency)s, closed") % {"agency": agency})
            for agency in agencies_of(row.participant)
        )

    @admin.display(description=_("ends"))
    def ends(self, row: AgencyCertificate) -> str:
        told = contents(row)
        if told is None:
            return "–"
        day = f"{told.not_after:%Y-%m-%d}"
        return str(_("%(day)s, over") % {"day": day}) if told.is_over else day

    @admin.display(description=_("begins"))
    def begins(self, row: AgencyCertificate) -> str:
        return f"{told.not_before:%Y-%m-%d}" if (told := contents(row)) else "–"

    @admin.display(description=_("from"))
    def source(self, row: AgencyCertificate) -> str:
        return source(row)

    @admin.display(description=_("serial number"))
    def serial_number(self, row: AgencyCertificate) -> str:
        return _of(contents(row), "serial_number")

    @admin.display(description=_("number in its subject"))
    def subject_number(self, row: AgencyCertificate) -> str:
        return _of(contents(row), "subject_number")

    @admin.display(description=_("SHA-256 of the certificate"))
    def sha256(self, row: AgencyCertificate) -> str:
        return _of(contents(row), "sha256")

    @admin.display(description=_("last found (Oslo)"))
    def last_found(self, row: AgencyCertificate) -> str:
        return moment(row.found_at)

    @admin.display(description=_("revocation last checked (Oslo)"))
    def revocation_last_checked(self, row: AgencyCertificate) -> str:
        return moment(row.revocation_checked_at)

    @admin.display(description=_("last attempt (Oslo)"))
    def last_attempt(self, row: AgencyCertificate) -> str:
        return moment(row.attempted_at)

    @admin.display(description=_("certificates refused, or why the look-up failed"))
    def why(self, row: AgencyCertificate) -> SafeString | str:
        return format_html_join("", "<div>{}</div>", ((line,) for line in explained(row.reasons))) or "–"


def agencies_of(participant: str) -> QuerySet[DataConsumer]:
    """Return the agencies whose answers are encrypted to this participant's certificate."""
    own = Q(certificate_participant="", organisation_number=participant)
    return DataConsumer.objects.filter(own | Q(certificate_participant=participant)).order_by("name")


def not_looked_up() -> list[str]:
    """Return the participants of open agencies that no worker has looked up yet."""
    agencies = DataConsumer.objects.filter(is_open=True).values_list("certificate_participant", "organisation_number")
    known = set(AgencyCertificate.objects.values_list("participant", flat=True))
    return sorted({participant or number for participant, number in agencies} - known)


def _of(told: Contents | None, name: str) -> str:
    return getattr(told, name) if told else "–"


def _to_page(participant: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:dsop_agencycertificate_change", args=[participant]))
