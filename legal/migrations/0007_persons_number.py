"""A keyed hash of each employee's own number, kept in the copies too."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

OWN_RIGHTS = """
DO $$ DECLARE name text; BEGIN
    FOR name IN
        SELECT DISTINCT tgfoid::regprocedure::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE proname LIKE 'pgtrigger%' AND tgrelid::regclass::text LIKE 'legal%'
    LOOP
        EXECUTE 'ALTER FUNCTION ' || name || ' SECURITY DEFINER SET search_path = public, pg_temp';
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("legal", "0006_history"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="person",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="person",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="person",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="person",
            name="number_hash",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="personevent",
            name="number_hash",
            field=models.BinaryField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_personevent" ("employee_id", "id", "name", "number_hash", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."employee_id", NEW."id", NEW."name", NEW."number_hash", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="3b57c91e1dcb9b3358b21dc013d1a0dad310889a",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_940d4",
                    table="legal_person",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "legal_personevent" ("employee_id", "id", "name", "number_hash", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."employee_id", NEW."id", NEW."name", NEW."number_hash", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="83276ca8e314fdf377a33729701516e23aa8d141",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_34ca3",
                    table="legal_person",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "legal_personevent" ("employee_id", "id", "name", "number_hash", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."employee_id", OLD."id", OLD."name", OLD."number_hash", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="62589598c6abe57daae0eeb28cdb06c22a0912da",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_66484",
                    table="legal_person",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(OWN_RIGHTS, migrations.RunSQL.noop),
    ]
