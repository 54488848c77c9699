"""``manage.py stop``: end what ``manage.py serve`` and the embedded PostgreSQL left running."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from unionportal import postgres, supervision
from unionportal.management.commands.serve import RECORD


class Command(BaseCommand):
    help = "Stops a server left running and the embedded PostgreSQL of this checkout."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--delete-data",
            action="store_true",
            help="also delete the embedded database and the uploaded files; there is no way back",
        )

    def handle(self, *args: Any, delete_data: bool, **options: Any) -> None:
        embedded = postgres.is_embedded(settings.DATABASES["default"])
        if delete_data and not embedded:
            raise CommandError(_("DATABASE_URL is set. Only the data of the embedded database can be deleted."))
        stopped = supervision.stop_recorded(postgres.data_dir() / RECORD)
        try:
            stopped = (embedded and postgres.stop()) or stopped
            if delete_data:
                postgres.delete()
                shutil.rmtree(postgres.data_dir() / "media", ignore_errors=True)
        except postgres.EmbeddedPostgresError as error:
            raise CommandError(str(error))
        self.stdout.write(_("Stopped.") if stopped else _("Nothing was running."))
