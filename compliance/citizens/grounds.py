"""Why a disclosure is kept from the person it is about, or a request refused: closed lists, each with its provision.

Where knowing the ground would tell what is to be kept secret, no letter names it: the sentence about those grounds
stands in every answer, whether anything is withheld or not (docs/compliance.md).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Decision(models.TextChoices):
    UNDECIDED = "undecided", _("to be decided")
    INCLUDED = "included", _("told to the person")
    WITHHELD = "withheld", _("withheld")


class Ground(models.TextChoices):
    """Letters are those of personopplysningsloven § 16, first paragraph."""

    SECURITY = "security", _("foreign policy, defence and security (§ 16 a)")
    CRIME = "crime", _("preventing, investigating and prosecuting crime (§ 16 b)")
    HEALTH = "health", _("the person's own health, or those close (§ 16 c)")
    SECRECY = "secrecy", _("a duty of secrecy by law (§ 16 d)")
    INTERESTS = "interests", _("obvious and fundamental interests (§ 16 f)")
    OTHER_LAW = "other_law", _("another law (say which)")


PROVISIONS = {
    Ground.SECURITY: "personopplysningsloven § 16 første ledd bokstav a",
    Ground.CRIME: "personopplysningsloven § 16 første ledd bokstav b",
    Ground.HEALTH: "personopplysningsloven § 16 første ledd bokstav c",
    Ground.SECRECY: "personopplysningsloven § 16 første ledd bokstav d",
    Ground.INTERESTS: "personopplysningsloven § 16 første ledd bokstav f",
    Ground.OTHER_LAW: "annen lov",
}
SAID_WHEN_USED = frozenset({Ground.HEALTH, Ground.INTERESTS})
"""Grounds that an answer names when they are used, as the law demands; the others stand in every answer."""


class Refusal(models.TextChoices):
    IDENTITY = "identity", _("the identity could not be verified (GDPR article 12(6))")
    NOT_OWN = "not_own", _("asks about another person without authority (GDPR article 15)")
    EXCESSIVE = "excessive", _("manifestly unfounded or excessive (GDPR article 12(5))")


class Identity(models.TextChoices):
    """How the bank knew who asks."""

    ELECTRONIC = "electronic", _("signed in with BankID or another electronic id")
    IN_PERSON = "in_person", _("showed proof of identity in person")
    DOCUMENT = "document", _("sent a certified copy of proof of identity")
    REPRESENTATIVE = "representative", _("a guardian or somebody with authority, both verified")
    NOT_VERIFIED = "not_verified", _("not verified yet")
