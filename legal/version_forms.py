"""The form of a draft: a choice for every rule and every field of the standard, and faults told where they are."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from legal.disclosure import WITHHOLD
from legal.endpoints import Endpoint
from legal.labels import WORDS, choice, titled, word_first
from legal.service_files import CUSTOMER_ENDPOINTS, LONGEST_NAME, RULES, SCOPES, SWITCHES, faults, standard_paths

MORE_CONSUMERS = 2
OF_A_CONSUMER = {
    "organisation_number": _("Organisation number"),
    "name": _("Name"),
    "certificate_participant": _("Certificate participant, where it is another"),
}


@dataclass(frozen=True)
class Section:
    """What the page shows of one endpoint."""

    endpoint: str
    scope: str
    served: BoundField
    step: list[BoundField]
    fields: list[BoundField]


class DraftForm(forms.Form):
    """A draft's rules and the day from which they shall hold."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    effective_from = forms.DateField(
        label=_("In force from"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Empty, or a day that has passed at the approval: from the day of approval."),
    )

    def __init__(self, *args: Any, rules: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rules = rules
        self.rows = len(rules["consumers"]) + MORE_CONSUMERS
        self.initial = {**first_words(rules), **self.initial}
        for name, allowed in SWITCHES.items():
            choices = _explained(name, [str(value).lower() for value in allowed])
            self.fields[name] = forms.ChoiceField(label=titled(name), choices=choices)
        for row in range(self.rows):
            for name, label in OF_A_CONSUMER.items():
                self.fields[f"consumer-{row}-{name}"] = forms.CharField(
                    label=label, required=False, max_length=LONGEST_NAME if name == "name" else 9
                )
        for endpoint in Endpoint:
            self.fields.update(of_endpoint(endpoint))

    @property
    def switches(self) -> list[BoundField]:
        return [self[name] for name in SWITCHES]

    @property
    def consumers(self) -> list[list[BoundField]]:
        return [[self[f"consumer-{row}-{name}"] for name in OF_A_CONSUMER] for row in range(self.rows)]

    @property
    def sections(self) -> Iterator[Section]:
        for endpoint in Endpoint:
            yield Section(
                endpoint,
                SCOPES[endpoint],
                self[f"{endpoint}:served"],
                [self[f"{endpoint}:{name}"] for name in ("mandates", *RULES)],
                [self[f"{endpoint}:{path}"] for path in paths_of(endpoint)],
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            cleaned["rules"] = rules_of(cleaned, service=self._rules["service"], rows=self.rows)
            for fault in faults(cleaned["rules"]):
                self.add_error(self.place_of(fault), f"{fault}.")
        return cleaned

    def place_of(self, fault: str) -> str | None:
        """Return the field that a fault is about, where it is about one."""
        words = fault.replace(": ", ".", 1).split(" ")[0].rstrip(":")
        part, _dot, place = words.partition(".")
        endpoint, _dot, name = place.partition(".")
        known = f"{endpoint}:{name}"
        return known if part in {"steps", "fields"} and known in self.fields else None


def of_endpoint(endpoint: Endpoint) -> dict[str, forms.Field]:
    """Return the form's fields of one endpoint."""
    found: dict[str, forms.Field] = {
        f"{endpoint}:served": forms.BooleanField(label=_("Served"), required=False),
        f"{endpoint}:mandates": forms.CharField(
            label=_("Texts of the mandate, one on each line"), required=False, widget=forms.Textarea(attrs={"rows": 3})
        ),
    }
    for name, known in RULES.items():
        found[f"{endpoint}:{name}"] = forms.ChoiceField(label=titled(name), choices=_explained(name, known))
    words = [(word, word_first(word)) for word in WORDS]
    for path in paths_of(endpoint):
        found[f"{endpoint}:{path}"] = forms.ChoiceField(label=path, choices=words)
    return found


def _explained(kind: str, codes: Iterable[str]) -> list[tuple[str, str]]:
    return [(code, choice(kind, code)) for code in codes]


def paths_of(endpoint: Endpoint) -> tuple[str, ...]:
    """Return the fields that a service has words for; at the customer endpoints all are technical."""
    return () if endpoint in CUSTOMER_ENDPOINTS else standard_paths()[endpoint]


def first_words(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form says before anybody changes it; an endpoint that is not served would withhold everything."""
    words: dict[str, Any] = {"name": rules["name"]}
    words |= {name: str(rules.get(name, allowed[0])).lower() for name, allowed in SWITCHES.items()}
    for row, consumer in enumerate(rules["consumers"]):
        words |= {f"consumer-{row}-{name}": consumer.get(name, "") for name in OF_A_CONSUMER}
    for endpoint in Endpoint:
        step, fields = rules["steps"].get(endpoint), rules["fields"].get(endpoint, {})
        words[f"{endpoint}:served"] = step is not None
        words[f"{endpoint}:mandates"] = "\n".join(step["mandates"]) if step else ""
        words |= {f"{endpoint}:{name}": step[name] if step else next(iter(known)) for name, known in RULES.items()}
        words |= {f"{endpoint}:{path}": fields.get(path, WITHHOLD) for path in paths_of(endpoint)}
    return words


def rules_of(words: Mapping[str, Any], *, service: str, rows: int) -> dict[str, Any]:
    """Return the rules that a filled-in form describes, as a file would have them."""
    rules: dict[str, Any] = {"service": service, "name": words["name"]}
    for name, allowed in SWITCHES.items():
        value = next(value for value in allowed if str(value).lower() == words[name])
        if value != allowed[0]:
            rules[name] = value
    rules["consumers"] = [consumer for row in range(rows) if (consumer := _consumer(words, row))]
    served = [endpoint for endpoint in Endpoint if words[f"{endpoint}:served"]]
    rules["steps"] = {endpoint.value: _step(words, endpoint) for endpoint in served}
    rules["fields"] = {
        endpoint.value: {path: words[f"{endpoint}:{path}"] for path in paths_of(endpoint)}
        for endpoint in served
        if endpoint not in CUSTOMER_ENDPOINTS
    }
    return rules


def _consumer(words: Mapping[str, Any], row: int) -> dict[str, str]:
    given = {name: words[f"consumer-{row}-{name}"].strip() for name in OF_A_CONSUMER}
    return {name: value for name, value in given.items() if value}


def _step(words: Mapping[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    texts = [text.strip() for text in words[f"{endpoint}:mandates"].splitlines() if text.strip()]
    rules = {name: words[f"{endpoint}:{name}"] for name in RULES}
    return {"scope": SCOPES[endpoint].value, "mandates": texts, **rules}
