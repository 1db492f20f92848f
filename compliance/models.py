"""The rights of the desk, in one place. What it keeps stands with each of its parts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Desk(models.Model):
    """No table: what people may do at the desk, to be given to groups."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("search_person", _("Can look for records by a person's or company's number")),
            ("view_shielded", _("Can see records about shielded persons")),
            ("see_numbers", _("Can see numbers in full")),
            ("open_document", _("Can open what was answered")),
            ("answer_citizen", _("Can answer citizens who ask what was told about them")),
            ("export_records", _("Can export records, and ask for large exports")),
            ("approve_export", _("Can agree to a large export that another person asked for")),
            ("view_watch", _("Can see the dashboard and its alerts")),
            ("settle_alert", _("Can settle alerts about agencies")),
            ("view_staff_watch", _("Can see what is strange about the bank's own staff, and settle it")),
            ("change_watch_rule", _("Can change the limits of what counts as strange")),
            ("handle_breach", _("Can find wrong disclosures, and handle breaches and notices")),
            ("approve_notice", _("Can agree to a notice that another person wrote")),
            ("change_routine", _("Can change owners and contacts of the routines")),
            ("verify_trail", _("Can verify the trail")),
        ]

    def __str__(self) -> str:
        return "desk"
