"""People and their accounts: kept by whoever keeps the accounts, not by those who draft and approve."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from legal.history_admin import WithHistory
from legal.models import Person, PersonAccount


class PersonForm(forms.ModelForm):
    class Meta:
        model = Person
        fields = ("employee_id", "name")

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
