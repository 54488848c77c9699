"""Found the federation: the root of the tree, without which nobody can belong to anything."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from unionportal.audit.context import acting
from unionportal.organizations.actions import add_organization
from unionportal.organizations.models import Division, Organization


class Command(BaseCommand):
    help = "Found the city federation at the root of the tree: federation DIVISION-CODE NAME"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("division", help="GB/T 2260 code of the city, such as 530100; it becomes the code too")
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        if not Division.objects.filter(code=options["division"]).exists():
            raise CommandError(_("There is no division with the code %(code)s.") % {"code": options["division"]})
        try:
            with acting(None, source="manage.py federation"):
                federation = add_organization(
                    parent=None,
                    by=None,
                    name=options["name"],
                    kind=Organization.Kind.CITY_FEDERATION,
                    division_id=options["division"],
                )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages))
        self.stdout.write(f"{federation.code} {federation.name}")
