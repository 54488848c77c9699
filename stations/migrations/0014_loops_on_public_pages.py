from django.db import migrations

from unionportal.public_version import moved_by

# What a station's page reads of its rectifications and appeals, and the map of doubts about positions.
TABLES = (
    "stations_positiondoubt",
    "stations_rectification",
    "stations_appeal",
    "stations_honourdecision",
    "stations_stationassessment",
    "standards_answer",
    "standards_assessment",
    "standards_criterion",
)


class Migration(migrations.Migration):
    """What was put right and what was answered stands on the station's page, so it moves the page's version on."""

    dependencies = [
        ("stations", "0013_exceptions_in_order"),
        ("standards", "0001_initial"),
        ("unionportal", "0003_public_version"),
    ]

    operations = [moved_by(table) for table in TABLES]
