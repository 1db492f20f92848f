"""Who may do what in the admin: the groups, by their names and the rights that each has."""

from collections import Counter

from django.contrib.auth.models import Group, Permission

ADMINISTRATOR, REPORTING = "administrator", "reporting"
READER, OFFICER, AUDITOR = "compliance reader", "compliance officer", "auditor"
FORMERLY = {"compliance": READER}
"""Groups that were called otherwise in an earlier release; their people stay in them."""
RULES = (
    "legal.view_dataconsumer",
    "legal.view_service",
    "legal.view_serviceversion",
    "legal.view_bankruptcynotice",
    "legal.view_noticereading",
    "legal.view_closing",
    "legal.view_ratelimit",
    "legal.view_person",
    "dsop.view_agencycertificate",
    "pension.view_agreement",
)
REPORTS = ("bsu.view_delivery", "bsu.view_sending")
TRAIL = (
    "audit.view_auditrecord",
    "audit.view_turnedaway",
    "audit.view_checkpoint",
    "audit.view_decision",
)
LOOKING = ("compliance.search_person", "compliance.view_watch")
ANSWERING = (
    "compliance.see_numbers",
    "compliance.open_document",
    "compliance.view_shielded",
    "compliance.answer_citizen",
    "compliance.export_records",
    "compliance.approve_export",
    "compliance.settle_alert",
    "compliance.handle_breach",
    "compliance.approve_notice",
    "compliance.change_routine",
)
DECIDING = ("audit.hold_case", "audit.decide_deletion")
CONTROLLING = (
    "audit.view_access",
    "compliance.view_watch",
    "compliance.view_staff_watch",
    "compliance.change_watch_rule",
    "compliance.verify_trail",
)
GROUPS = {
    ADMINISTRATOR: (
        *RULES,
        "legal.change_dataconsumer",
        "legal.propose_serviceversion",
        "legal.approve_serviceversion",
        "legal.close_mandate",
        "legal.open_mandate",
        "legal.add_ratelimit",
        "legal.change_ratelimit",
        "legal.delete_ratelimit",
        "dsop.pin_agencycertificate",
        "pension.add_agreement",
        "pension.change_agreement",
    ),
    READER: (*RULES, *REPORTS, *TRAIL, *LOOKING),
    OFFICER: (*RULES, *REPORTS, *TRAIL, *LOOKING, *ANSWERING, *DECIDING),
    AUDITOR: (*RULES, *TRAIL, *CONTROLLING),
    REPORTING: (*REPORTS, "bsu.request_sending", "bsu.approve_sending"),
}


def make_groups() -> None:
    """Give each group exactly its rights. Raise Permission.DoesNotExist when a right is unknown."""
    for former, name in FORMERLY.items():
        if not Group.objects.filter(name=name).exists():
            Group.objects.filter(name=former).update(name=name)
    known = _permissions()
    for name, rights in GROUPS.items():
        if unknown := [right for right in rights if right not in known]:
            raise Permission.DoesNotExist(f"No model, or more than one, has the right {', '.join(unknown)}.")
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(known[right] for right in rights)


def _permissions() -> dict[str, int]:
    """Return the key of each right of exactly one model by the right's name, asked for once for all groups."""
    rows = list(Permission.objects.order_by().values_list("content_type__app_label", "codename", "pk"))
    times = Counter((app, codename) for app, codename, _ in rows)
    return {f"{app}.{codename}": key for app, codename, key in rows if times[app, codename] == 1}
