"""What can happen to targets: split among units, checked by quarter, verified."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from unionportal.audit.actions import record
from unionportal.organizations.models import Organization
from unionportal.scope import covers
from unionportal.targets.lifecycle import NEED_REASON, TARGETS, TargetState
from unionportal.targets.models import Check, Target, printed


def _require(by: Any, permission: str, target: Target) -> None:
    if by is not None and not by.has_perm(permission, target):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": target})


def may_settle(by: Any, permission: str, target: Target) -> bool:
    """Whether `by` holds the permission at the union that set the target (None: the portal itself)."""
    return covers(by, permission, target.set_by)


@transaction.atomic
def allocate(target: Target, shares: Mapping[Organization, Decimal | int], *, by: Any) -> list[Target]:
    """Split a target among units below the one that owes it; the shares add up to the figure exactly.

    Splitting again replaces the shares, unless one of them was checked already. Shares name no unit twice and lie
    in the branch of the target's owner. Raises PermissionDenied, TransitionRefused, ValidationError.
    """
    target = Target.objects.select_for_update(of=("self",)).select_related("organization").get(pk=target.pk)
    transition = TARGETS.transition(target.state, "allocate")
    _require(by, transition.permission, target)
    given = {organization: Decimal(share) for organization, share in shares.items() if share}
    outside = [
        org for org in given if not org.path.startswith(target.organization.path) or org.pk == target.organization_id
    ]
    if outside:
        raise ValidationError(_("%(name)s is no unit below the one that owes the target.") % {"name": outside[0]})
    if any(share < 0 for share in given.values()) or sum(given.values()) != target.value:
        told = _("The shares add up to %(sum)s, the target is %(figure)s.")
        total = printed(max(sum(given.values(), Decimal(0)), Decimal(0)), target.unit)
        raise ValidationError(told % {"sum": total, "figure": target.figure})
    if Check.objects.filter(target__parent=target).exists():
        raise ValidationError(_("A share was checked already: the split stays."))
    target.shares.all().delete()
    made = [_share(target, organization, share) for organization, share in given.items()]
    target.state = transition.target
    target.save()
    record("allocate", target, by=by, details={str(share.organization): share.figure for share in made})
    return made


def _share(target: Target, organization: Organization, value: Decimal) -> Target:
    return Target.objects.create(
        plan=target.plan,
        organization=organization,
        title=target.title,
        year=target.year,
        due_on=target.due_on,
        counted_by=target.counted_by,
        parent=target,
        figure=printed(value, target.unit),
    )


@transaction.atomic
def report(target: Target, *, year: int, quarter: int, figure: str, by: Any, note: str = "") -> Check:
    """Write what is done by the end of a quarter. Handed in again, it replaces the quarter's figure.

    A target whose last check reaches its figure is reached; one that falls below it again is owed again. A quarter
    below the one before needs a note. Raises PermissionDenied, ValidationError.
    """
    target = Target.objects.select_for_update(of=("self",)).get(pk=target.pk)
    _require(by, "targets.report_target", target)
    if target.state in (TargetState.VERIFIED, TargetState.DROPPED):
        raise ValidationError(_("The target is closed: nothing is handed in any more."))
    check = Check.objects.filter(target=target, year=year, quarter=quarter).first()
    check = check or Check(target=target, year=year, quarter=quarter)
    check.figure, check.note, check.reported_by, check.reported_at = figure, note.strip(), by, timezone.now()
    check.full_clean()
    if check.unit != target.unit:
        raise ValidationError(_("The target is counted in “%(unit)s”.") % {"unit": target.unit})
    before = target.checks.filter(year__lt=year) | target.checks.filter(year=year, quarter__lt=quarter)
    last = before.order_by("year", "quarter").last()
    if last is not None and check.value < last.value and not check.note:
        raise ValidationError(_("Less than the quarter before (%(figure)s): say why.") % {"figure": last.figure})
    check.save()
    _follow(target)
    record("report", target, by=by, details={"quarter": f"{year} Q{quarter}", "figure": check.figure})
    return check


def _follow(target: Target) -> None:
    """The state follows the last check."""
    reached = target.done >= target.value
    if reached and target.state != TargetState.REACHED:
        target.state = TARGETS.target(target.state, "reach")
    elif not reached and target.state == TargetState.REACHED:
        target.state = TARGETS.target(target.state, "fall_back")
        if target.shares.exists():
            target.state = TargetState.ALLOCATED
    target.save()


@transaction.atomic
def change_target_state(target: Target, verb: str, *, by: Any, reason: str = "") -> Target:
    """Verify, open again or drop: only the union that set the target, or one above it.

    Raises TransitionRefused, PermissionDenied, ValidationError without a reason.
    """
    rows = Target.objects.select_for_update(of=("self",))
    target = rows.select_related("plan__organization", "parent__organization").get(pk=target.pk)
    transition = TARGETS.transition(target.state, verb)
    _require(by, transition.permission, target)
    if not may_settle(by, transition.permission, target):
        raise PermissionDenied(_("Only %(name)s, which set the target, does this.") % {"name": target.set_by})
    if verb in ("allocate", "reach", "fall_back"):
        raise ValidationError(_("This happens by splitting and by the quarterly checks."))
    if verb in NEED_REASON and not reason.strip():
        raise ValidationError(_("Give the reason."))
    before, target.state, target.state_reason = target.state, transition.target, reason.strip()[:200]
    target.save()
    record(verb, target, by=by, details={"from": before, "reason": target.state_reason})
    return target
