"""Extensions that come with every PostgreSQL and that its owner may create: no superuser is needed."""

from django.contrib.postgres.operations import BtreeGistExtension, CreateExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    initial = True

    operations = [TrigramExtension(), BtreeGistExtension(), CreateExtension("cube")]
