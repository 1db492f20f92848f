"""Signing in with a local account: password and token at once, and one sentence for whatever was wrong of them."""

import logging
from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.access import note
from audit.appending import NotRecorded
from compliance.local.models import device_of, second_factor_is_asked

PAGE = "local account"
"""The page's name in the log of those who look at the trail."""
logger = logging.getLogger(__name__)


class LocalAccountForm(AdminAuthenticationForm):
    """The form of the admin's own accounts. Where a second factor is asked for, nobody signs in without being noted."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": gettext_lazy("Wrong, or not yours to use now. Type name, password and a new token again."),
    }
    token = forms.CharField(
        label=gettext_lazy("Token"),
        max_length=6,
        strip=True,
        validators=[RegexValidator(r"\A[0-9]{6}\Z")],
        help_text=gettext_lazy("Six digits of your second factor."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not second_factor_is_asked():
            del self.fields["token"]

    def confirm_login_allowed(self, user: Any) -> None:
        """Refuse whoever is not let in; name and password were right. Raise ValidationError."""
        super().confirm_login_allowed(user)
        if not second_factor_is_asked():
            return
        token = self.cleaned_data.get("token")
        with transaction.atomic():
            device = device_of(user)
            verified = device is not None and token is not None and device.verify_token(token)
        if not verified:
            credentials = {"username": user.get_username()}
            user_login_failed.send(sender=__name__, credentials=credentials, request=self.request)
            raise self.get_invalid_login_error()
        tell(user)
        user.otp_device = device  # which django-otp keeps in the session


def tell(user: Any) -> None:
    """Note that a local account is used, and warn of it. Raise ValidationError when it could not be noted."""
    try:
        note(user, PAGE)
    except NotRecorded:
        raise ValidationError(_("It could not be noted that you sign in, so you are not signed in.")) from None
    logger.warning("local_account.used")
