"""Triggers that keep a copy of every change, and let nobody change the copies.

They run with the rights of the tables' owner, so that the serving role, of this release and of the one before, keeps
copies without a right to write them; and no setting of a session turns them off.
"""

import pgtrigger.compiler
from django.db import migrations

import legal.history


class Migration(migrations.Migration):
    dependencies = [("legal", "0005_governed_mandates")]

    operations = [
        legal.history.AddTrigger(
            model_name="dataconsumer",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_dataconsumerevent" ("certificate_participant", "content_encryption", "id", "is_open", "key_algorithm", "name", "organisation_number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."certificate_participant", NEW."content_encryption", NEW."id", NEW."is_open", NEW."key_algorithm", NEW."name", NEW."organisation_number", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="1d03785a790daded1c4589956447a495a2a92e45",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_1f2fd",
                    table="legal_dataconsumer",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="dataconsumer",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "legal_dataconsumerevent" ("certificate_participant", "content_encryption", "id", "is_open", "key_algorithm", "name", "organisation_number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."certificate_participant", NEW."content_encryption", NEW."id", NEW."is_open", NEW."key_algorithm", NEW."name", NEW."organisation_number", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="232422f62e67ee3f85f0be56e0d63ae03e39c251",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_a1e87",
                    table="legal_dataconsumer",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="dataconsumer",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_dataconsumerevent" ("certificate_participant", "content_encryption", "id", "is_open", "key_algorithm", "name", "organisation_number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."certificate_participant", OLD."content_encryption", OLD."id", OLD."is_open", OLD."key_algorithm", OLD."name", OLD."organisation_number", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="bfd018f90359a66b577c0daa09b0c8ee7a1e7b1f",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a0190",
                    table="legal_dataconsumer",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="service",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_serviceevent" ("id", "is_open", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug") VALUES (NEW."id", NEW."is_open", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."slug"); RETURN NULL;',
                    hash="1bd2907af4edcac106fd83e4e3ce4bdc2b73ea34",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_6eb3d",
                    table="legal_service",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="service",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "legal_serviceevent" ("id", "is_open", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug") VALUES (NEW."id", NEW."is_open", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."slug"); RETURN NULL;',
                    hash="9252a9aa33eaabe34c53d8d590f3fadafae7ea0d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_92fd2",
                    table="legal_service",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="service",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_serviceevent" ("id", "is_open", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug") VALUES (OLD."id", OLD."is_open", OLD."name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."slug"); RETURN NULL;',
                    hash="f56dbe77fde81071e8ecae85c69057d33fffe428",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_cae4f",
                    table="legal_service",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="serviceversion",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_serviceversionevent" ("approved_at", "approver_id", "author_id", "created_at", "effective_from", "id", "number", "origin", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rules", "service_id", "state") VALUES (NEW."approved_at", NEW."approver_id", NEW."author_id", NEW."created_at", NEW."effective_from", NEW."id", NEW."number", NEW."origin", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."rules", NEW."service_id", NEW."state"); RETURN NULL;',
                    hash="abfd17548087c5a2a70852d6daa481816bd522a8",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_6fe84",
                    table="legal_serviceversion",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="serviceversion",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "legal_serviceversionevent" ("approved_at", "approver_id", "author_id", "created_at", "effective_from", "id", "number", "origin", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rules", "service_id", "state") VALUES (NEW."approved_at", NEW."approver_id", NEW."author_id", NEW."created_at", NEW."effective_from", NEW."id", NEW."number", NEW."origin", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."rules", NEW."service_id", NEW."state"); RETURN NULL;',
                    hash="f5652dbaf65d70c28cc31aa7da4d7fbc2c504ff9",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4c051",
                    table="legal_serviceversion",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="serviceversion",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_serviceversionevent" ("approved_at", "approver_id", "author_id", "created_at", "effective_from", "id", "number", "origin", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rules", "service_id", "state") VALUES (OLD."approved_at", OLD."approver_id", OLD."author_id", OLD."created_at", OLD."effective_from", OLD."id", OLD."number", OLD."origin", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."rules", OLD."service_id", OLD."state"); RETURN NULL;',
                    hash="f21442e7c6e798450fbdb279eef5ad1dda4e4009",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_deac3",
                    table="legal_serviceversion",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_personevent" ("employee_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."employee_id", NEW."id", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="eeee66d92d0392c1fb54f5eafaec7432793506a8",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_940d4",
                    table="legal_person",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "legal_personevent" ("employee_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."employee_id", NEW."id", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="ae4f9cf01b314b189fc340c92f3d0d9e431386ac",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_34ca3",
                    table="legal_person",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_personevent" ("employee_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."employee_id", OLD."id", OLD."name", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="31999bd87c52003c21167435942b21b0ec5f148d",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_66484",
                    table="legal_person",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="dataconsumerevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8ba49fbf8da321e2e56e6b12cb94e434de1730c8",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_3077f",
                    table="legal_dataconsumerevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="closingevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0f4b70db591d4d5330682cee8f821ddc491a493f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7e19a",
                    table="legal_closingevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="closing",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_closingevent" ("asked_at", "asked_because", "asked_by_id", "closed_at", "closed_by_id", "consumer_id", "endpoint", "id", "opened_at", "opened_by_id", "path", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "service_id") VALUES (NEW."asked_at", NEW."asked_because", NEW."asked_by_id", NEW."closed_at", NEW."closed_by_id", NEW."consumer_id", NEW."endpoint", NEW."id", NEW."opened_at", NEW."opened_by_id", NEW."path", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."service_id"); RETURN NULL;',
                    hash="925cd6d54db29f1da5e5a20e5ccad327d0ded034",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_2fe0e",
                    table="legal_closing",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="closing",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "legal_closingevent" ("asked_at", "asked_because", "asked_by_id", "closed_at", "closed_by_id", "consumer_id", "endpoint", "id", "opened_at", "opened_by_id", "path", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "service_id") VALUES (NEW."asked_at", NEW."asked_because", NEW."asked_by_id", NEW."closed_at", NEW."closed_by_id", NEW."consumer_id", NEW."endpoint", NEW."id", NEW."opened_at", NEW."opened_by_id", NEW."path", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."service_id"); RETURN NULL;',
                    hash="9f1f78dbcba10d16296d43d30ec54c0bceb77643",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d9bc1",
                    table="legal_closing",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="closing",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_closingevent" ("asked_at", "asked_because", "asked_by_id", "closed_at", "closed_by_id", "consumer_id", "endpoint", "id", "opened_at", "opened_by_id", "path", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "service_id") VALUES (OLD."asked_at", OLD."asked_because", OLD."asked_by_id", OLD."closed_at", OLD."closed_by_id", OLD."consumer_id", OLD."endpoint", OLD."id", OLD."opened_at", OLD."opened_by_id", OLD."path", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."service_id"); RETURN NULL;',
                    hash="c82ab3a16de9b147d1ecf7711a0a68bfb600ccf8",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_4416c",
                    table="legal_closing",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="personaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_personaccountevent" ("id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") VALUES (NEW."id", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."user_id"); RETURN NULL;',
                    hash="31240566bd433be832daa771b0c8c632c8f155d4",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_01191",
                    table="legal_personaccount",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="personaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "legal_personaccountevent" ("id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") VALUES (NEW."id", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."user_id"); RETURN NULL;',
                    hash="c8b96bdd1fff26728d1547a57a2c94f66ca75555",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6fb6f",
                    table="legal_personaccount",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="personaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_personaccountevent" ("id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") VALUES (OLD."id", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."user_id"); RETURN NULL;',
                    hash="ef2c46b882ed11bf531feea4d6fc45797e4d2058",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6c119",
                    table="legal_personaccount",
                    when="AFTER",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="personaccountevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f48825e5a6209379638cee13c3699baaa31898eb",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_36b1f",
                    table="legal_personaccountevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="personevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="9d0bbe5cd94b26118a288bb971462ce1343575a3",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_5ff6f",
                    table="legal_personevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="serviceevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2673dc2f3007f55470b9a0adba4c425bdd771bb1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_fe241",
                    table="legal_serviceevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.AddTrigger(
            model_name="serviceversionevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="79ded02226ced3d15a89523e9650a2224fbc809f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_cd7fe",
                    table="legal_serviceversionevent",
                    when="BEFORE",
                ),
            ),
        ),
        legal.history.copies_by_the_owner("legal"),
    ]
