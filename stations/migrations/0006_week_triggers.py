from django.db import migrations

# All minutes of all days, in the layout of `stations.models.week`.
ALWAYS = "{[0,1440),[2880,4320),[5760,7200),[8640,10080),[11520,12960),[14400,15840),[17280,18720)}"

FUNCTIONS = f"""
CREATE FUNCTION stations_recount_weeks(stations bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Two writers of one station's hours queue here; the statement below then sees what the first has committed.
    PERFORM 1 FROM stations_station WHERE id = ANY (stations) ORDER BY id FOR NO KEY UPDATE;
    UPDATE stations_station AS station
    SET week = counted.week, irregular_until = counted.irregular_until
    FROM (
        SELECT held.id,
            CASE held.hours_state
                WHEN 'always' THEN '{ALWAYS}'::int4multirange
                WHEN 'listed' THEN periods.week
            END AS week,
            greatest(
                CASE WHEN held.hours_state = 'listed' AND periods.seasonal THEN date '9999-12-31' END,
                excepted.until
            ) AS irregular_until
        FROM stations_station AS held
        CROSS JOIN LATERAL (
            SELECT bool_or(season_from IS NOT NULL) AS seasonal,
                CASE WHEN count(*) > 0 THEN coalesce(
                    range_agg(int4range((weekday - 1) * 2880 + opens, (weekday - 1) * 2880 + closes))
                        FILTER (WHERE season_from IS NULL),
                    '{{}}'
                ) END AS week
            FROM stations_openingperiod WHERE station_id = held.id
        ) AS periods
        CROSS JOIN LATERAL (
            SELECT max((ends AT TIME ZONE 'Asia/Shanghai')::date) AS until
            FROM stations_openingexception WHERE station_id = held.id
        ) AS excepted
        WHERE held.id = ANY (stations)
    ) AS counted
    WHERE station.id = counted.id
      AND (station.week, station.irregular_until) IS DISTINCT FROM (counted.week, counted.irregular_until);
END $$;

CREATE FUNCTION stations_hours_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        changed := ARRAY(SELECT DISTINCT station_id FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        changed := ARRAY(SELECT DISTINCT station_id FROM old_rows);
    ELSE
        changed := ARRAY(SELECT station_id FROM old_rows UNION SELECT station_id FROM new_rows);
    END IF;
    IF cardinality(changed) > 0 THEN
        PERFORM stations_recount_weeks(changed);
    END IF;
    RETURN NULL;
END $$;

-- A new station has no periods yet; whatever was written into its derived columns is not taken over.
CREATE FUNCTION stations_week_of_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.week := CASE WHEN NEW.hours_state = 'always' THEN '{ALWAYS}'::int4multirange END;
    NEW.irregular_until := NULL;
    RETURN NEW;
END $$;

CREATE FUNCTION stations_week_rewritten() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[] := ARRAY(
        SELECT old_rows.id FROM old_rows JOIN new_rows USING (id)
        WHERE (old_rows.hours_state, old_rows.week, old_rows.irregular_until)
            IS DISTINCT FROM (new_rows.hours_state, new_rows.week, new_rows.irregular_until)
    );
BEGIN
    IF cardinality(changed) > 0 THEN
        PERFORM stations_recount_weeks(changed);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER station_week_of_new BEFORE INSERT ON stations_station
    FOR EACH ROW EXECUTE FUNCTION stations_week_of_new();
CREATE TRIGGER station_week_rewritten AFTER UPDATE ON stations_station
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION stations_week_rewritten();
"""

# One trigger per operation: transition tables allow no other way.
CHILDREN = "".join(
    f"""
CREATE TRIGGER hours_{operation} AFTER {operation} ON stations_{table} REFERENCING {rows}
    FOR EACH STATEMENT EXECUTE FUNCTION stations_hours_changed();
"""
    for table in ("openingperiod", "openingexception")
    for operation, rows in (
        ("INSERT", "NEW TABLE AS new_rows"),
        ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("DELETE", "OLD TABLE AS old_rows"),
    )
)

DROP = """
DROP FUNCTION stations_hours_changed() CASCADE;
DROP FUNCTION stations_week_of_new() CASCADE;
DROP FUNCTION stations_week_rewritten() CASCADE;
DROP FUNCTION stations_recount_weeks(bigint[]);
"""

# What the stations that were there before know of their hours. No event: nobody changed anything.
FILL = r"""
ALTER TABLE stations_station DISABLE TRIGGER USER;
UPDATE stations_station AS station SET hours_state = CASE WHEN known.whole THEN 'always' ELSE 'listed' END
FROM (
    SELECT station_id, bool_and(season_from IS NULL) AND coalesce(range_agg(
        int4range((weekday - 1) * 1440 + opens, (weekday - 1) * 1440 + closes)) FILTER (WHERE season_from IS NULL), '{}')
        + coalesce(range_agg(int4range(0, (weekday - 1) * 1440 + closes - 10080))
        FILTER (WHERE (weekday - 1) * 1440 + closes > 10080), '{}') @> int4range(0, 10080) AS whole
    FROM stations_openingperiod GROUP BY station_id
) AS known WHERE known.station_id = station.id;
UPDATE stations_station SET hours_state = 'host'
WHERE hours_state = 'unknown' AND hours_text !~ '其[它他]|自行'
  AND hours_text ~ '(与|同|随|跟|按|依|参照)[^，,。；;]{0,12}(营业|开放|办公|上班|经营)时[间段]|(营业|开放|办公|上班)时[间段]内';
SELECT stations_recount_weeks(ARRAY(SELECT id FROM stations_station));
SET CONSTRAINTS ALL IMMEDIATE; -- a table with pending checks cannot be altered
ALTER TABLE stations_station ENABLE TRIGGER USER;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    """The derived columns of a station's hours, kept right by the database whoever writes (`stations.models.week`)."""

    dependencies = [("stations", "0005_opening_exceptions")]

    operations = [
        migrations.RunSQL(FUNCTIONS + CHILDREN, DROP),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
