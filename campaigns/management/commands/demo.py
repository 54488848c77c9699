"""``manage.py demo``: a city to try the portal with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from bargaining.demo import load_bargaining
from campaigns.demo import load as load_campaigns
from members.demo import load as load_members
from stations.demo import hand_in_lists, load_stations
from stations.demo_checks import load_checks
from stations.demo_keeping import load_keeping
from stations.demo_life import load_life
from unionportal.audit.actions import record
from unionportal.audit.context import acting
from unionportal.audit.models import AuditEvent
from unionportal.organizations.actions import lock_tree
from unionportal.organizations.demo import load_accounts, load_organizations, read_accounts
from unionportal.organizations.models import Organization
from unionportal.organizations.roles import Role

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "demo"
# Each part is loaded once, in this order; what staff change afterwards stays as they left it.
PARTS: dict[str, Callable[[Path], None]] = {
    "organizations": load_organizations,
    "accounts": load_accounts,
    "members": load_members,
    "stations": load_stations,
    "checks": load_checks,
    "keeping": load_keeping,
    "life": load_life,
    "sheets": hand_in_lists,
    "bargaining": load_bargaining,
    # Last: members sign up for activities at stations.
    "campaigns": load_campaigns,
}
_VERB = "load_demo"


class Command(BaseCommand):
    help = "Load the demonstration, or the parts of it that are not loaded yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", action="store_true", help="only list the accounts to log in with")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(_("The demonstration has passwords that everybody knows: not in production."))
        if options["accounts"]:
            self.stdout.write(accounts_table())
            return
        with acting(None, source="demo"):
            for part, load in PARTS.items():
                if load_once(part, load):
                    self.stdout.write(_("Loaded: %(part)s") % {"part": part})


@transaction.atomic
def load_once(part: str, load: Callable[[Path], None]) -> bool:
    """Load a part unless the record says that it was; two at once wait for one another. Returns whether it did.

    Raises CommandError in a database that holds other organisations than the demonstration's.
    """
    lock_tree()
    loaded = set(AuditEvent.objects.filter(verb=_VERB).values_list("details__part", flat=True))
    if part in loaded:
        return False
    if not loaded and Organization.objects.exists():
        raise CommandError(_("The database holds organizations already; the demonstration needs an empty one."))
    load(FOLDER)
    record(_VERB, Organization.objects.get(depth=1), by=None, details={"part": part})
    return True


def accounts_table() -> str:
    """User name, roles and name of every account of the demonstration, and the password they share."""
    read = read_accounts(FOLDER)
    rows = [
        (
            account["username"],
            _(", ").join(dict.fromkeys(str(Role(role).label) for role, _at in account["roles"])),
            account["display_name"],
        )
        for account in read["accounts"]
    ]
    lines = [_("Accounts to log in with at /admin/; the password of all is %(password)s") % read]
    for cells in [(_("user name"), _("role"), _("name")), *rows]:
        lines.append("  " + "".join(_padded(str(cell), 24) for cell in cells).rstrip())
    return "\n".join(lines)


def _padded(text: str, width: int) -> str:
    """The text with spaces up to `width` columns of a terminal, where a Chinese character takes two."""
    return text + " " * max(1, width - sum(1 if ord(char) < 0x1100 else 2 for char in text))
