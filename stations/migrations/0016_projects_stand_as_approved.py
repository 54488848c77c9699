import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """Kind, work, year and owner of an approved project stay: its subsidy stands on them."""

    dependencies = [
        ('stations', '0015_rectifications_settled_by_checks'),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='buildingproject',
            trigger=pgtrigger.compiler.Trigger(name='stands_as_approved', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> 'proposed' AND (OLD.organization_id, OLD.kind_id, OLD.work, OLD.year) IS DISTINCT FROM (NEW.organization_id, NEW.kind_id, NEW.work, NEW.year))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='0f72e8e0f9e021329ed0b00ec0d4e1369321344e', operation='UPDATE', pgid='pgtrigger_stands_as_approved_0fe8a', table='stations_buildingproject', when='BEFORE')),
        ),
    ]
