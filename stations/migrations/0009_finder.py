import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import stations.models.week


class CubeField(models.Field):
    """The type of the finder's points until 0022."""

    def db_type(self, connection):
        return "cube"


TRIGGERS = """
CREATE FUNCTION stations_refresh_finder(stations bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Two writers of one station's facilities queue here; the statements below then see what the first has committed.
    PERFORM 1 FROM stations_station WHERE id = ANY (stations) ORDER BY id FOR NO KEY UPDATE;
    DELETE FROM stations_finderrow WHERE station_id = ANY (stations);
    INSERT INTO stations_finderrow (facility, station_id, point, facilities, in_service, week, irregular_until,
                                    on_holidays, on_makeup_days)
    SELECT number, s.id,
           cube(cube(cube(cos(radians(s.latitude)) * cos(radians(s.longitude))),
                     cos(radians(s.latitude)) * sin(radians(s.longitude))), sin(radians(s.latitude))),
           held.numbers, s.status = 'open', s.week, s.irregular_until, s.on_holidays, s.on_makeup_days
      FROM stations_station AS s
      CROSS JOIN LATERAL (
          SELECT coalesce(array_agg(f.number ORDER BY f.number), '{}') AS numbers
            FROM stations_stationfacility AS sf JOIN stations_facility AS f ON f.code = sf.facility_id
           WHERE sf.station_id = s.id) AS held
      CROSS JOIN LATERAL unnest(held.numbers || 0::smallint) AS number
     WHERE s.id = ANY (stations) AND s.latitude IS NOT NULL AND s.status IN ('open', 'rectifying', 'suspended');
END $$;

CREATE FUNCTION stations_finder_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    IF TG_TABLE_NAME = 'stations_stationfacility' THEN
        IF TG_OP = 'INSERT' THEN
            changed := ARRAY(SELECT DISTINCT station_id FROM new_rows);
        ELSIF TG_OP = 'DELETE' THEN
            changed := ARRAY(SELECT DISTINCT station_id FROM old_rows);
        ELSE
            changed := ARRAY(SELECT station_id FROM new_rows UNION SELECT station_id FROM old_rows);
        END IF;
    ELSIF TG_OP = 'INSERT' THEN
        changed := ARRAY(SELECT id FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        changed := ARRAY(SELECT id FROM old_rows);
    ELSE
        changed := ARRAY(
            SELECT o.id FROM old_rows AS o JOIN new_rows AS n USING (id)
             WHERE (o.latitude, o.longitude, o.status, o.week, o.irregular_until, o.on_holidays, o.on_makeup_days)
                IS DISTINCT FROM
                   (n.latitude, n.longitude, n.status, n.week, n.irregular_until, n.on_holidays, n.on_makeup_days));
    END IF;
    IF cardinality(changed) > 0 THEN
        PERFORM stations_refresh_finder(changed);
    END IF;
    RETURN NULL;
END $$;
"""

# One trigger per operation: transition tables allow no other way.
TRIGGERS += "".join(
    f"""
CREATE TRIGGER finder_{operation} AFTER {operation} ON stations_{table} REFERENCING {rows}
    FOR EACH STATEMENT EXECUTE FUNCTION stations_finder_follows();
"""
    for table in ("station", "stationfacility")
    for operation, rows in (
        ("INSERT", "NEW TABLE AS new_rows"),
        ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("DELETE", "OLD TABLE AS old_rows"),
    )
)

DROP = """
DROP FUNCTION stations_finder_follows() CASCADE;
DROP FUNCTION stations_refresh_finder(bigint[]);
"""


class Migration(migrations.Migration):
    """What a search near a place asks of stations, kept right by the database (`stations.models.finder`)."""

    dependencies = [("stations", "0008_facility_numbers")]

    operations = [
        migrations.CreateModel(
            name="FinderRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "facility", "station_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("facility", models.SmallIntegerField()),
                ("point", CubeField()),
                (
                    "facilities",
                    django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None),
                ),
                ("in_service", models.BooleanField()),
                ("week", stations.models.week.WeekField(null=True)),
                ("irregular_until", models.DateField(null=True)),
                ("on_holidays", models.CharField(max_length=8)),
                ("on_makeup_days", models.CharField(max_length=8)),
                (
                    "station",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        fields=["facility", "point"], name="finder_facility_point"
                    ),
                    models.Index(fields=["station"], name="finder_station"),
                ],
            },
        ),
        migrations.RunSQL(TRIGGERS, DROP),
        migrations.RunSQL(
            "SELECT stations_refresh_finder(ARRAY(SELECT id FROM stations_station))", migrations.RunSQL.noop
        ),
    ]
