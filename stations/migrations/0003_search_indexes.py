import django.db.models.functions.text
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models

import stations.models.search


class Migration(migrations.Migration):
    """Indexes for the words of the search box and for the map's window."""

    dependencies = [("stations", "0002_hours_and_positions_stated_whole")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION station_grams(text, text) RETURNS text[]
            LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
                SELECT coalesce(array_agg(DISTINCT gram), '{}')
                FROM unnest(ARRAY[$1, $2]) AS line,
                     generate_series(1, length(line)) AS place,
                     unnest(ARRAY[substr(line, place, 1), substr(line, place, 2)]) AS gram
            $$
            """,
            "DROP FUNCTION station_grams(text, text)",
        ),
        migrations.AddIndex(
            model_name="station",
            index=GinIndex(stations.models.search.Grams("search_text", "initials"), name="station_grams"),
        ),
        migrations.AddIndex(
            model_name="station",
            index=GinIndex(
                OpClass(
                    django.db.models.functions.text.Replace(
                        models.F("name_key"), models.Value(" "), models.Value("")
                    ),
                    "gin_trgm_ops",
                ),
                name="station_spelling",
            ),
        ),
        migrations.AddIndex(
            model_name="station",
            index=models.Index(fields=["latitude", "longitude"], name="station_place"),
        ),
    ]
