from django.db import migrations, models

# What people do at a station, for the search box; `fixtures/reference/facilities.csv` has them for a new register.
WORDS = {
    "water": ["打水", "接水"],
    "meals": ["吃饭"],
    "recliner": ["午休", "午睡", "睡觉"],
    "air_con": ["吹空调"],
    "cooling": ["乘凉"],
    "shelter": ["躲雨"],
    "wifi": ["上网"],
    "books": ["看书", "读书"],
    "printer": ["复印"],
    "toilet": ["上厕所", "如厕"],
    "mother_baby": ["喂奶", "哺乳"],
    "changing": ["换衣服"],
    "laundry": ["洗衣服"],
}


def add(apps, schema_editor):
    """Entries that exist are left as staff have made them, so a new word comes by a migration, once: who takes it away
    again is not overruled. A word that stands at another entry stays there.
    """
    facilities = apps.get_model("stations", "Facility")._default_manager.using(schema_editor.connection.alias)
    known = {word for words in facilities.values_list("synonyms", flat=True) for word in words}
    for facility in facilities.filter(code__in=WORDS):
        if new := [word for word in WORDS[facility.code] if word not in known]:
            facility.synonyms = [*facility.synonyms, *new]
            facility.save(update_fields=["synonyms"])


class Migration(migrations.Migration):
    """Visitors find facilities by what they want to do, and stations open round the clock by an index."""

    dependencies = [("stations", "0022_finder_on_the_plane")]

    operations = [
        migrations.RunPython(add, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="station",
            index=models.Index(
                fields=["id"], condition=models.Q(hours_state="always"), name="station_round_the_clock"
            ),
        ),
    ]
