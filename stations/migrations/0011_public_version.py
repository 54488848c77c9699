from django.db import migrations

from unionportal.public_version import moved_by

# What the directory and a station's page read; 0010 saw to its own tables.
TABLES = (
    "stations_station",
    "stations_stationfacility",
    "stations_stationphoto",
    "stations_stationpurpose",
    "stations_station_co_builders",
    "stations_openingperiod",
    "stations_openingexception",
    "stations_stationticket",
    "stations_facility",
    "stations_stationkind",
    "stations_hostkind",
    "tickets_ticket",
    "organizations_calendarday",
    "organizations_calendaryear",
    "organizations_division",
    "organizations_organization",
    "organizations_partner",
)


class Migration(migrations.Migration):
    """Every write to what the public pages show moves their version on."""

    dependencies = [
        ("stations", "0010_checks_honours_building"),
        ("organizations", "0002_calendar_day"),
        ("tickets", "0001_initial"),
        ("unionportal", "0003_public_version"),
    ]

    operations = [moved_by(table) for table in TABLES]
