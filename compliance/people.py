"""Who may do what in the admin: the groups, by their names and the rights that each has."""

from django.contrib.auth.models import Group, Permission

ADMINISTRATOR, COMPLIANCE, REPORTING = "administrator", "compliance", "reporting"
RULES = (
    "legal.view_dataconsumer",
    "legal.view_service",
    "legal.view_serviceversion",
    "legal.view_bankruptcynotice",
    "legal.view_noticereading",
    "legal.view_closing",
    "legal.view_person",
    "dsop.view_agencycertificate",
    "pension.view_agreement",
)
REPORTS = ("bsu.view_delivery", "bsu.view_sending")
TRAIL = (
    "audit.view_auditrecord",
    "audit.view_turnedaway",
    "audit.view_access",
    "audit.view_checkpoint",
    "audit.view_decision",
)
DECIDING = ("audit.hold_case", "audit.decide_deletion")
GROUPS = {
    ADMINISTRATOR: (
        *RULES,
        "legal.change_dataconsumer",
        "legal.propose_serviceversion",
        "legal.approve_serviceversion",
        "legal.close_mandate",
        "legal.open_mandate",
        "dsop.pin_agencycertificate",
        "pension.add_agreement",
        "pension.change_agreement",
    ),
    COMPLIANCE: (*RULES, *REPORTS, *TRAIL, *DECIDING),
    REPORTING: (*REPORTS, "bsu.request_sending", "bsu.approve_sending"),
}


def make_groups() -> None:
    """Give each group exactly its rights. Raise Permission.DoesNotExist when a right is unknown."""
    for name, rights in GROUPS.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(_permission(right) for right in rights)


def _permission(right: str) -> Permission:
    app, codename = right.split(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)
