"""The models, their querysets and managers refuse what the database refuses."""

import pytest

from audit.append_only import NothingChanges
from audit.models import AuditRecord, TurnedAway

CHANGES = [
    pytest.param(lambda model: model.objects.update(id=None), id="update of all"),
    pytest.param(lambda model: model.objects.filter(pk=None).update(id=None), id="update of none"),
    pytest.param(lambda model: model.objects.all().delete(), id="delete of all"),
    pytest.param(lambda model: model.objects.none().delete(), id="delete of none"),
    pytest.param(lambda model: model.objects.all()._raw_delete(using=None), id="delete without signals"),
    pytest.param(lambda model: model.objects.bulk_update([model()], ["id"]), id="bulk update"),
    pytest.param(lambda model: model.objects.bulk_create([], update_conflicts=True), id="bulk create that updates"),
    pytest.param(lambda model: model._base_manager.all().update(id=None), id="update by the base manager"),
    pytest.param(lambda model: existing(model).save(), id="save of an existing row"),
    pytest.param(lambda model: existing(model).save(update_fields=["id"]), id="save of one field"),
    pytest.param(lambda model: existing(model).delete(), id="delete of a row"),
]


def existing(model):
    row = model()
    row._state.adding = False
    return row


@pytest.mark.parametrize("model", [AuditRecord, TurnedAway])
@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_refused_before_the_database_is_asked(model, change):
    with pytest.raises(NothingChanges):
        change(model)


@pytest.mark.parametrize("model", [AuditRecord, TurnedAway])
def test_the_only_right_there_is_is_to_view(model):
    assert model._meta.default_permissions == ("view",)
    assert not [field for field in model._meta.get_fields() if field.is_relation]
