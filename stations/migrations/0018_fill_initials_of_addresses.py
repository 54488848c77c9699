import pgtrigger
from django.db import migrations

from unionportal.names import initials

BATCH = 2000


def fill(apps, schema_editor):
    """Adds the initials of the address to those of the name. What is worked out is no change worth a line of history."""
    stations = apps.get_model("stations", "Station")._default_manager.using(schema_editor.connection.alias)
    with pgtrigger.ignore("stations.Station:update_update"):
        last = 0
        while rows := list(stations.filter(pk__gt=last).order_by("pk").only("name", "address")[:BATCH]):
            for row in rows:
                row.initials = f"{initials(row.name)} {initials(row.address)}"
            stations.bulk_update(rows, ["initials"])
            last = rows[-1].pk


def cut(apps, schema_editor):
    """The column narrows when 0017 is reversed: only the name's initials stay."""
    with pgtrigger.ignore("stations.Station:update_update"), schema_editor.connection.cursor() as cursor:
        cursor.execute("UPDATE stations_station SET initials = split_part(initials, ' ', 1)")


class Migration(migrations.Migration):
    """Stations are found by the initials of their address too."""

    dependencies = [("stations", "0017_initials_of_addresses")]

    operations = [migrations.RunPython(fill, cut)]
