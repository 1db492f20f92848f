"""The people behind the admin's accounts: two accounts of one person are still one pair of eyes."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.secrecy import Kind, hash_of, hashes_of
from legal.history import tracked


@tracked
class Person(models.Model):
    """Somebody who works at the bank, once, whatever the number of accounts."""

    employee_id = models.CharField(_("employee id"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=140)
    number_hash = models.BinaryField(null=True, editable=False)
    """The keyed hash of the person's own number, as records have it: a look at a colleague's data is noticed by it."""

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            # Else K7 and k7 would be two people.
            models.CheckConstraint(
                condition=Q(employee_id__regex=r"^[a-z0-9][a-z0-9._-]*$"), name="employee_id_is_lower_case"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a_person_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.employee_id})"


@tracked
class PersonAccount(models.Model):
    """Whose account it is. An account without a person looks, and governs nothing."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="person_account", verbose_name=_("account")
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="accounts", verbose_name=_("person"))

    class Meta:
        verbose_name = _("account of a person")
        verbose_name_plural = _("accounts of people")

    def __str__(self) -> str:
        return f"{self.user}: {self.person}"


def number_hash(number: str) -> bytes:
    """Return what is kept of an employee's number."""
    return hash_of(Kind.PARTY, number)


def people_with(*numbers: str) -> list[Person]:
    """Return who of the bank's people has one of these numbers, whatever the lookup key it was kept under."""
    hashes = [hashed for number in numbers for hashed in hashes_of(Kind.PARTY, number)]
    return list(Person.objects.filter(number_hash__in=hashes))


def person_by_account(username: str) -> Person | None:
    """Return whose the account of that name is, if anybody has said so."""
    account = PersonAccount.objects.filter(user__username=username).select_related("person").first()
    return account.person if account else None


def person_of(user: Any) -> Person | None:
    """Return whose account it is, if anybody has said so."""
    if user.pk is None:
        return None
    account = PersonAccount.objects.filter(user_id=user.pk).select_related("person").first()
    return account.person if account else None
