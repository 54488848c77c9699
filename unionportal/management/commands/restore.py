"""``manage.py restore FILE``: put a backup in the place of everything there is."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from unionportal.backup import BackupError, restore_backup


class Command(BaseCommand):
    help = "Replaces the database and the uploaded files with those of a backup."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a file written by `manage.py backup`")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, file: Path, yes: bool, **options: Any) -> None:
        if not yes:
            self._ask()
        try:
            manifest = restore_backup(file)
        except BackupError as error:
            raise CommandError(str(error))
        self.stdout.write(_("Restored the backup made at %(moment)s.") % {"moment": manifest.made_at})

    def _ask(self) -> None:
        if not sys.stdin.isatty():
            raise CommandError(_("Restoring deletes everything there is now; confirm with --yes."))
        self.stdout.write(_("Everything there is now will be deleted. Type yes to go on: "), ending="")
        self.stdout.flush()
        if sys.stdin.readline().strip().lower() != "yes":
            raise CommandError(_("Nothing was changed."))
