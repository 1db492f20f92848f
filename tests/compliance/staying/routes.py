"""How each page of the admin is visited: found from the addresses themselves, with what stands in them."""

from collections.abc import Iterator

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import URLPattern, get_resolver, reverse

from legal.models import DataConsumer, Service, ServiceVersion

NOWHERE = {"logout": "it would end the session that the walk needs"}
"""Pages that are not visited, and why."""
OF_A_ROW = ("change", "history", "delete")
NOBODYS = "0190a1b2-0000-4000-8000-0000000000ff"
"""Stands for the row of a kind of which the stage has none."""


def routes():
    """Return the names of all pages under admin/, and of what stands in each address."""
    return [*_named(get_resolver().url_patterns, "")]


def _named(patterns, before) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in patterns:
        route = before + str(one.pattern)
        if not isinstance(one, URLPattern):
            yield from _named(one.url_patterns, route)
        elif route.startswith("admin/") and one.name:
            yield one.name, tuple(one.pattern.regex.groupindex)


def addresses(stage):
    """Return each page's addresses by its name. Raise AssertionError for a page that nobody says how to visit."""
    found = {}
    for name, parts in routes():
        if name in NOWHERE:
            continue
        values = arguments(stage, name, parts)
        place = name if name == "set_language" else f"admin:{name}"
        found[name] = [reverse(place, kwargs=dict(zip(parts, each, strict=True))) for each in values]
    return found


def arguments(stage, name, parts):
    """Return what is put into an address of that name, each time."""
    known = table(stage)
    if name in known:
        return known[name]
    if parts == ("object_id",):
        return [(key,) for key in keys(model_of(name))]
    assert not parts, f"Say in tests/compliance/staying/routes.py how to visit {name}, which takes {parts}."
    return [()]


def model_of(name):
    """Return the model that a page of the admin's own is about."""
    for model, _admin in admin.site._registry.items():
        if name in {f"{model._meta.app_label}_{model._meta.model_name}_{page}" for page in OF_A_ROW}:
            return model
    raise AssertionError(f"Say in tests/compliance/staying/routes.py how to visit {name}.")


def keys(model: type[models.Model], most=2):
    """Return the keys of the newest rows."""
    found = [str(key) for key in model._base_manager.order_by("-pk").values_list("pk", flat=True)[:most]]
    return found or [NOBODYS]


def alike(names, values):
    return {name: values for name in names}  # noqa: C420 - nobody changes them


def table(stage):
    """Return by page what is put into its address."""
    citizen, letter = (stage.citizen,), (stage.citizen, stage.letter)
    records = [(stage.records[name],) for name in ("whole", "guardian", "shielded", "sent")]
    breach, notice = (stage.breach,), [(pk,) for pk in stage.notices[:2]]
    alerts = [(pk,) for pk in {audience: pk for pk, audience in stage.alerts}.values()]
    rules = [(keys(ServiceVersion, 1)[0],)]
    row, whole_kinds = (int(keys(DataConsumer, 1)[0]),), int(keys(Service, 1)[0])
    a_type = ContentType.objects.get_for_model(Service).pk
    some = (NOBODYS,)
    return {
        "desk_case": [(one,) for one in stage.cases],
        **alike(("desk_explained", "desk_explained_text"), records),
        **alike(("desk_explained_numbers", "desk_explained_document"), records),
        **{
            f"desk_citizen{name}": [citizen]
            for name in ("", "_asker", "_rows", "_many", "_take_in", "_letters", "_end")
        },
        **alike(("desk_citizen_letter", "desk_citizen_sent"), [letter]),
        **alike(("desk_export_request", "desk_export_download"), [(stage.export,)]),
        **alike(("desk_alert", "desk_alert_settle", "desk_alert_behind"), alerts),
        **{f"desk_disclosure{name}": [(stage.disclosure,)] for name in ("", "_days", "_persons")},
        "desk_breach_from": [(stage.disclosure,)],
        **{f"desk_breach{name}": [breach] for name in ("", "_words", "_decision", "_step", "_notice", "_close")},
        **{f"desk_notice{name}": notice for name in ("", "_text", "_sent", "_pdf")},
        "desk_contact_gone": [(stage.contact,)],
        **alike(("desk_routine", "desk_routine_change"), [("errors",), ("breach",)]),
        **alike(("desk_outage", "desk_outage_call_off"), [(stage.outage,)]),
        "view_on_site": [(a_type, whole_kinds)],
        "app_list": [(name,) for name in ("audit", "legal", "auth", "watching", "bsu", "pension", "dsop")],
        "auth_user_password_change": [(stage.users["compliance"].pk,)],
        **alike(("audit_decision_release", "audit_decision_turn_down"), [(stage.decision,)]),
        **alike(("dsop_agencycertificate_pin", "dsop_agencycertificate_unpin"), [("974761076",)]),
        **{f"bsu_delivery_{name}": [some] for name in ("findings", "numbers", "send", "agree", "end")},
        "legal_closing_close_field": [row],
        **alike(("legal_closing_close", "legal_closing_found"), [("agency", *row), ("service", whole_kinds)]),
        **{f"legal_closing_{name}": [row] for name in ("ask", "take_back", "open")},
        **{
            f"legal_serviceversion_{name}": rules
            for name in ("draft", "edit", "differences", "approve", "withdraw")
        },
        "legal_service_explain": [(whole_kinds,)],
    }  # fmt: skip
