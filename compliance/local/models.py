"""The second factor of a local account: a device that makes tokens, known by a secret that is kept encrypted."""

import uuid
from base64 import b32encode
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from audit.secrecy import NotRevealed, reveal, seal

DIGITS, STEP, TOLERANCE = 6, 30, 1  # what every authenticator does; a token is good for half a minute either way
ISSUER = "DSOP Kontrollinformasjon"
COLUMN = "second_factor"


class SecondFactor(ThrottlingMixin, Device):
    """The one device of an account. Each token serves once, and after a wrong one it waits: 1 second, 2, 4, 8 …"""

    place = models.UUIDField(default=uuid.uuid4, editable=False)
    secret_sealed = models.BinaryField()
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    last_step = models.BigIntegerField(default=-1)
    """The step of the last token that was taken; none before or at it is taken again."""

    class Meta:
        default_permissions = ()
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        constraints = [models.UniqueConstraint(fields=["user"], name="one_second_factor_an_account")]

    def __str__(self) -> str:
        return str(self.user_id)

    def keep(self, secret: bytes) -> None:
        """Take a new secret; the row is not saved yet."""
        self.secret_sealed = seal(secret.hex(), column=COLUMN, record=self.place)
        self.last_step, self.throttling_failure_count, self.throttling_failure_timestamp = -1, 0, None

    def verify_token(self, token: str) -> bool:
        """Return whether it is a token of the present moment that was not used before. Call it with the row locked."""
        allowed, _why = self.verify_is_allowed()
        if not allowed:
            return False
        step = self._step_of(token)
        if step is None:
            self.throttle_increment()
            return False
        self.last_step = step
        self.throttle_reset()
        return True

    def _step_of(self, token: str) -> int | None:
        try:
            secret = bytes.fromhex(reveal(self.secret_sealed, column=COLUMN, record=self.place))
        except NotRevealed:
            return None
        made = TOTP(secret, STEP, digits=DIGITS)
        if not made.verify(int(token), TOLERANCE, self.last_step + 1):
            return None
        step: int = made.t()
        return step

    def get_throttle_factor(self) -> int:
        return 1


def address_of(secret: bytes, username: str) -> str:
    """Return what an authenticator reads, as the address that a QR code shows."""
    said = {"secret": b32encode(secret).decode(), "digits": DIGITS, "period": STEP, "issuer": ISSUER}
    return f"otpauth://totp/{quote(ISSUER)}:{quote(username)}?{urlencode(said, quote_via=quote)}"


def device_of(user: Any) -> SecondFactor | None:
    """Return the account's device, its row locked: call it in a transaction."""
    return SecondFactor.objects.select_for_update().filter(user=user, confirmed=True).first()


def second_factor_is_asked() -> bool:
    return bool(settings.ADMIN_LOCAL_ACCOUNTS == "second-factor")
