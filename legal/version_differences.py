"""What differs between two versions of a service, in words: fields that open or close, rules and texts that change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from legal.disclosure import is_sent
from legal.endpoints import Endpoint
from legal.labels import CHOICES, choice, titled, word_first
from legal.service_files import SWITCHES, standard_paths

NOWHERE = "–"
AGENCIES, NAME, MANDATES, ENDPOINT, SCOPE = "consumers", "name", "mandates", "endpoint", "scope"
OWN_WORDS = frozenset({NAME, MANDATES, SCOPE})


class Effect(StrEnum):
    """What a difference does to what the agency gets."""

    OPENS = "opens"
    CLOSES = "closes"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same; `part` says where, such as `accounts` for an endpoint."""

    part: str
    name: str
    before: str
    after: str
    effect: Effect

    def __str__(self) -> str:
        place = f"{self.part}.{self.name}" if self.part else self.name
        return f"{place}: {self.before} -> {self.after}, {self.words}"

    @property
    def words(self) -> str:
        return {Effect.OPENS: _("opens"), Effect.CLOSES: _("closes"), Effect.CHANGES: _("changes")}[self.effect]

    @property
    def place(self) -> str:
        """Return in people's words where it is."""
        return _("agencies") if self.part == AGENCIES else self.part

    @property
    def title(self) -> str:
        """Return in people's words what it is about; a field keeps the standard's name."""
        own = {NAME: _("name"), MANDATES: _("texts of the mandate"), ENDPOINT: _("endpoint")}
        return own.get(self.name) or titled(self.name)

    @property
    def held(self) -> str:
        return self._explained(self.before)

    @property
    def given(self) -> str:
        return self._explained(self.after)

    def _explained(self, value: str) -> str:
        """Return what a rule, a field's word or an endpoint's absence means; names and texts stand for themselves."""
        if self.name in CHOICES:
            return choice(self.name, value)
        if self.name == ENDPOINT:
            return {"absent": _("absent"), "served": _("served")}[value]
        return value if self.name in OWN_WORDS or self.part == AGENCIES else word_first(value)


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Difference]:
    """Return every difference, what belongs to no endpoint first. With nothing before, everything opens."""
    old = before or {"name": NOWHERE, "consumers": [], "steps": {}, "fields": {}}
    found = list(_of_the_whole(old, after))
    for endpoint in (one for one in Endpoint if one in old["steps"] or one in after["steps"]):
        found += _of_step(endpoint, old["steps"].get(endpoint), after["steps"].get(endpoint))
        found += _of_fields(endpoint, old, after)
    return found


def _of_the_whole(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    if old["name"] != new["name"]:
        yield Difference("", NAME, old["name"], new["name"], Effect.CHANGES)
    consumers = [{consumer["organisation_number"]: consumer for consumer in one["consumers"]} for one in (old, new)]
    for number in dict.fromkeys([*consumers[0], *consumers[1]]):
        held, given = (_consumer(one.get(number)) for one in consumers)
        if held != given:
            yield Difference(AGENCIES, number, held, given, _effect(held != NOWHERE, given != NOWHERE))
    for name, (default, *_others) in SWITCHES.items():
        held, given = (str(one.get(name, default)).lower() for one in (old, new))
        if held != given:
            yield Difference("", name, held, given, Effect.CHANGES)


def _of_step(endpoint: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Difference]:
    if old is None or new is None:
        words = ("absent", "served") if old is None else ("served", "absent")
        yield Difference(endpoint, ENDPOINT, *words, Effect.OPENS if old is None else Effect.CLOSES)
    held, given = old or {"mandates": []}, new or {"mandates": []}
    for text in dict.fromkeys([*held["mandates"], *given["mandates"]]):
        if (text in held["mandates"]) != (text in given["mandates"]):
            opens = text in given["mandates"]
            before, after = (NOWHERE, text) if opens else (text, NOWHERE)
            yield Difference(endpoint, MANDATES, before, after, Effect.OPENS if opens else Effect.CLOSES)
    for rule in sorted((held.keys() | given.keys()) - {"mandates"}):
        if held.get(rule) != given.get(rule):
            yield Difference(endpoint, rule, held.get(rule, NOWHERE), given.get(rule, NOWHERE), Effect.CHANGES)


def _of_fields(endpoint: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield the fields whose word changes, and those that `undecided` now sends or keeps."""
    held, given = old["fields"].get(endpoint, {}), new["fields"].get(endpoint, {})
    for path in (one for one in standard_paths()[endpoint] if one in held or one in given):
        sent = [_is_sent(path, one.get(path), of) for one, of in ((held, old), (given, new))]
        if held.get(path) != given.get(path) or sent[0] != sent[1]:
            yield Difference(endpoint, path, held.get(path, NOWHERE), given.get(path, NOWHERE), _effect(*sent))


def _is_sent(path: str, word: str | None, rules: Mapping[str, Any]) -> bool:
    return word is not None and is_sent(path, word, undecided=rules.get("undecided", SWITCHES["undecided"][0]))


def _effect(before: bool, after: bool) -> Effect:
    if before == after:
        return Effect.CHANGES
    return Effect.OPENS if after else Effect.CLOSES


def _consumer(consumer: Mapping[str, str] | None) -> str:
    if consumer is None:
        return NOWHERE
    participant = consumer.get("certificate_participant")
    return f"{consumer['name']}, {participant}" if participant else consumer["name"]
