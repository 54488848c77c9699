"""What accepting an application would do to the register, said before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from members import lifecycle
from members.models import Application, Member
from unionportal.names import identity_key
from unionportal.privacy import mask_name


@dataclass(frozen=True)
class Consequence:
    """One application, in words; `is_plain` where somebody joins who was on no record."""

    words: str
    is_plain: bool = False


def consequences(applications: Sequence[Application]) -> list[Consequence]:
    """For each application, in order: whether a record begins, is resumed or transferred, or nothing can be done.

    The union a member is with now is named: whoever decides must know whom the transfer takes him from.
    """
    wanted = Q(pk__in=[])
    for application in applications:
        if application.id_hash:
            wanted |= Q(id_type=application.id_type, id_hash=application.id_hash)
    known = {(m.id_type, m.id_hash): m for m in Member.objects.filter(wanted).select_related("organization")}
    return [_consequence(one, known.get((one.id_type, one.id_hash))) for one in applications]


def _consequence(application: Application, member: Member | None) -> Consequence:
    name = {"name": application.name, "union": application.organization}
    if member is None:
        return Consequence(_("%(name)s: joins %(union)s; a new record and a card number.") % name, is_plain=True)
    name |= {
        "card": member.card_number or "—",
        "former": member.organization,
        "state": member.get_state_display(),
        "known": mask_name(member.name),
    }
    if identity_key(member.name) != identity_key(application.name):
        return Consequence(
            _("%(name)s: cannot be accepted. The ID number is on record under another name (%(known)s).") % name
        )
    if member.state == lifecycle.State.EXPELLED:
        return Consequence(_("%(name)s: cannot be accepted. Was expelled (record %(card)s).") % name)
    if member.state not in lifecycle.FULL_RIGHTS:
        return Consequence(
            _("%(name)s: was a member before (%(state)s, %(former)s). Record %(card)s is resumed in %(union)s.") % name
        )
    if member.organization_id == application.organization_id:
        return Consequence(_("%(name)s: is a member of %(union)s already. Joined to record %(card)s.") % name)
    return Consequence(
        _("%(name)s: is a member of %(former)s. Record %(card)s is transferred to %(union)s, no second one is made.")
        % name
    )
