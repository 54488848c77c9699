from django.db import migrations, models


class Migration(migrations.Migration):
    """A short number for each facility, given by the database."""

    dependencies = [("stations", "0007_visits_supplies_duty"), ("unionportal", "0003_public_version")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE stations_facility_number AS smallint", "DROP SEQUENCE stations_facility_number"
        ),
        migrations.AddField(
            "facility",
            "number",
            models.SmallIntegerField(
                unique=True,
                editable=False,
                db_default=models.Func(models.Value("stations_facility_number"), function="nextval"),
            ),
        ),
    ]
