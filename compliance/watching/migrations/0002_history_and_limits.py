"""The limits that an installation begins with. History is kept with the rights of the tables' owner."""

from django.db import migrations

import legal.history

LIMITS = [
    ("volume", "hour", 300),
    ("refused", "hour", 100),
    ("failed", "hour", 20),
    ("slow", "hour", 3000),
    ("night", "day", 50),
    ("requester", "day", 200),
    ("person", "week", 5),
    ("shielded", "day", 5),
    ("mandate", "day", 10),
    ("audience", "hour", 5),
    ("no-case", "day", 10),
    ("own-number", "day", 1),
    ("colleague", "day", 1),
    ("same-surname", "day", 3),
    ("staff-shielded", "day", 10),
    ("staff-volume", "day", 300),
]


def make_limits(apps, schema_editor):
    if schema_editor.connection.alias != "default":
        return
    rules = apps.get_model("watching", "WatchRule").objects
    for kind, window, threshold in LIMITS:
        rules.get_or_create(kind=kind, defaults={"window": window, "threshold": threshold})


class Migration(migrations.Migration):
    dependencies = [("watching", "0001_initial")]
    operations = [
        legal.history.copies_by_the_owner("watching"),
        migrations.RunPython(make_limits, migrations.RunPython.noop),
    ]
