"""Rows that are written once: this model, its querysets and its managers refuse every change."""

from collections.abc import Iterable
from typing import Any, Never

from django.db import models
from uuid_utils.compat import uuid7


class NothingChanges(Exception):
    """Somebody tried to change or remove a row of the trail."""

    def __init__(self) -> None:
        super().__init__("The audit trail is append-only.")


class AppendOnlyQuerySet(models.QuerySet):
    """Reads and appends. The database's triggers refuse the same; here the mistake is found earlier."""

    def update(self, **kwargs: Any) -> Never:
        raise NothingChanges

    def delete(self) -> Never:
        raise NothingChanges

    def _raw_delete(self, using: str | None) -> Never:
        raise NothingChanges

    def bulk_update(self, *args: Any, **kwargs: Any) -> Never:
        raise NothingChanges

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        if kwargs.get("update_conflicts"):
            raise NothingChanges
        return super().bulk_create(objs, *args, **kwargs)

    update.alters_data = delete.alters_data = True  # type: ignore[attr-defined]  # templates must not call them
    delete.queryset_only = True  # type: ignore[attr-defined]


class AppendOnly(models.Model):
    """No row of such a model is changed or deleted, and none points at another table."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_permissions = ("view",)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise NothingChanges
        super().save(force_insert=True, using=kwargs.get("using"))

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        raise NothingChanges
