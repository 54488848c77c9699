"""Plans and their targets: a figure, a unit, a due date, split among units, checked by quarter.

Figures are kept as they are printed (近300个, 2460多万元), with their value beside them for sums.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from unionportal.figures import Figure, FigureError, Qualifier, parse_figure
from unionportal.inherited import GivenDownQuerySet
from unionportal.organizations.models import Account, Organization
from unionportal.scope import ScopedQuerySet
from unionportal.targets.counters import count
from unionportal.targets.lifecycle import TargetState


class PrintedFigure(models.Model):
    """A figure as it was printed, and what it says: value, unit and qualifier, worked out on saving."""

    figure = models.CharField(
        pgettext_lazy("target", "figure"), max_length=40, help_text=_("As printed, with its unit: 300个, 2460多万元")
    )
    value = models.DecimalField(max_digits=16, decimal_places=2, editable=False)
    unit = models.CharField(max_length=12, editable=False)
    qualifier = models.CharField(max_length=8, choices=Qualifier, default=Qualifier.EXACT, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.read_figure()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        try:
            self.read_figure()
        except FigureError as error:
            raise ValidationError({"figure": str(error)}) from error

    def read_figure(self) -> None:
        """Work out the value. Raises `FigureError` for what is no figure."""
        read = parse_figure(self.figure)
        self.figure = str(read)
        self.value, self.unit, self.qualifier = read.value, read.unit, read.qualifier


class PlanQuerySet(GivenDownQuerySet["Plan"]):
    def of_year(self, year: int) -> PlanQuerySet:
        return self.filter(from_year__lte=year, to_year__gte=year)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Plan(models.Model):
    """A set of targets of one union over some years, as a five-year plan or a year's list."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="plans", verbose_name=_("plan of organization")
    )
    title = models.CharField(_("title"), max_length=120)
    from_year = models.PositiveSmallIntegerField(
        _("from year"), validators=[MinValueValidator(1949), MaxValueValidator(2100)]
    )
    to_year = models.PositiveSmallIntegerField(
        _("to year"), validators=[MinValueValidator(1949), MaxValueValidator(2100)]
    )
    document = models.CharField(pgettext_lazy("plan", "document"), max_length=120, blank=True)
    remarks = models.TextField(_("remarks"), blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-from_year", "title", "id"]
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_year__gte=models.F("from_year")),
                name="plan_years_in_order",
                violation_error_message=_("A plan ends no earlier than it begins."),
            ),
            models.UniqueConstraint(
                fields=["organization", "title", "from_year"],
                name="plan_once",
                violation_error_message=_("The organization has a plan of this title for this year already."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TargetQuerySet(ScopedQuerySet["Target"]):
    def whole(self) -> TargetQuerySet:
        """Targets that are no share of another one."""
        return self.filter(parent=None)

    def owed(self) -> TargetQuerySet:
        return self.filter(state__in=[TargetState.SET, TargetState.ALLOCATED])

    def overdue(self) -> TargetQuerySet:
        return self.owed().filter(due_on__lt=timezone.localdate())


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Target(PrintedFigure):
    """A figure that a unit owes by a day; a share of `parent` where a target was split."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="targets", verbose_name=_("plan"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="targets", verbose_name=_("owed by organization")
    )
    title = models.CharField(_("title"), max_length=120)
    year = models.PositiveSmallIntegerField(_("year"))
    due_on = models.DateField(_("due on"))
    counted_by = models.CharField(
        _("counted from the record by"),
        max_length=40,
        blank=True,
        help_text=_("Beside the figure handed in each quarter stands what the record itself counts."),
    )
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="shares", verbose_name=_("share of")
    )
    state = models.CharField(_("state"), max_length=9, choices=TargetState, default=TargetState.SET)
    state_reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ["year", "title", "organization__path", "id"]
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(value__gte=0),
                name="target_not_negative",
                violation_error_message=_("A target is not less than nothing."),
            ),
            models.UniqueConstraint(
                fields=["parent", "organization"],
                condition=models.Q(parent__isnull=False),
                name="target_share_once",
                violation_error_message=_("A unit has one share of a target."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.figure}"

    def clean(self) -> None:
        super().clean()
        if self.plan_id and self.year and not self.plan.from_year <= self.year <= self.plan.to_year:
            raise ValidationError({"year": _("The year lies outside the plan.")})
        if self.plan_id and self.organization_id and not self.organization.path.startswith(self.plan.organization.path):
            raise ValidationError({"organization": _("The unit lies outside the branch that the plan is for.")})

    @property
    def last_check(self) -> Check | None:
        checks = list(self.checks.all())
        return checks[-1] if checks else None

    @property
    def done(self) -> Decimal:
        """What the last quarter's check says is done, in `unit`."""
        check = self.last_check
        return check.value if check else Decimal(0)

    @property
    def set_by(self) -> Organization:
        """The union that set it: who split its target among units, or else whose plan it stands in."""
        return self.parent.organization if self.parent else self.plan.organization

    @property
    def share_done(self) -> int:
        """Per cent, cut off, so that 100 is never said too early."""
        return int(self.done * 100 / self.value) if self.value else 100

    @property
    def counted(self) -> Decimal | None:
        """What the record itself counts, or None where nobody counts it."""
        return count(self)


class CheckQuerySet(ScopedQuerySet["Check"]):
    scope_path = "target__organization__path"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Check(PrintedFigure):
    """What was done of a target by the end of a quarter, counted from the target's beginning (一季度一督查)."""

    target = models.ForeignKey(Target, models.CASCADE, related_name="checks", verbose_name=_("target"))
    year = models.PositiveSmallIntegerField(_("year"))
    quarter = models.PositiveSmallIntegerField(_("quarter"), validators=[MinValueValidator(1), MaxValueValidator(4)])
    note = models.CharField(_("note"), max_length=200, blank=True)
    reported_at = models.DateTimeField(pgettext_lazy("target", "handed in at"), default=timezone.now, editable=False)
    reported_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("target", "handed in by"),
    )

    objects = CheckQuerySet.as_manager()

    class Meta:
        ordering = ["target", "year", "quarter"]
        verbose_name = _("quarterly check")
        verbose_name_plural = _("quarterly checks")
        constraints = [
            models.UniqueConstraint(
                fields=["target", "year", "quarter"],
                name="check_once_a_quarter",
                violation_error_message=_("This quarter is checked already."),
            ),
            models.CheckConstraint(
                condition=models.Q(quarter__range=(1, 4)),
                name="check_quarter",
                violation_error_message=_("A quarter is 1 to 4."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} Q{self.quarter} {self.figure}"


def printed(value: Decimal, unit: str) -> str:
    """A plain value with its unit, as figures are printed."""
    return str(Figure(value, unit))
