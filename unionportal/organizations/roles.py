"""Roles of staff and what each may do, declared in code: no one edits permissions by clicking.

A permission is written as Django writes it, ``app.verb_model``. An app declares in its own ``permissions.py``
which roles hold it; a role is then held *at* an organisation (``RoleAssignment``) and reaches its branch.

System administrator, auditor and the working roles are apart (GB/T 22239-2019 asks that system, security and
audit administration be separate): an administrator makes accounts but applies nothing, an auditor reads
everything that was done and changes nothing.
"""

from __future__ import annotations

from collections import defaultdict

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    SYSTEM_ADMINISTRATOR = "system_administrator", _("System administrator")
    AUDITOR = "auditor", _("Auditor")
    CLERK = "clerk", _("Clerk")
    REVIEWER = "reviewer", _("Reviewer")
    STATION_KEEPER = "station_keeper", _("Station keeper")
    ADVISER = "adviser", _("Bargaining adviser")
    MEDIATOR = "mediator", _("Mediator")
    READ_ONLY = "read_only", _("Read-only")


# A keeper reaches the stations he is named for, not the branch he belongs to.
BRANCH_ROLES = frozenset(Role) - {Role.STATION_KEEPER}
STAFF = frozenset(Role)
OFFICE = BRANCH_ROLES  # everyone with a desk
NOBODY: frozenset[Role] = frozenset()

_holders: defaultdict[str, set[Role]] = defaultdict(set)


def declare(model: str, **verbs: frozenset[Role] | set[Role]) -> None:
    """Say which roles hold which verbs on ``app.model``: ``declare("stations.station", view=STAFF, change={…})``.

    A trailing underscore is dropped (``import_``). Verbs that are not declared are held by nobody.
    """
    app_label, model_name = model.split(".")
    for verb, roles in verbs.items():
        _holders[f"{app_label}.{verb.rstrip('_')}_{model_name}"] |= set(roles)


def holders(permission: str) -> frozenset[Role]:
    """The roles that hold a permission; empty for one that was never declared."""
    return frozenset(_holders.get(permission, ()))


def permissions_of(role: Role) -> list[str]:
    """Every permission of a role, sorted: for the role's page in the admin and the docs."""
    return sorted(permission for permission, roles in _holders.items() if role in roles)


def has_module_permission(roles: frozenset[Role] | set[Role], app_label: str) -> bool:
    """Whether any of `roles` holds anything in the app."""
    return any(p.startswith(f"{app_label}.") and held & roles for p, held in _holders.items())
