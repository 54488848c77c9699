"""``manage.py backup FILE``: the database and the uploaded files as one file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from unionportal.backup import BackupError, write_backup


class Command(BaseCommand):
    help = (
        "Writes the database and the uploaded files to one .tar.gz file. The secrets of the environment "
        "(PRIVACY_KEYS and others) are not in it; keep them apart."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file to write; it must not exist")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            manifest = write_backup(file)
        except BackupError as error:
            raise CommandError(str(error))
        self.stdout.write(
            _("Backed up %(tables)d tables and %(files)d uploaded files to %(file)s.")
            % {
                "tables": len(manifest.tables),
                "files": len(manifest.sha256) - len(manifest.tables),
                "file": file,
            }
        )
