from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

FORGET_REPORTERS = """
UPDATE pghistory_context SET metadata = metadata - 'ip'
WHERE metadata ->> 'url' LIKE '/stations/%/feedback/' AND metadata ? 'ip'
"""


class Migration(migrations.Migration):
    """Seasons until 28 February take the 29th along; the history forgets from where visitors reported a locked door."""

    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("stations", "0019_settings_and_seasons_in_full"),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE stations_openingperiod SET season_to = 229 WHERE season_to = 228",
            # So that the narrower settings before 0019 hold again.
            "UPDATE stations_station SET on_holidays = 'sunday' WHERE on_holidays = 'unknown'",
        ),
        migrations.RunSQL(FORGET_REPORTERS, migrations.RunSQL.noop),
        ValidateConstraint("openingperiod", "period_season"),
        ValidateConstraint("station", "station_hours_settings_known"),
    ]
