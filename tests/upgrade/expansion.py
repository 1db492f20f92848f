"""Which operations of a migration a version that knows nothing of it can live with."""

import re
from collections.abc import Iterator

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

HARMLESS = (migrations.CreateModel, migrations.AlterModelOptions, migrations.AlterModelManagers, AddIndexConcurrently)
CONTRACTING = re.compile(
    r"\bdrop\s+\w+|\brename\b|\brevoke\b|\bset\s+not\s+null\b|\btype\s+\w+|^\s*(?:truncate|delete|update)\b",
    re.IGNORECASE | re.MULTILINE,
)


class Expansion:
    """What migrations since a release have added; they may do with that as they like."""

    def __init__(self) -> None:
        self.tables: set[tuple[str, str]] = set()
        self.columns: set[tuple[str, str, str]] = set()

    def faults(self, app: str, operation: Operation, state: ProjectState) -> Iterator[str]:
        """Say what a serving version from before this operation could stumble over. `state` is before it."""
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            for inner in operation.database_operations:
                yield from self.faults(app, inner, state)
            return
        if isinstance(operation, migrations.RunSQL):
            yield from _faults_of_sql(operation)
            return
        table = (app, getattr(operation, "model_name", getattr(operation, "name", "")).lower())
        if isinstance(operation, migrations.CreateModel):
            self.tables.add(table)
        elif isinstance(operation, migrations.AddField):
            self.columns.add((*table, operation.name))
        if isinstance(operation, HARMLESS) or table in self.tables:
            return
        if not self._adds(operation, table, state):
            yield f"{type(operation).__name__}: {operation.describe()}"

    def _adds(self, operation: Operation, table: tuple[str, str], state: ProjectState) -> bool:
        match operation:
            case migrations.AddField(field=field):
                return field.many_to_many or field.null or field.has_db_default()
            case migrations.AddConstraint(constraint=constraint):
                return {(*table, name) for name in _columns_of(constraint)} <= self.columns
            case migrations.AlterField(name=name, field=field):
                return _in_the_database(state.models[table].fields[name]) == _in_the_database(field)
        return False


def _faults_of_sql(operation: migrations.RunSQL) -> Iterator[str]:
    statements = operation.sql if isinstance(operation.sql, (list, tuple)) else [operation.sql]
    for statement in statements:
        text = statement if isinstance(statement, str) else statement[0]
        if found := CONTRACTING.search(text):
            yield f"RunSQL: {found[0]}"


def _columns_of(constraint: models.BaseConstraint) -> set[str]:
    if isinstance(constraint, models.CheckConstraint):
        return set(constraint.condition.referenced_base_fields)
    return set(getattr(constraint, "fields", ())) or {"an expression"}


def _in_the_database(field: models.Field) -> tuple[str, dict[str, object]]:
    """Return what of a field the database knows."""
    _, path, _, options = field.deconstruct()
    return path, {name: value for name, value in options.items() if name not in field.non_db_attrs}
