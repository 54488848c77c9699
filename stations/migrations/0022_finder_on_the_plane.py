import importlib

from django.db import migrations

import stations.models.finder

before = importlib.import_module("stations.migrations.0009_finder")

ON_THE_SPHERE = """cube(cube(cube(cos(radians(s.latitude)) * cos(radians(s.longitude))),
                     cos(radians(s.latitude)) * sin(radians(s.longitude))), sin(radians(s.latitude)))"""
ON_THE_MAP = "point(s.longitude, degrees(ln(tan(pi() / 4 + radians(s.latitude) / 2))))"

REFRESH = before.TRIGGERS.split("CREATE FUNCTION stations_finder_follows")[0].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
assert ON_THE_SPHERE in REFRESH, "the function of 0009 is the one that is changed here"

TO_THE_MAP = """
ALTER TABLE stations_finderrow ALTER COLUMN point TYPE point USING point(
    degrees(atan2(cube_ll_coord(point, 2), cube_ll_coord(point, 1))),
    degrees(ln(tan(pi() / 4 + asin(cube_ll_coord(point, 3)) / 2))));
"""
TO_THE_SPHERE = """
ALTER TABLE stations_finderrow ALTER COLUMN point TYPE cube USING
    cube(cube(cube(cos(2 * atan(exp(radians(point[1]))) - pi() / 2) * cos(radians(point[0]))),
              cos(2 * atan(exp(radians(point[1]))) - pi() / 2) * sin(radians(point[0]))),
         sin(2 * atan(exp(radians(point[1]))) - pi() / 2));
"""
INDEX = "CREATE INDEX finder_facility_point ON stations_finderrow USING gist (facility, point);"
NO_INDEX = "DROP INDEX finder_facility_point;"


class Migration(migrations.Migration):
    """The finder's points lie on Mercator's map: a fifth of the pages to read among a country's stations."""

    dependencies = [("stations", "0021_proposers_and_second_nominations")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    NO_INDEX + TO_THE_MAP + REFRESH.replace(ON_THE_SPHERE, ON_THE_MAP) + INDEX,
                    NO_INDEX + TO_THE_SPHERE + REFRESH + INDEX,
                ),
            ],
            state_operations=[
                migrations.AlterField("finderrow", "point", stations.models.finder.PlaneField()),
            ],
        ),
    ]
