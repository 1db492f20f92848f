"""What providers and employers have reported: fixtures, and on the shelf AGREEMENTS what calls have changed.

No call writes the employers' side. The table here holds it, all of it made up; the switch `pension.employer_months`
adds to it: by "provider/employer", a list of pairs of months, the second null while it goes on.
"""

from sandbox.counterparts.control import switch
from sandbox.counterparts.pension.months import Span, month
from sandbox.counterparts.state import shelf
from sandbox.maskinporten.clients import BANK_NUMBER

AGREEMENTS = "pension-agreements"
Kept = dict[str, list[str | None]]
"""By the provider's reference: the first month, and the last or None."""

SAMPLE = ("123456789", "987654321")
"""The provider and the employer of the page's examples."""

_ALL_OF_2021 = [("2021-01", "2021-12")]
_RUNNING: Kept = {"full": ["2021-01", None]}
PROVIDERS: dict[tuple[str, str], Kept] = {
    (BANK_NUMBER, "310000000"): _RUNNING,
    (BANK_NUMBER, "310001112"): _RUNNING,
    (BANK_NUMBER, "310002224"): {"stopped": ["2021-01", "2021-12"]},
    (BANK_NUMBER, "310003336"): {"first": ["2021-01", "2021-03"], "second": ["2021-04", None]},
    (BANK_NUMBER, "310004448"): {"late": ["2021-07", None]},
    SAMPLE: {"late": ["2021-07", None]},
}
EMPLOYERS: dict[tuple[str, str], list[tuple[str, str | None]]] = {
    (BANK_NUMBER, "310000000"): [*_ALL_OF_2021],
    (BANK_NUMBER, "310001112"): [("2021-01", "2021-03"), ("2021-06", "2021-12")],
    (BANK_NUMBER, "310002224"): [("2021-01", "2021-06")],
    (BANK_NUMBER, "310003336"): [*_ALL_OF_2021],
    (BANK_NUMBER, "310004448"): [("2021-07", "2021-12")],
    (BANK_NUMBER, "310005568"): [("2021-01", None)],  # waits for an agreement that somebody registers
    SAMPLE: [("2021-07", "2021-12")],
}


def agreements(provider: str, employer: str) -> list[Span]:
    """Return the agreements that the provider has with the employer."""
    kept: Kept = shelf(AGREEMENTS).get(_key(provider, employer), _fixtures(provider, employer))
    return [_span(first, last) for first, last in kept.values()]


def reported(provider: str, employer: str) -> list[Span]:
    """Return when the employer says that it has an agreement with the provider."""
    further = switch("pension.employer_months", {}).get(_key(provider, employer), [])
    return [_span(first, last) for first, last in [*EMPLOYERS.get((provider, employer), []), *further]]


def register(provider: str, employer: str, reference: str, months: list[str | None]) -> None:
    """Keep the agreement; one of that reference gets these months instead of its own."""

    def replaced(kept: Kept | None) -> Kept:
        return {**(_fixtures(provider, employer) if kept is None else kept), reference: months}

    shelf(AGREEMENTS).update(_key(provider, employer), replaced)


def delete(provider: str, employer: str, reference: str) -> bool:
    """Return whether there was such an agreement; it is gone now."""
    found = False

    def without(kept: Kept | None) -> Kept:
        nonlocal found
        before = _fixtures(provider, employer) if kept is None else kept
        found = reference in before
        return {name: months for name, months in before.items() if name != reference}

    shelf(AGREEMENTS).update(_key(provider, employer), without)
    return found


def changed() -> dict[str, Kept]:
    """Return what calls have left, by "provider/employer"; the fixtures they did not touch are not told."""
    return {key: kept for key, kept in shelf(AGREEMENTS).items() if kept}


def _fixtures(provider: str, employer: str) -> Kept:
    return PROVIDERS.get((provider, employer), {})


def _key(provider: str, employer: str) -> str:
    return f"{provider}/{employer}"


def _span(first: str | None, last: str | None) -> Span:
    return month(first or ""), None if last is None else month(last)
