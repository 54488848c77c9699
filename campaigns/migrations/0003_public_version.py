from django.db import migrations

from unionportal.public_version import moved_by


class Migration(migrations.Migration):
    """What a station's page shows of campaigns moves the version of public pages on."""

    dependencies = [("campaigns", "0002_moved_up_and_pools_as_announced"), ("unionportal", "0003_public_version")]

    operations = [moved_by("campaigns_activity"), moved_by("campaigns_campaign")]
