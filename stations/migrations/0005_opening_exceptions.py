# Opening hours by date, what is known of them, and what they mean on holidays and make-up days.

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import stations.models.week
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organizations', '0002_calendar_day'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('stations', '0004_feedback'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OpeningException',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('closed', 'Closure'), ('open', 'Extra opening')], default='closed', max_length=6, verbose_name='kind')),
                ('begins', models.DateTimeField(verbose_name='begins')),
                ('ends', models.DateTimeField(verbose_name='ends')),
                ('reason', models.CharField(help_text='Shown to visitors.', max_length=120, verbose_name='reason')),
                ('access', models.CharField(blank=True, choices=[('staffed', 'Staffed'), ('self-service', 'Unattended'), ('qr', 'By QR code'), ('id-card', 'By ID card'), ('door-open', 'Open door'), ('', 'Not stated')], max_length=12, verbose_name='way in')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='recorded at')),
            ],
            options={
                'verbose_name': 'closure or extra opening',
                'verbose_name_plural': 'closures and extra openings',
                'ordering': ['begins', 'id'],
            },
        ),
        migrations.CreateModel(
            name='OpeningExceptionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('closed', 'Closure'), ('open', 'Extra opening')], default='closed', max_length=6, verbose_name='kind')),
                ('begins', models.DateTimeField(verbose_name='begins')),
                ('ends', models.DateTimeField(verbose_name='ends')),
                ('reason', models.CharField(help_text='Shown to visitors.', max_length=120, verbose_name='reason')),
                ('access', models.CharField(blank=True, choices=[('staffed', 'Staffed'), ('self-service', 'Unattended'), ('qr', 'By QR code'), ('id-card', 'By ID card'), ('door-open', 'Open door'), ('', 'Not stated')], max_length=12, verbose_name='way in')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='recorded at')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='station',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='station',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='station',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='station',
            name='hours_state',
            field=models.CharField(choices=[('listed', 'As listed'), ('always', '24 hours'), ('host', 'As its host is open'), ('unknown', 'Not known')], db_default='unknown', default='unknown', max_length=8, verbose_name='what is known of the hours'),
        ),
        migrations.AddField(
            model_name='station',
            name='irregular_until',
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='station',
            name='on_holidays',
            field=models.CharField(choices=[('sunday', 'As on Sunday'), ('weekday', 'As on the weekday it is'), ('closed', 'Closed all day')], db_default='sunday', default='sunday', max_length=8, verbose_name='on public holidays'),
        ),
        migrations.AddField(
            model_name='station',
            name='on_makeup_days',
            field=models.CharField(choices=[('workday', 'As on a working day (Wednesday)'), ('weekday', 'As on the weekday it is'), ('closed', 'Closed all day')], db_default='workday', default='workday', max_length=8, verbose_name='on make-up working days'),
        ),
        migrations.AddField(
            model_name='station',
            name='week',
            field=stations.models.week.WeekField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='stationevent',
            name='hours_state',
            field=models.CharField(choices=[('listed', 'As listed'), ('always', '24 hours'), ('host', 'As its host is open'), ('unknown', 'Not known')], db_default='unknown', default='unknown', max_length=8, verbose_name='what is known of the hours'),
        ),
        migrations.AddField(
            model_name='stationevent',
            name='on_holidays',
            field=models.CharField(choices=[('sunday', 'As on Sunday'), ('weekday', 'As on the weekday it is'), ('closed', 'Closed all day')], db_default='sunday', default='sunday', max_length=8, verbose_name='on public holidays'),
        ),
        migrations.AddField(
            model_name='stationevent',
            name='on_makeup_days',
            field=models.CharField(choices=[('workday', 'As on a working day (Wednesday)'), ('weekday', 'As on the weekday it is'), ('closed', 'Closed all day')], db_default='workday', default='workday', max_length=8, verbose_name='on make-up working days'),
        ),
        migrations.AlterField(
            model_name='station',
            name='access',
            field=models.CharField(blank=True, choices=[('open', 'Open door'), ('staffed', 'Staffed'), ('qr', 'By QR code'), ('id_card', 'By ID card'), ('face', 'By face recognition'), ('by_hours', 'Depends on the hour'), ('', 'Not stated')], max_length=8, verbose_name='way in'),
        ),
        migrations.AlterField(
            model_name='stationevent',
            name='access',
            field=models.CharField(blank=True, choices=[('open', 'Open door'), ('staffed', 'Staffed'), ('qr', 'By QR code'), ('id_card', 'By ID card'), ('face', 'By face recognition'), ('by_hours', 'Depends on the hour'), ('', 'Not stated')], max_length=8, verbose_name='way in'),
        ),
        migrations.AddIndex(
            model_name='station',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['id'], include=('week', 'irregular_until', 'on_holidays', 'on_makeup_days'), name='station_open_week'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='station',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "stations_stationevent" ("access", "accuracy", "address", "area", "build_mode", "code", "created_at", "directions", "division_id", "facilities_text", "given_datum", "given_latitude", "given_longitude", "host_id", "host_kind_id", "host_name", "hours_state", "hours_text", "id", "identity", "initials", "inside_id", "investment", "keeper_name", "keeper_phone", "kind_id", "last_confirmed_by_id", "last_confirmed_on", "latitude", "list_id", "local_brand", "longitude", "name", "name_key", "on_holidays", "on_makeup_days", "opened_on", "opened_precision", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_phone", "remarks", "reported_locked_at", "responsible_cadre", "search_text", "seats", "sign_number", "status", "status_reason", "theme", "updated_at") SELECT new_values."access", new_values."accuracy", new_values."address", new_values."area", new_values."build_mode", new_values."code", new_values."created_at", new_values."directions", new_values."division_id", new_values."facilities_text", new_values."given_datum", new_values."given_latitude", new_values."given_longitude", new_values."host_id", new_values."host_kind_id", new_values."host_name", new_values."hours_state", new_values."hours_text", new_values."id", new_values."identity", new_values."initials", new_values."inside_id", new_values."investment", new_values."keeper_name", new_values."keeper_phone", new_values."kind_id", new_values."last_confirmed_by_id", new_values."last_confirmed_on", new_values."latitude", new_values."list_id", new_values."local_brand", new_values."longitude", new_values."name", new_values."name_key", new_values."on_holidays", new_values."on_makeup_days", new_values."opened_on", new_values."opened_precision", new_values."organization_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."public_phone", new_values."remarks", new_values."reported_locked_at", new_values."responsible_cadre", new_values."search_text", new_values."seats", new_values."sign_number", new_values."status", new_values."status_reason", new_values."theme", new_values."updated_at" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b1e20167cf368d17c14c2e283c26e6fd95f17198', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_8a9fc', referencing='REFERENCING NEW TABLE AS new_values ', table='stations_station', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='station',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "stations_stationevent" ("access", "accuracy", "address", "area", "build_mode", "code", "created_at", "directions", "division_id", "facilities_text", "given_datum", "given_latitude", "given_longitude", "host_id", "host_kind_id", "host_name", "hours_state", "hours_text", "id", "identity", "initials", "inside_id", "investment", "keeper_name", "keeper_phone", "kind_id", "last_confirmed_by_id", "last_confirmed_on", "latitude", "list_id", "local_brand", "longitude", "name", "name_key", "on_holidays", "on_makeup_days", "opened_on", "opened_precision", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_phone", "remarks", "reported_locked_at", "responsible_cadre", "search_text", "seats", "sign_number", "status", "status_reason", "theme", "updated_at") SELECT new_values."access", new_values."accuracy", new_values."address", new_values."area", new_values."build_mode", new_values."code", new_values."created_at", new_values."directions", new_values."division_id", new_values."facilities_text", new_values."given_datum", new_values."given_latitude", new_values."given_longitude", new_values."host_id", new_values."host_kind_id", new_values."host_name", new_values."hours_state", new_values."hours_text", new_values."id", new_values."identity", new_values."initials", new_values."inside_id", new_values."investment", new_values."keeper_name", new_values."keeper_phone", new_values."kind_id", new_values."last_confirmed_by_id", new_values."last_confirmed_on", new_values."latitude", new_values."list_id", new_values."local_brand", new_values."longitude", new_values."name", new_values."name_key", new_values."on_holidays", new_values."on_makeup_days", new_values."opened_on", new_values."opened_precision", new_values."organization_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."public_phone", new_values."remarks", new_values."reported_locked_at", new_values."responsible_cadre", new_values."search_text", new_values."seats", new_values."sign_number", new_values."status", new_values."status_reason", new_values."theme", new_values."updated_at" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."access" IS DISTINCT FROM (new_values."access") OR old_values."accuracy" IS DISTINCT FROM (new_values."accuracy") OR old_values."address" IS DISTINCT FROM (new_values."address") OR old_values."area" IS DISTINCT FROM (new_values."area") OR old_values."build_mode" IS DISTINCT FROM (new_values."build_mode") OR old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."directions" IS DISTINCT FROM (new_values."directions") OR old_values."division_id" IS DISTINCT FROM (new_values."division_id") OR old_values."facilities_text" IS DISTINCT FROM (new_values."facilities_text") OR old_values."given_datum" IS DISTINCT FROM (new_values."given_datum") OR old_values."given_latitude" IS DISTINCT FROM (new_values."given_latitude") OR old_values."given_longitude" IS DISTINCT FROM (new_values."given_longitude") OR old_values."host_id" IS DISTINCT FROM (new_values."host_id") OR old_values."host_kind_id" IS DISTINCT FROM (new_values."host_kind_id") OR old_values."host_name" IS DISTINCT FROM (new_values."host_name") OR old_values."hours_state" IS DISTINCT FROM (new_values."hours_state") OR old_values."hours_text" IS DISTINCT FROM (new_values."hours_text") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."identity" IS DISTINCT FROM (new_values."identity") OR old_values."initials" IS DISTINCT FROM (new_values."initials") OR old_values."inside_id" IS DISTINCT FROM (new_values."inside_id") OR old_values."investment" IS DISTINCT FROM (new_values."investment") OR old_values."keeper_name" IS DISTINCT FROM (new_values."keeper_name") OR old_values."keeper_phone" IS DISTINCT FROM (new_values."keeper_phone") OR old_values."kind_id" IS DISTINCT FROM (new_values."kind_id") OR old_values."last_confirmed_by_id" IS DISTINCT FROM (new_values."last_confirmed_by_id") OR old_values."last_confirmed_on" IS DISTINCT FROM (new_values."last_confirmed_on") OR old_values."latitude" IS DISTINCT FROM (new_values."latitude") OR old_values."list_id" IS DISTINCT FROM (new_values."list_id") OR old_values."local_brand" IS DISTINCT FROM (new_values."local_brand") OR old_values."longitude" IS DISTINCT FROM (new_values."longitude") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."name_key" IS DISTINCT FROM (new_values."name_key") OR old_values."on_holidays" IS DISTINCT FROM (new_values."on_holidays") OR old_values."on_makeup_days" IS DISTINCT FROM (new_values."on_makeup_days") OR old_values."opened_on" IS DISTINCT FROM (new_values."opened_on") OR old_values."opened_precision" IS DISTINCT FROM (new_values."opened_precision") OR old_values."organization_id" IS DISTINCT FROM (new_values."organization_id") OR old_values."public_phone" IS DISTINCT FROM (new_values."public_phone") OR old_values."remarks" IS DISTINCT FROM (new_values."remarks") OR old_values."reported_locked_at" IS DISTINCT FROM (new_values."reported_locked_at") OR old_values."responsible_cadre" IS DISTINCT FROM (new_values."responsible_cadre") OR old_values."search_text" IS DISTINCT FROM (new_values."search_text") OR old_values."seats" IS DISTINCT FROM (new_values."seats") OR old_values."sign_number" IS DISTINCT FROM (new_values."sign_number") OR old_values."status" IS DISTINCT FROM (new_values."status") OR old_values."status_reason" IS DISTINCT FROM (new_values."status_reason") OR old_values."theme" IS DISTINCT FROM (new_values."theme") OR old_values."updated_at" IS DISTINCT FROM (new_values."updated_at")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='676162865ef61a407091ac82623fcdf06d9b3078', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_05b7b', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='stations_station', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='station',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "stations_stationevent" ("access", "accuracy", "address", "area", "build_mode", "code", "created_at", "directions", "division_id", "facilities_text", "given_datum", "given_latitude", "given_longitude", "host_id", "host_kind_id", "host_name", "hours_state", "hours_text", "id", "identity", "initials", "inside_id", "investment", "keeper_name", "keeper_phone", "kind_id", "last_confirmed_by_id", "last_confirmed_on", "latitude", "list_id", "local_brand", "longitude", "name", "name_key", "on_holidays", "on_makeup_days", "opened_on", "opened_precision", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_phone", "remarks", "reported_locked_at", "responsible_cadre", "search_text", "seats", "sign_number", "status", "status_reason", "theme", "updated_at") SELECT old_values."access", old_values."accuracy", old_values."address", old_values."area", old_values."build_mode", old_values."code", old_values."created_at", old_values."directions", old_values."division_id", old_values."facilities_text", old_values."given_datum", old_values."given_latitude", old_values."given_longitude", old_values."host_id", old_values."host_kind_id", old_values."host_name", old_values."hours_state", old_values."hours_text", old_values."id", old_values."identity", old_values."initials", old_values."inside_id", old_values."investment", old_values."keeper_name", old_values."keeper_phone", old_values."kind_id", old_values."last_confirmed_by_id", old_values."last_confirmed_on", old_values."latitude", old_values."list_id", old_values."local_brand", old_values."longitude", old_values."name", old_values."name_key", old_values."on_holidays", old_values."on_makeup_days", old_values."opened_on", old_values."opened_precision", old_values."organization_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."public_phone", old_values."remarks", old_values."reported_locked_at", old_values."responsible_cadre", old_values."search_text", old_values."seats", old_values."sign_number", old_values."status", old_values."status_reason", old_values."theme", old_values."updated_at" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='df2b030299f3c872d5239c85a0f8b54e93e39ea8', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_82d3d', referencing='REFERENCING OLD TABLE AS old_values ', table='stations_station', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='station',
            constraint=models.CheckConstraint(condition=models.Q(('hours_state__in', ['listed', 'always', 'host', 'unknown']), ('on_holidays__in', ['sunday', 'weekday', 'closed']), ('on_makeup_days__in', ['workday', 'weekday', 'closed'])), name='station_hours_settings_known', violation_error_message='There is no such setting of the opening hours.'),
        ),
        migrations.AddField(
            model_name='openingexception',
            name='created_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recorded by'),
        ),
        migrations.AddField(
            model_name='openingexception',
            name='station',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exceptions', to='stations.station', verbose_name='station'),
        ),
        migrations.AddField(
            model_name='openingexceptionevent',
            name='created_by',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recorded by'),
        ),
        migrations.AddField(
            model_name='openingexceptionevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='openingexceptionevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='stations.openingexception'),
        ),
        migrations.AddField(
            model_name='openingexceptionevent',
            name='station',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='stations.station', verbose_name='station'),
        ),
        migrations.AddConstraint(
            model_name='openingexception',
            constraint=models.CheckConstraint(condition=models.Q(('ends__gt', models.F('begins'))), name='exception_begins_before_ends', violation_error_message='It ends after it begins.'),
        ),
        migrations.AddConstraint(
            model_name='openingexception',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='exception_has_reason', violation_error_message='Give the reason: it is shown to visitors and kept in the record.'),
        ),
        migrations.AddConstraint(
            model_name='openingexception',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['closed', 'open'])), name='exception_kind_known', violation_error_message='It is either a closure or an opening.'),
        ),
        migrations.AddConstraint(
            model_name='openingexception',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('station', '='), (models.Func(models.F('begins'), models.F('ends'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='exceptions_do_not_overlap', violation_error_message='Another closure or extra opening of the station holds at that time.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='openingexception',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "stations_openingexceptionevent" ("access", "begins", "created_at", "created_by_id", "ends", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "station_id") SELECT new_values."access", new_values."begins", new_values."created_at", new_values."created_by_id", new_values."ends", new_values."id", new_values."kind", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."station_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d53d6a916acef1f857fb3182c83a5b28edd319c9', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_190cc', referencing='REFERENCING NEW TABLE AS new_values ', table='stations_openingexception', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='openingexception',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "stations_openingexceptionevent" ("access", "begins", "created_at", "created_by_id", "ends", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "station_id") SELECT new_values."access", new_values."begins", new_values."created_at", new_values."created_by_id", new_values."ends", new_values."id", new_values."kind", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason", new_values."station_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ae43b2c7d7614fdc66f44e7e289497752117d156', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_5203f', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='stations_openingexception', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='openingexception',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "stations_openingexceptionevent" ("access", "begins", "created_at", "created_by_id", "ends", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "station_id") SELECT old_values."access", old_values."begins", old_values."created_at", old_values."created_by_id", old_values."ends", old_values."id", old_values."kind", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."station_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='46ed01d4a819c46753a165151d23c3a91129c6b6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_4f1b0', referencing='REFERENCING OLD TABLE AS old_values ', table='stations_openingexception', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='openingexceptionevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c6a574ad6e8dac687a9d0938e9694745933dd821', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_cbff9', table='stations_openingexceptionevent', when='BEFORE')),
        ),
    ]
