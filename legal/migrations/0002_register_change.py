"""A change of agencies, services or versions, however it is made, moves the number that the workers watch."""

from django.db import migrations

TABLES = ("legal_dataconsumer", "legal_service", "legal_serviceversion")

FUNCTION = """
CREATE FUNCTION legal_register_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE legal_register_change SET number = number + 1;
    RETURN NULL;
END $$;
INSERT INTO legal_register_change (id, number) VALUES (1, 1);
"""
TRIGGER = """
CREATE TRIGGER register_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION legal_register_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("legal", "0001_initial")]
    operations = [
        migrations.RunSQL(
            FUNCTION, "DELETE FROM legal_register_change; DROP FUNCTION legal_register_changed() CASCADE;"
        ),
        *(migrations.RunSQL(TRIGGER.format(table=table), migrations.RunSQL.noop) for table in TABLES),
    ]
