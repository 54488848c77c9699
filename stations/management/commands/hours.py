import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from stations.hours import read_hours


class Command(BaseCommand):
    help = "Read an opening-hours phrase and print its periods as JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("phrase", nargs="+", help='for instance "周一至周五 8:30-11:30，13:00-17:00"')

    def handle(self, *args: Any, **options: Any) -> None:
        reading = read_hours(" ".join(options["phrase"]))
        self.stdout.write(json.dumps(reading.as_dict(), ensure_ascii=False))
