"""People and their accounts: kept by whoever keeps the accounts, not by those who draft and approve."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from legal.history_admin import WithHistory
from legal.models import Person, PersonAccount
from legal.numbers import has_person_form
from legal.people import number_hash


class PersonForm(forms.ModelForm):
    number = forms.CharField(
        label=_("Own number"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text=_(
            "The eleven digits of the person's own number. It is never shown, and only a keyed hash of it is kept: "
            "by that it is noticed when somebody looks up a colleague. Left empty, nothing changes."
        ),
    )

    class Meta:
        model = Person
        fields = ("employee_id", "name")

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if number and not has_person_form(number):
            raise ValidationError(_("Enter eleven digits and nothing else."))
        return number

    def save(self, commit: bool = True) -> Person:
        if number := self.cleaned_data["number"]:
            self.instance.number_hash = number_hash(number)
        saved: Person = super().save(commit)
        return saved

    def clean_employee_id(self) -> str:
        """Return it in lower case, so that one person is not two."""
        employee_id: str = self.cleaned_data["employee_id"]
        return employee_id.strip().lower()


@admin.register(Person)
class PersonAdmin(WithHistory, admin.ModelAdmin):
    form = PersonForm
    list_display = ("name", "employee_id")
    search_fields = ("name", "employee_id")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("employee_id",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PersonAccountForm(forms.ModelForm):
    class Meta:
        model = PersonAccount
        fields = ("user", "person")

    acting: Any = None

    def clean_user(self) -> Any:
        user = self.cleaned_data["user"]
        if user == self.acting:
            raise ValidationError(_("Nobody says whose account his own is. Ask somebody else."))
        return user


@admin.register(PersonAccount)
class PersonAccountAdmin(WithHistory, admin.ModelAdmin):
    form = PersonAccountForm
    list_display = ("user", "person")
    list_select_related = ("user", "person")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change=change, **kwargs)
        return type("OwnForm", (made,), {"acting": request.user})

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An account stays its person's: else one person would come back as another."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
