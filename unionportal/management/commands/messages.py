from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from unionportal.catalogue import catalogue_path, own_messages, third_party_messages, update


class Command(BaseCommand):
    help = "Collect the texts to translate into the Chinese catalogue and compile it (needs the package polib)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail if a text has no Chinese yet")

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = update(catalogue_path(), own_messages() | third_party_messages())
        self.stdout.write(
            f"{outcome.total} texts, {len(outcome.added)} new, {len(outcome.removed)} removed, "
            f"{len(outcome.untranslated)} without Chinese"
        )
        for text in outcome.untranslated:
            self.stdout.write(f"  {text!r}")
        if options["check"] and outcome.untranslated:
            raise SystemExit(1)
