import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Which check found a rectification met, so that it is owed again when that check is set aside."""

    dependencies = [
        ('standards', '0002_confirmed_by_another'),
        ('stations', '0014_loops_on_public_pages'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='rectification',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='rectification',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='rectification',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='rectification',
            name='settled_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='standards.assessment', verbose_name='check that found it met'),
        ),
        migrations.AddField(
            model_name='rectificationevent',
            name='settled_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='standards.assessment', verbose_name='check that found it met'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rectification',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "stations_rectificationevent" ("answer_id", "due_on", "id", "mended_by_id", "mended_note", "mended_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_by_id", "state", "state_reason", "station_id", "verified_by_id", "verified_on") SELECT new_values."answer_id", new_values."due_on", new_values."id", new_values."mended_by_id", new_values."mended_note", new_values."mended_on", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."settled_by_id", new_values."state", new_values."state_reason", new_values."station_id", new_values."verified_by_id", new_values."verified_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f0f904690e436317390d724733966ac9f52b4806', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_87d85', referencing='REFERENCING NEW TABLE AS new_values ', table='stations_rectification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rectification',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "stations_rectificationevent" ("answer_id", "due_on", "id", "mended_by_id", "mended_note", "mended_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_by_id", "state", "state_reason", "station_id", "verified_by_id", "verified_on") SELECT new_values."answer_id", new_values."due_on", new_values."id", new_values."mended_by_id", new_values."mended_note", new_values."mended_on", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."settled_by_id", new_values."state", new_values."state_reason", new_values."station_id", new_values."verified_by_id", new_values."verified_on" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='2e77ae39a6f81e721868fbac925013ef53dd7b8c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_67c17', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='stations_rectification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rectification',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "stations_rectificationevent" ("answer_id", "due_on", "id", "mended_by_id", "mended_note", "mended_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_by_id", "state", "state_reason", "station_id", "verified_by_id", "verified_on") SELECT old_values."answer_id", old_values."due_on", old_values."id", old_values."mended_by_id", old_values."mended_note", old_values."mended_on", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."settled_by_id", old_values."state", old_values."state_reason", old_values."station_id", old_values."verified_by_id", old_values."verified_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='2d6fe5700a06cc4fe043596ea8a49165be65da89', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_578b4', referencing='REFERENCING OLD TABLE AS old_values ', table='stations_rectification', when='AFTER')),
        ),
    ]
