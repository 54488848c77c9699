"""Building as a project: phases, money line by line, subsidies by kind and year."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stations.models.catalogues import StationKind
from stations.models.stations import Station
from unionportal.figures import money
from unionportal.inherited import GivenDownQuerySet
from unionportal.ledger.models import LedgerLine
from unionportal.organizations.models import Account, Organization
from unionportal.scope import ScopedQuerySet
from unionportal.states import StateTable, Transition
from unionportal.targets.models import Plan, Target


class Phase(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    BUILDING = "building", _("Being built")
    COMPLETED = "completed", _("Completed")
    IN_USE = "in_use", _("In use")
    STOPPED = "stopped", _("Stopped")


PROJECTS = StateTable(
    Phase,
    [
        Transition(
            "approve_project",
            {Phase.PROPOSED},
            Phase.APPROVED,
            "stations.approve_buildingproject",
            _("Approve the project"),
        ),
        Transition(
            "begin_building", {Phase.APPROVED}, Phase.BUILDING, "stations.change_buildingproject", _("Building begins")
        ),
        Transition(
            "complete", {Phase.BUILDING}, Phase.COMPLETED, "stations.change_buildingproject", _("Complete the building")
        ),
        Transition(
            "take_into_use",
            {Phase.COMPLETED},
            Phase.IN_USE,
            "stations.approve_buildingproject",
            _("Taken into use"),
        ),
        Transition(
            "stop",
            {Phase.PROPOSED, Phase.APPROVED, Phase.BUILDING},
            Phase.STOPPED,
            "stations.approve_buildingproject",
            _("Stop the project"),
        ),
    ],
    initial=[Phase.PROPOSED],
)


# What the approval and the subsidy stand on: from then on it stays, and a mistake is stopped and proposed anew.
APPROVED_AS = ("organization", "kind", "work", "year")


class BuildingProjectQuerySet(ScopedQuerySet["BuildingProject"]):
    def done(self) -> BuildingProjectQuerySet:
        return self.filter(state__in=[Phase.COMPLETED, Phase.IN_USE])

    def with_invested(self) -> BuildingProjectQuerySet:
        """`invested`: fen put into it, None without any line; one that was reversed counts for nothing."""
        standing = models.Q(investments__line__reversed_by=None)
        return self.annotate(invested=models.Sum("investments__line__amount_fen", filter=standing))

    def running(self) -> BuildingProjectQuerySet:
        """Approved and not finished."""
        return self.filter(state__in=[Phase.APPROVED, Phase.BUILDING])


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class BuildingProject(models.Model):
    """A service place being built, extended or renovated, from the proposal to its use."""

    class Work(models.TextChoices):
        NEW = "new", _("New building")
        EXTENSION = "extension", _("Extension")
        RENOVATION = "renovation", _("Renovation")

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="building_projects", verbose_name=_("building organization")
    )
    title = models.CharField(_("title"), max_length=120)
    kind = models.ForeignKey(StationKind, models.PROTECT, verbose_name=_("kind of place"))
    work = models.CharField(_("work"), max_length=10, choices=Work, default=Work.NEW)
    build_mode = models.CharField(_("build mode"), max_length=12, choices=Station.BuildMode, blank=True)
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="building_projects", verbose_name=_("plan")
    )
    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(1949), MaxValueValidator(2100)])
    floor_area = models.DecimalField(
        _("floor area in m²"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    rooms = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        verbose_name=_("function rooms"),
        help_text=_("Separated by commas: service hall, library, mothers' room …"),
    )
    rooms_printed = models.CharField(
        _("number of rooms as printed"), max_length=20, blank=True, help_text=_("For example 10多个")
    )
    budget_fen = models.BigIntegerField(_("budget in fen"), null=True, blank=True)
    state = models.CharField(_("phase"), max_length=9, choices=Phase, default=Phase.PROPOSED)
    state_reason = models.CharField(_("reason"), max_length=200, blank=True)
    proposed_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
    begun_on = models.DateField(_("building begun on"), null=True, blank=True)
    completed_on = models.DateField(_("completed on"), null=True, blank=True)
    in_use_on = models.DateField(_("in use since"), null=True, blank=True)
    station = models.ForeignKey(
        Station,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="building_projects",
        verbose_name=_("the place on the register"),
    )

    objects = BuildingProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "title", "id"]
        verbose_name = _("building project")
        verbose_name_plural = _("building projects")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(budget_fen__isnull=True) | models.Q(budget_fen__gt=0),
                name="building_budget_positive",
                violation_error_message=_("A budget is more than nothing."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["completed", "in_use"]) | models.Q(completed_on__isnull=False),
                name="building_completed_has_day",
                violation_error_message=_("Say when it was completed."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="stands_as_approved",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state <> 'proposed' AND (OLD.organization_id, OLD.kind_id, OLD.work, OLD.year)"
                    " IS DISTINCT FROM (NEW.organization_id, NEW.kind_id, NEW.work, NEW.year)"
                ),
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def may_be_subsidised(self) -> bool:
        """Whether a subsidy may be asked for: once it is approved, unless it was stopped."""
        return self.state not in (Phase.PROPOSED, Phase.STOPPED)

    @property
    def budget(self) -> str:
        return money(self.budget_fen) if self.budget_fen else "—"


class InvestmentLineQuerySet(ScopedQuerySet["InvestmentLine"]):
    scope_path = "line__organization__path"

    def total(self) -> int:
        """Sum in fen; a line that was reversed counts for nothing."""
        return self.filter(line__reversed_by=None).aggregate(total=models.Sum("line__amount_fen"))["total"] or 0


class InvestmentLine(models.Model):
    """Money that went into a building project or a station: the link to its line in the ledger."""

    project = models.ForeignKey(
        BuildingProject,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="investments",
        verbose_name=_("building project"),
    )
    station = models.ForeignKey(
        Station, models.PROTECT, null=True, blank=True, related_name="investments", verbose_name=_("station")
    )
    line = models.OneToOneField(
        LedgerLine, models.PROTECT, related_name="station_investment", verbose_name=_("ledger line")
    )

    objects = InvestmentLineQuerySet.as_manager()

    class Meta:
        ordering = ["-line__occurred_on", "-id"]
        verbose_name = _("investment")
        verbose_name_plural = _("investments")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(project__isnull=True) ^ models.Q(station__isnull=True),
                name="investment_in_one_thing",
                violation_error_message=_("Money went into a project or into a station."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project or self.station} · {self.line.amount}"


class SubsidyStandardQuerySet(GivenDownQuerySet["SubsidyStandard"]):
    def in_force(self, *, kind: str, work: str, year: int) -> SubsidyStandard | None:
        """The standard of a year: the newest that is not later. A later rise leaves earlier years alone."""
        return self.filter(kind=kind, work=work, from_year__lte=year).order_by("-from_year", "-id").first()


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class SubsidyStandard(models.Model):
    """How much a union pays towards a project of a kind from a year on (A047: new 30 → 100万元)."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="subsidy_standards", verbose_name=_("paying union")
    )
    kind = models.ForeignKey(StationKind, models.PROTECT, verbose_name=_("kind of place"))
    work = models.CharField(_("work"), max_length=10, choices=BuildingProject.Work)
    from_year = models.PositiveSmallIntegerField(
        _("from year"), validators=[MinValueValidator(1949), MaxValueValidator(2100)]
    )
    amount_fen = models.BigIntegerField(_("amount in fen"))
    source = models.CharField(pgettext_lazy("subsidy standard", "source"), max_length=200, blank=True)

    objects = SubsidyStandardQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "work", "-from_year", "id"]
        verbose_name = _("subsidy standard")
        verbose_name_plural = _("subsidy standards")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "work", "from_year"],
                name="subsidy_standard_once",
                violation_error_message=_("There is a standard for this kind, work and year already."),
            ),
            models.CheckConstraint(
                condition=models.Q(amount_fen__gt=0),
                name="subsidy_standard_positive",
                violation_error_message=_("A subsidy is more than nothing."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.get_work_display()} {self.from_year}: {self.amount}"

    @property
    def amount(self) -> str:
        return money(self.amount_fen)


class SubsidyState(models.TextChoices):
    APPLIED = "applied", _("Applied for")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")
    PAID = "paid", _("Paid")


SUBSIDIES = StateTable(
    SubsidyState,
    [
        Transition("grant", {SubsidyState.APPLIED}, SubsidyState.GRANTED, "stations.review_subsidy", _("Grant")),
        Transition(
            "refuse_subsidy", {SubsidyState.APPLIED}, SubsidyState.REFUSED, "stations.review_subsidy", _("Refuse")
        ),
        Transition(
            "pay", {SubsidyState.GRANTED}, SubsidyState.PAID, "stations.pay_subsidy", pgettext_lazy("subsidy", "Pay")
        ),
        # The ledger's line of the payment was reversed.
        Transition(
            "payment_reversed",
            {SubsidyState.PAID},
            SubsidyState.GRANTED,
            "ledger.add_ledgerline",
            _("Payment reversed"),
        ),
    ],
    initial=[SubsidyState.APPLIED],
)


class SubsidyQuerySet(ScopedQuerySet["Subsidy"]):
    scope_path = "project__organization__path"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Subsidy(models.Model):
    """A subsidy towards a project: applied for by the county, reviewed and paid by the union that gives it."""

    project = models.ForeignKey(
        BuildingProject, models.PROTECT, related_name="subsidies", verbose_name=_("building project")
    )
    standard = models.ForeignKey(
        SubsidyStandard, models.PROTECT, related_name="subsidies", verbose_name=_("subsidy standard")
    )
    amount_fen = models.BigIntegerField(_("amount in fen"))
    state = models.CharField(_("state"), max_length=7, choices=SubsidyState, default=SubsidyState.APPLIED)
    state_reason = models.CharField(_("reason"), max_length=200, blank=True)
    applied_on = models.DateField(_("applied on"))
    applied_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("subsidy", "applied by"),
    )
    reviewed_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reviewed by")
    )
    line = models.OneToOneField(
        LedgerLine, models.PROTECT, null=True, blank=True, related_name="subsidy", verbose_name=_("ledger line")
    )

    objects = SubsidyQuerySet.as_manager()

    class Meta:
        ordering = ["-applied_on", "-id"]
        verbose_name = _("subsidy")
        verbose_name_plural = _("subsidies")
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=~models.Q(state="refused"),
                name="subsidy_once_a_project",
                violation_error_message=_("A subsidy for this project was applied for already."),
            ),
            models.CheckConstraint(
                condition=models.Q(state="paid", line__isnull=False) | ~models.Q(state="paid") & models.Q(line=None),
                name="subsidy_paid_has_line",
                violation_error_message=_("What is paid stands in the ledger."),
            ),
            models.CheckConstraint(
                condition=models.Q(amount_fen__gt=0),
                name="subsidy_positive",
                violation_error_message=_("A subsidy is more than nothing."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.amount}"

    @property
    def amount(self) -> str:
        return money(self.amount_fen)


class StationTargetQuerySet(ScopedQuerySet["StationTarget"]):
    scope_path = "target__organization__path"


class StationTarget(models.Model):
    """Which kind of place a target is about, so that the register can count towards it."""

    target = models.OneToOneField(Target, models.CASCADE, related_name="of_stations", verbose_name=_("target"))
    kind = models.ForeignKey(StationKind, models.PROTECT, verbose_name=_("kind of place"))

    objects = StationTargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("target about stations")
        verbose_name_plural = _("targets about stations")

    def __str__(self) -> str:
        return f"{self.target} · {self.kind}"
