"""Citizens' requests, and triggers that keep a copy of each change of them, with the owner's rights, always."""

import uuid

import django.db.models.deletion
import pgtrigger.compiler
from django.db import migrations, models

import legal.history


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("legal", "0006_history"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="CitizenRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("case_reference", models.CharField(max_length=64, verbose_name="the bank's case")),
                (
                    "identity",
                    models.CharField(
                        choices=[
                            ("electronic", "signed in with BankID or another electronic id"),
                            ("in_person", "showed proof of identity in person"),
                            ("document", "sent a certified copy of proof of identity"),
                            ("representative", "a guardian or somebody with authority, both verified"),
                            ("not_verified", "not verified yet"),
                        ],
                        max_length=14,
                        verbose_name="how the identity was verified",
                    ),
                ),
                ("received_on", models.DateField(verbose_name="received")),
                ("due_on", models.DateField(verbose_name="to be answered by")),
                ("is_extended", models.BooleanField(default=False, verbose_name="extended")),
                ("looked_at", models.DateTimeField(verbose_name="disclosures looked for at")),
                ("registered_name", models.CharField(max_length=190, verbose_name="registered by")),
                ("registered_at", models.DateTimeField(verbose_name="registered at")),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("answered", "answered"),
                            ("refused", "refused with a letter"),
                            ("withdrawn", "withdrawn by the person"),
                            ("mistake", "registered by mistake"),
                        ],
                        default="",
                        max_length=9,
                        verbose_name="how it ended",
                    ),
                ),
                ("ended_on", models.DateField(null=True, verbose_name="ended on")),
                ("ended_name", models.CharField(blank=True, default="", max_length=190, verbose_name="ended by")),
                ("tidied_at", models.DateTimeField(null=True, verbose_name="contents deleted at")),
                (
                    "registered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.person",
                        verbose_name="registered by",
                    ),
                ),
            ],
            options={
                "verbose_name": "citizen's request",
                "verbose_name_plural": "citizens' requests",
                "default_permissions": (),
                "indexes": [models.Index(fields=["due_on", "id"], name="citizen_request_due")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_on__isnull", True), ("ending", "")),
                            models.Q(models.Q(("ending", ""), _negated=True), ("ended_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="citizen_request_says_when_it_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("tidied_at__isnull", True), models.Q(("ending", ""), _negated=True), _connector="OR"
                        ),
                        name="citizen_request_tidied_after_its_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CitizenDisclosure",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("record", models.UUIDField()),
                ("at", models.DateTimeField(verbose_name="time")),
                ("consumer", models.CharField(max_length=32, verbose_name="agency")),
                ("service", models.CharField(max_length=64, verbose_name="service")),
                ("legal_mandate", models.CharField(max_length=500, verbose_name="Legal-Mandate")),
                ("endpoint", models.CharField(max_length=64, verbose_name="endpoint")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("answered", "Answered"),
                            ("refused", "Refused"),
                            ("failed", "Failed"),
                            ("sent", "Sent"),
                        ],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                ("is_empty", models.BooleanField(verbose_name="an empty answer")),
                ("from_date", models.DateField(null=True, verbose_name="from date")),
                ("to_date", models.DateField(null=True, verbose_name="to date")),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("undecided", "to be decided"),
                            ("included", "told to the person"),
                            ("withheld", "withheld"),
                        ],
                        max_length=9,
                        verbose_name="decision",
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("security", "foreign policy, defence and security (§ 16 a)"),
                            ("crime", "preventing, investigating and prosecuting crime (§ 16 b)"),
                            ("health", "the person's own health, or those close (§ 16 c)"),
                            ("secrecy", "a duty of secrecy by law (§ 16 d)"),
                            ("interests", "obvious and fundamental interests (§ 16 f)"),
                            ("other_law", "another law (say which)"),
                        ],
                        default="",
                        max_length=9,
                        verbose_name="ground for withholding",
                    ),
                ),
                ("reasoning", models.UUIDField(null=True)),
                ("is_single", models.BooleanField(default=False, verbose_name="decided by itself")),
                ("decided_name", models.CharField(blank=True, default="", max_length=190, verbose_name="decided by")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.person",
                        verbose_name="decided by",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to="citizens.citizenrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "disclosure in a citizen's request",
                "verbose_name_plural": "disclosures in citizens' requests",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("request", "record"), name="citizen_disclosure_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision", "withheld"), models.Q(("ground", ""), _negated=True)),
                            models.Q(models.Q(("decision", "withheld"), _negated=True), ("ground", "")),
                            _connector="OR",
                        ),
                        name="citizen_disclosure_withheld_on_a_ground",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("decided_name", "")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                models.Q(("decided_name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="citizen_disclosure_says_who_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CitizenLetter",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("answer", "answer"), ("extension", "extension"), ("refusal", "letter of refusal")],
                        max_length=9,
                        verbose_name="letter",
                    ),
                ),
                (
                    "refusal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("identity", "the identity could not be verified (GDPR article 12(6))"),
                            ("not_own", "asks about another person without authority (GDPR article 15)"),
                            ("excessive", "manifestly unfounded or excessive (GDPR article 12(5))"),
                        ],
                        default="",
                        max_length=9,
                        verbose_name="Why it is refused",
                    ),
                ),
                ("digest", models.BinaryField(verbose_name="SHA-256 of the bytes")),
                ("size", models.PositiveIntegerField(verbose_name="bytes")),
                ("made_name", models.CharField(max_length=190, verbose_name="made by")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("sent_on", models.DateField(null=True, verbose_name="Sent")),
                ("sent_name", models.CharField(blank=True, default="", max_length=190, verbose_name="sent by")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="legal.person",
                        verbose_name="made by",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="citizens.citizenrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "letter to a citizen",
                "verbose_name_plural": "letters to citizens",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "refusal"), models.Q(("refusal", ""), _negated=True)),
                            models.Q(models.Q(("kind", "refusal"), _negated=True), ("refusal", "")),
                            _connector="OR",
                        ),
                        name="citizen_letter_of_refusal_has_a_ground",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_name", ""), ("sent_on__isnull", True)),
                            models.Q(("sent_on__isnull", False), models.Q(("sent_name", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="citizen_letter_says_who_sent_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CitizenLetterEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("answer", "answer"), ("extension", "extension"), ("refusal", "letter of refusal")],
                        max_length=9,
                        verbose_name="letter",
                    ),
                ),
                (
                    "refusal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("identity", "the identity could not be verified (GDPR article 12(6))"),
                            ("not_own", "asks about another person without authority (GDPR article 15)"),
                            ("excessive", "manifestly unfounded or excessive (GDPR article 12(5))"),
                        ],
                        default="",
                        max_length=9,
                        verbose_name="Why it is refused",
                    ),
                ),
                ("digest", models.BinaryField(verbose_name="SHA-256 of the bytes")),
                ("size", models.PositiveIntegerField(verbose_name="bytes")),
                ("made_name", models.CharField(max_length=190, verbose_name="made by")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("sent_on", models.DateField(null=True, verbose_name="Sent")),
                ("sent_name", models.CharField(blank=True, default="", max_length=190, verbose_name="sent by")),
                (
                    "made_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="legal.person",
                        verbose_name="made by",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="citizens.citizenletter",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="citizens.citizenrequest",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CitizenDisclosureEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("record", models.UUIDField()),
                ("at", models.DateTimeField(verbose_name="time")),
                ("consumer", models.CharField(max_length=32, verbose_name="agency")),
                ("service", models.CharField(max_length=64, verbose_name="service")),
                ("legal_mandate", models.CharField(max_length=500, verbose_name="Legal-Mandate")),
                ("endpoint", models.CharField(max_length=64, verbose_name="endpoint")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("answered", "Answered"),
                            ("refused", "Refused"),
                            ("failed", "Failed"),
                            ("sent", "Sent"),
                        ],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                ("is_empty", models.BooleanField(verbose_name="an empty answer")),
                ("from_date", models.DateField(null=True, verbose_name="from date")),
                ("to_date", models.DateField(null=True, verbose_name="to date")),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("undecided", "to be decided"),
                            ("included", "told to the person"),
                            ("withheld", "withheld"),
                        ],
                        max_length=9,
                        verbose_name="decision",
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("security", "foreign policy, defence and security (§ 16 a)"),
                            ("crime", "preventing, investigating and prosecuting crime (§ 16 b)"),
                            ("health", "the person's own health, or those close (§ 16 c)"),
                            ("secrecy", "a duty of secrecy by law (§ 16 d)"),
                            ("interests", "obvious and fundamental interests (§ 16 f)"),
                            ("other_law", "another law (say which)"),
                        ],
                        default="",
                        max_length=9,
                        verbose_name="ground for withholding",
                    ),
                ),
                ("reasoning", models.UUIDField(null=True)),
                ("is_single", models.BooleanField(default=False, verbose_name="decided by itself")),
                ("decided_name", models.CharField(blank=True, default="", max_length=190, verbose_name="decided by")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="legal.person",
                        verbose_name="decided by",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="citizens.citizendisclosure",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="citizens.citizenrequest",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CitizenContent",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "what",
                    models.CharField(
                        choices=[("person", "who asks"), ("letter", "letter"), ("words", "words")], max_length=6
                    ),
                ),
                ("sealed", models.BinaryField()),
                ("number_hash", models.BinaryField(null=True)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contents",
                        to="citizens.citizenrequest",
                    ),
                ),
            ],
            options={
                "verbose_name": "sealed content of a citizen's request",
                "verbose_name_plural": "sealed contents of citizens' requests",
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("number_hash__isnull", False)),
                        fields=["number_hash"],
                        name="citizen_content_number",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number_hash__isnull", False), ("what", "person")),
                            models.Q(models.Q(("what", "person"), _negated=True), ("number_hash__isnull", True)),
                            _connector="OR",
                        ),
                        name="citizen_content_hash_of_who_asks",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CitizenRequestEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ("case_reference", models.CharField(max_length=64, verbose_name="the bank's case")),
                (
                    "identity",
                    models.CharField(
                        choices=[
                            ("electronic", "signed in with BankID or another electronic id"),
                            ("in_person", "showed proof of identity in person"),
                            ("document", "sent a certified copy of proof of identity"),
                            ("representative", "a guardian or somebody with authority, both verified"),
                            ("not_verified", "not verified yet"),
                        ],
                        max_length=14,
                        verbose_name="how the identity was verified",
                    ),
                ),
                ("received_on", models.DateField(verbose_name="received")),
                ("due_on", models.DateField(verbose_name="to be answered by")),
                ("is_extended", models.BooleanField(default=False, verbose_name="extended")),
                ("looked_at", models.DateTimeField(verbose_name="disclosures looked for at")),
                ("registered_name", models.CharField(max_length=190, verbose_name="registered by")),
                ("registered_at", models.DateTimeField(verbose_name="registered at")),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("answered", "answered"),
                            ("refused", "refused with a letter"),
                            ("withdrawn", "withdrawn by the person"),
                            ("mistake", "registered by mistake"),
                        ],
                        default="",
                        max_length=9,
                        verbose_name="how it ended",
                    ),
                ),
                ("ended_on", models.DateField(null=True, verbose_name="ended on")),
                ("ended_name", models.CharField(blank=True, default="", max_length=190, verbose_name="ended by")),
                ("tidied_at", models.DateTimeField(null=True, verbose_name="contents deleted at")),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="citizens.citizenrequest",
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="legal.person",
                        verbose_name="registered by",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        legal.history.AddTrigger(
            model_name="citizenrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "citizens_citizenrequestevent" ("case_reference", "due_on", "ended_name", "ended_on", "ending", "id", "identity", "is_extended", "looked_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "received_on", "registered_at", "registered_by_id", "registered_name", "tidied_at") VALUES (NEW."case_reference", NEW."due_on", NEW."ended_name", NEW."ended_on", NEW."ending", NEW."id", NEW."identity", NEW."is_extended", NEW."looked_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."received_on", NEW."registered_at", NEW."registered_by_id", NEW."registered_name", NEW."tidied_at"); RETURN NULL;',
                    hash="978e112236355fcc1058661aeb9acf96654902c4",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_47557",
                    table="citizens_citizenrequest",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="citizenrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "citizens_citizenrequestevent" ("case_reference", "due_on", "ended_name", "ended_on", "ending", "id", "identity", "is_extended", "looked_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "received_on", "registered_at", "registered_by_id", "registered_name", "tidied_at") VALUES (NEW."case_reference", NEW."due_on", NEW."ended_name", NEW."ended_on", NEW."ending", NEW."id", NEW."identity", NEW."is_extended", NEW."looked_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."received_on", NEW."registered_at", NEW."registered_by_id", NEW."registered_name", NEW."tidied_at"); RETURN NULL;',
                    hash="21ff5af0d6cfebcd638e31942e8cc6b67330bae9",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_555fc",
                    table="citizens_citizenrequest",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="citizenrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "citizens_citizenrequestevent" ("case_reference", "due_on", "ended_name", "ended_on", "ending", "id", "identity", "is_extended", "looked_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "received_on", "registered_at", "registered_by_id", "registered_name", "tidied_at") VALUES (OLD."case_reference", OLD."due_on", OLD."ended_name", OLD."ended_on", OLD."ending", OLD."id", OLD."identity", OLD."is_extended", OLD."looked_at", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."received_on", OLD."registered_at", OLD."registered_by_id", OLD."registered_name", OLD."tidied_at"); RETURN NULL;',
                    hash="37845217ddb5ef99bb9eca2823488957894de17c",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_329c7",
                    table="citizens_citizenrequest",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="citizenletterevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ef857d36f22174da9b9e2a7d1f6d5fe1cf30730e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_0d743",
                    table="citizens_citizenletterevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="citizenletter",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "citizens_citizenletterevent" ("digest", "id", "kind", "made_at", "made_by_id", "made_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refusal", "request_id", "sent_name", "sent_on", "size") VALUES (NEW."digest", NEW."id", NEW."kind", NEW."made_at", NEW."made_by_id", NEW."made_name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."refusal", NEW."request_id", NEW."sent_name", NEW."sent_on", NEW."size"); RETURN NULL;',
                    hash="ed195ca33795d32c0abb8785f8c0fbc9c5fef207",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_1f1ce",
                    table="citizens_citizenletter",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="citizenletter",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "citizens_citizenletterevent" ("digest", "id", "kind", "made_at", "made_by_id", "made_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refusal", "request_id", "sent_name", "sent_on", "size") VALUES (NEW."digest", NEW."id", NEW."kind", NEW."made_at", NEW."made_by_id", NEW."made_name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."refusal", NEW."request_id", NEW."sent_name", NEW."sent_on", NEW."size"); RETURN NULL;',
                    hash="8b2c1c3569b0153d787a6d139008616b46d8de83",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_1ff6e",
                    table="citizens_citizenletter",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="citizenletter",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "citizens_citizenletterevent" ("digest", "id", "kind", "made_at", "made_by_id", "made_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "refusal", "request_id", "sent_name", "sent_on", "size") VALUES (OLD."digest", OLD."id", OLD."kind", OLD."made_at", OLD."made_by_id", OLD."made_name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."refusal", OLD."request_id", OLD."sent_name", OLD."sent_on", OLD."size"); RETURN NULL;',
                    hash="8ea907b9f55afec4d0364d30551353966e690d05",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_622a2",
                    table="citizens_citizenletter",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="citizendisclosureevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="63be545ad1652bc7be804faa5922a6ef88d16cc5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a02f4",
                    table="citizens_citizendisclosureevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="citizendisclosure",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "citizens_citizendisclosureevent" ("at", "consumer", "decided_at", "decided_by_id", "decided_name", "decision", "endpoint", "from_date", "ground", "id", "is_empty", "is_single", "legal_mandate", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reasoning", "record", "request_id", "service", "to_date") VALUES (NEW."at", NEW."consumer", NEW."decided_at", NEW."decided_by_id", NEW."decided_name", NEW."decision", NEW."endpoint", NEW."from_date", NEW."ground", NEW."id", NEW."is_empty", NEW."is_single", NEW."legal_mandate", NEW."outcome", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reasoning", NEW."record", NEW."request_id", NEW."service", NEW."to_date"); RETURN NULL;',
                    hash="461249e3f7ac582be666844a1b72658fa6082bb9",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_f7f41",
                    table="citizens_citizendisclosure",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="citizendisclosure",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "citizens_citizendisclosureevent" ("at", "consumer", "decided_at", "decided_by_id", "decided_name", "decision", "endpoint", "from_date", "ground", "id", "is_empty", "is_single", "legal_mandate", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reasoning", "record", "request_id", "service", "to_date") VALUES (NEW."at", NEW."consumer", NEW."decided_at", NEW."decided_by_id", NEW."decided_name", NEW."decision", NEW."endpoint", NEW."from_date", NEW."ground", NEW."id", NEW."is_empty", NEW."is_single", NEW."legal_mandate", NEW."outcome", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reasoning", NEW."record", NEW."request_id", NEW."service", NEW."to_date"); RETURN NULL;',
                    hash="25d3737abbe46b4a395b38b5a0d0d31b39c8bc60",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_cfbca",
                    table="citizens_citizendisclosure",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="citizendisclosure",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "citizens_citizendisclosureevent" ("at", "consumer", "decided_at", "decided_by_id", "decided_name", "decision", "endpoint", "from_date", "ground", "id", "is_empty", "is_single", "legal_mandate", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reasoning", "record", "request_id", "service", "to_date") VALUES (OLD."at", OLD."consumer", OLD."decided_at", OLD."decided_by_id", OLD."decided_name", OLD."decision", OLD."endpoint", OLD."from_date", OLD."ground", OLD."id", OLD."is_empty", OLD."is_single", OLD."legal_mandate", OLD."outcome", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reasoning", OLD."record", OLD."request_id", OLD."service", OLD."to_date"); RETURN NULL;',
                    hash="d4ad0677249cf866b14c1875627854acfd08f525",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_41a32",
                    table="citizens_citizendisclosure",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="citizenrequestevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="d7a42428523a0f7f8c84ad4439359635b2d19831",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_80226",
                    table="citizens_citizenrequestevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.copies_by_the_owner("citizens"),
    ]
