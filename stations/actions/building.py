"""Building projects, the money that goes into them, and subsidies."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.models import (
    BuildingProject,
    InvestmentLine,
    Station,
    Subsidy,
    SubsidyStandard,
)
from stations.models.building import PROJECTS, SUBSIDIES, Phase
from stations.reach import require_covers
from unionportal.audit.actions import record
from unionportal.ledger.actions import book
from unionportal.ledger.models import LedgerLine
from unionportal.organizations.models import Organization


@transaction.atomic
def change_phase(
    project: BuildingProject, verb: str, *, by: Any, on: datetime.date | None = None, reason: str = ""
) -> BuildingProject:
    """Approve, begin, complete, take into use or stop a project; the day is kept. Nobody approves what he proposed.

    Raises TransitionRefused, PermissionDenied, ValidationError for a day to come or before the phase before.
    """
    project = BuildingProject.objects.select_for_update(of=("self",)).select_related("organization").get(pk=project.pk)
    transition = PROJECTS.transition(project.state, verb)
    require_covers(by, transition.permission, project.organization)
    day = on or timezone.localdate()
    if day > timezone.localdate():
        raise ValidationError(_("The day is still to come."))
    if verb == "approve_project" and by is not None and project.proposed_by_id == by.pk:
        raise ValidationError(_("You proposed the project: somebody else approves it."))
    if verb == "stop" and not reason.strip():
        raise ValidationError(_("Give the reason."))
    field = _DAYS.get(Phase(transition.target))
    earlier = [moment for name in _DAYS.values() if (moment := getattr(project, name))]
    if field and earlier and day < max(earlier):
        raise ValidationError(_("The day lies before the phase before it."))
    if field:
        setattr(project, field, day)
    project.state, project.state_reason = transition.target, reason.strip()[:200]
    project.save()
    record(verb, project, by=by, details={"on": day.isoformat(), "reason": project.state_reason})
    return project


_DAYS = {
    Phase.APPROVED: "approved_on",
    Phase.BUILDING: "begun_on",
    Phase.COMPLETED: "completed_on",
    Phase.IN_USE: "in_use_on",
}


@transaction.atomic
def invest(
    *,
    amount_fen: int,
    by: Any,
    project: BuildingProject | None = None,
    station: Station | None = None,
    **fields: Any,
) -> InvestmentLine:
    """Book money that went into a project or a station; `fields` as on LedgerLine (source_level, purpose …).

    Raises PermissionDenied, ValidationError.
    """
    if (project is None) == (station is None):
        raise ValidationError(_("Money went into a project or into a station."))
    organization = (project or station).organization  # type: ignore[union-attr]
    line = book(organization=organization, amount_fen=amount_fen, by=by, **fields)
    return InvestmentLine.objects.create(project=project, station=station, line=line)


def subsidy_standard_for(project: BuildingProject) -> SubsidyStandard | None:
    """The standard of the project's kind, work and year, of a union above it."""
    path, step = project.organization.path, Organization.steplen
    above = [path[:end] for end in range(step, len(path) + 1, step)]
    return SubsidyStandard.objects.filter(organization__path__in=above).in_force(
        kind=project.kind_id, work=project.work, year=project.year
    )


@transaction.atomic
def apply_for_subsidy(
    project: BuildingProject, *, by: Any, amount_fen: int | None = None, on: datetime.date | None = None
) -> Subsidy:
    """Apply for what the standard of the project's year gives, or for less.

    Raises PermissionDenied, ValidationError where no standard holds, the project is not approved, more is asked
    than the standard gives, or an application runs already.
    """
    project = BuildingProject.objects.select_for_update(of=("self",)).select_related("organization").get(pk=project.pk)
    require_covers(by, "stations.add_subsidy", project.organization)
    if not project.may_be_subsidised:
        raise ValidationError(_("Only an approved project is subsidised."))
    standard = subsidy_standard_for(project)
    if standard is None:
        raise ValidationError(_("No subsidy standard holds for this kind, work and year."))
    amount = standard.amount_fen if amount_fen is None else amount_fen
    if amount > standard.amount_fen:
        raise ValidationError(_("The standard gives %(amount)s at most.") % {"amount": standard.amount})
    subsidy = Subsidy(
        project=project,
        standard=standard,
        amount_fen=amount,
        applied_on=on or timezone.localdate(),
        applied_by=by,
    )
    subsidy.full_clean()
    subsidy.save()
    record("apply_for_subsidy", project, by=by, details={"fen": amount})
    return subsidy


@transaction.atomic
def change_subsidy(
    subsidy: Subsidy,
    verb: str,
    *,
    by: Any,
    reason: str = "",
    source_level: str = "city",
    evidence: str = "",
    on: datetime.date | None = None,
) -> Subsidy:
    """Grant, refuse (with the reason) or pay a subsidy: paying books one line of the paying union's ledger.

    The union that gives the money decides, whoever reaches the project. Nobody grants what he applied for. Raises
    TransitionRefused (a second payment), PermissionDenied, ValidationError.
    """
    subsidy = (
        Subsidy.objects.select_for_update(of=("self",))
        .select_related("standard__organization", "project__organization")
        .get(pk=subsidy.pk)
    )
    transition = SUBSIDIES.transition(subsidy.state, verb)
    if verb != "refuse_subsidy" and BuildingProject.objects.filter(pk=subsidy.project_id, state=Phase.STOPPED).exists():
        raise ValidationError(_("The project was stopped: no subsidy is given for it."))
    payer = subsidy.standard.organization
    require_covers(by, transition.permission, payer)
    if by is not None and verb == "grant" and subsidy.applied_by_id == by.pk:
        raise ValidationError(_("Somebody else reviews what you applied for."))
    if verb == "refuse_subsidy" and not reason.strip():
        raise ValidationError(_("Give the reason."))
    if verb == "payment_reversed":
        raise ValidationError(_("This happens by reversing the payment in the ledger."))
    if verb == "pay":
        subsidy.line = book(
            organization=payer,
            amount_fen=subsidy.amount_fen,
            by=by,
            payer=payer,
            payee=subsidy.project.organization.name,
            source_level=source_level,
            purpose=_("Subsidy: %(project)s") % {"project": subsidy.project},
            occurred_on=on or timezone.localdate(),
            evidence=evidence,
        )
    else:
        subsidy.reviewed_by = by
    subsidy.state, subsidy.state_reason = transition.target, reason.strip()[:200]
    subsidy.save()
    record(verb, subsidy.project, by=by, details={"fen": subsidy.amount_fen, "reason": subsidy.state_reason})
    return subsidy


def follow_reversal(sender: Any, line: LedgerLine, by: Any = None, **signal: Any) -> None:
    """A payment that the ledger undoes is owed again (`ledger.signals.reversed_line`)."""
    for subsidy in Subsidy.objects.select_for_update(of=("self",)).select_related("project").filter(line=line):
        subsidy.state, subsidy.line = SUBSIDIES.target(subsidy.state, "payment_reversed"), None
        subsidy.save()
        record("payment_reversed", subsidy.project, by=by, details={"fen": subsidy.amount_fen})
