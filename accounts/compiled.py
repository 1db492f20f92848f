"""Questions to the ledger, compiled once: each is declared with the ORM, and only its values come with the request.

Building a queryset and turning it into SQL costs more than all else that an answer takes. So the function that declares
a question is called with places in its values' stead, once for each shape that its SQL can have: with or without a
value that may be absent, and for so many of a sequence. The text is kept, and asked with a cursor.
"""

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, update_wrapper
from itertools import count
from operator import attrgetter
from types import NoneType
from typing import Any, Generic, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

from django.contrib.postgres.fields import ArrayField
from django.db import InterfaceError, OperationalError, connections
from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateField,
    DateTimeField,
    Expression,
    F,
    Field,
    Func,
    QuerySet,
    TextField,
    Value,
)

from accounts.replicas import is_worth_another_try

LEDGER = "ledger"
MOST_SHAPES = 64
"""Of one question; one shape more costs what every question would cost without this."""
FIELDS: Mapping[Any, "Field[Any, Any]"] = {
    int: BigIntegerField(),
    str: TextField(),
    date: DateField(),
    datetime: DateTimeField(),
    Collection[int]: ArrayField(BigIntegerField()),
    Collection[str]: ArrayField(TextField()),
}
"""How a value goes to the database, by the type that the question takes."""
Asked = ParamSpec("Asked")
Row = TypeVar("Row")
Shape = tuple[int | None, ...]
"""For each argument how many there are of it: None where it is absent."""


class Given(Expression):
    """The place of a value that comes when the question is asked: the number of it among them all."""

    def __init__(self, number: int, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.number = number

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class AnyOf(Func):
    """`a = ANY (list)`: one text of SQL however many there are, none included."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("
    output_field = BooleanField()

    def __init__(self, column: str, values: Collection[Any], kind: Any = Collection[str]) -> None:
        super().__init__(F(column), one(values, kind))


def one(value: Any, kind: Any) -> Expression:
    """Return the expression of a value of that type, or of its place."""
    if isinstance(value, Given):
        return value
    return Value(value if isinstance(value, str | int | date) else list(value), output_field=FIELDS[kind])


@dataclass(frozen=True, slots=True)
class Argument:
    """What a question takes: the values in one such argument, and the argument made of their places."""

    fields: tuple["Field[Any, Any]", ...]
    values: Callable[[Any], Sequence[Any]]
    made_of: Callable[..., Any]
    optional: bool = False
    many: bool = False

    @classmethod
    def of(cls, kind: Any, **more: bool) -> "Argument":
        """Return what takes this type. Raise TypeError for one that is not known here."""
        parts = get_args(kind)
        if get_origin(kind) is Collection:
            return cls((FIELDS[kind],), lambda values: ([*values],), lambda place: place, **more)
        if kind in FIELDS:
            return cls((FIELDS[kind],), lambda value: (value,), lambda place: place, **more)
        if NoneType in parts:
            return cls.of(parts[0], **more, optional=True)
        if get_origin(kind) is tuple:
            return cls(tuple(FIELDS[part] for part in parts), tuple, lambda *places: places, **more)
        if get_origin(kind) is Sequence:
            return cls.of(parts[0], **more, many=True)
        hints = get_type_hints(kind)
        return cls(tuple(FIELDS[part] for part in hints.values()), attrgetter(*hints), kind, **more)

    def places(self, many: int | None, numbers: Iterator[int]) -> Any:
        """Return the argument with places in it."""
        if many is None:
            return None
        found = [self.made_of(*[Given(next(numbers), field) for field in self.fields]) for _ in range(many)]
        return found if self.many else found[0]


@dataclass(frozen=True, slots=True)
class Statement:
    """One shape of a question: a constant text of SQL, and what to put into its places, in their order."""

    sql: str
    places: tuple[Any, ...]
    """A `Given`, or a value that is always the same."""
    fields: Mapping[int, "Field[Any, Any]"]
    """How the values go to the database that come with the question."""
    converters: Mapping[int, tuple[list[Any], Any]]
    """What a column goes through that PostgreSQL's driver does not bring into its form by itself."""

    def rows(self, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows. What a cut connection or a replica's conflict cost is asked again, once."""
        try:
            rows = self._fetched(values)
        except (OperationalError, InterfaceError) as error:
            if not is_worth_another_try(error):
                raise
            rows = self._fetched(values)
        return [self._converted(row) for row in rows] if self.converters else rows

    def _fetched(self, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        connection = connections[LEDGER]
        bound = {number: field.get_db_prep_value(values[number], connection) for number, field in self.fields.items()}
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [bound[each.number] if type(each) is Given else each for each in self.places])
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def _converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values, connection = list(row), connections[LEDGER]
        for place, (functions, expression) in self.converters.items():
            for function in functions:
                values[place] = function(values[place], expression, connection)
        return tuple(values)


class Question(Generic[Asked, Row]):
    """A question as it was declared: it takes what its function takes, and returns rows of one kind."""

    def __init__(
        self, declare: Callable[Asked, "QuerySet[Any, Any]"], row: Callable[..., Row], *, limited: bool = False
    ) -> None:
        self.declare = declare
        self.row = row
        self.limited = limited
        parameters = inspect.signature(declare).parameters
        hints = get_type_hints(declare)
        self.arguments = {name: Argument.of(hints[name]) for name in parameters}
        self.defaults = {name: each.default for name, each in parameters.items() if each.default is not each.empty}
        self.compiled = lru_cache(MOST_SHAPES)(self._compiled)
        update_wrapper(self, declare)

    def __call__(self, *args: Asked.args, **named: Asked.kwargs) -> list[Row]:
        shape, values = self.taken_apart({**self.defaults, **dict(zip(self.arguments, args, strict=False)), **named})
        return [self.row(*row) for row in self.compiled(shape).rows(values)]

    def taken_apart(self, arguments: Mapping[str, Any]) -> tuple[Shape, list[Any]]:
        """Return the shape of these arguments and the values in them. Raise TypeError where one may not be absent."""
        shape: list[int | None] = []
        values: list[Any] = []
        for name, argument in self.arguments.items():
            value = arguments[name]
            if value is None:
                if not argument.optional:
                    raise TypeError(f"{name} cannot be absent")
                shape.append(None)
                continue
            each = value if argument.many else (value,)
            shape.append(len(each))
            for one in each:
                values.extend(argument.values(one))
        return tuple(shape), values

    def _compiled(self, shape: Shape) -> Statement:
        numbers = count()
        arguments = zip(self.arguments.items(), shape, strict=True)
        given = {name: argument.places(many, numbers) for (name, argument), many in arguments}
        declare: Callable[..., QuerySet[Any, Any]] = self.declare
        compiler = declare(**given).query.get_compiler(LEDGER)
        sql, places = compiler.as_sql()
        if self.limited:
            sql, places = f"{sql} LIMIT (SELECT %s::bigint)", (*places, given["limit"])
        columns = [column for column, _, _ in compiler.select[: compiler.col_count]]
        fields = {place.number: place.output_field for place in places if isinstance(place, Given)}
        return Statement(sql, tuple(places), fields, compiler.get_converters(columns))


def question(row: Callable[..., Row]) -> Callable[[Callable[Asked, "QuerySet[Any, Any]"]], Question[Asked, Row]]:
    """Make a question of a function that declares it; each row of the answer goes through `row`."""
    return lambda declare: Question(declare, row)


def first_rows(row: Callable[..., Row]) -> Callable[[Callable[Asked, "QuerySet[Any, Any]"]], Question[Asked, Row]]:
    """Make a question for the first rows only, as many as its argument `limit` says.

    PostgreSQL must not see how many that is. Where it expects fewer, in a page near the end or in a statement prepared
    for any account, it would fetch and sort every row there is rather than follow the key to the first ones.
    """
    return lambda declare: Question(declare, row, limited=True)
