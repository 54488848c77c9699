from django.db import migrations

from unionportal.public_version import SEQUENCE, TRIGGER


class Migration(migrations.Migration):
    """The number behind the validators of public pages, and the trigger function that moves it on."""

    dependencies = [("unionportal", "0002_rate_counts")]

    operations = [
        migrations.RunSQL(f"CREATE SEQUENCE {SEQUENCE}", f"DROP SEQUENCE {SEQUENCE}"),
        migrations.RunSQL(
            f"""
            CREATE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM nextval('{SEQUENCE}');
                RETURN NULL;
            END $$
            """,
            f"DROP FUNCTION {TRIGGER}()",
        ),
    ]
