"""A collective negotiation: who bargains with whom, about what, and what has happened so far."""

from __future__ import annotations

import datetime
import uuid

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bargaining import lifecycle
from bargaining.models.rules import RuleSet
from unionportal.organizations.models import Account, Organization, Partner
from unionportal.scope import ScopedQuerySet


class Level(models.TextChoices):
    """Industry bargains over standards, region over the floor, enterprise over growth (潍坊)."""

    ENTERPRISE = "enterprise", _("Enterprise")
    INDUSTRY = "industry", _("Industry")
    REGION = "region", _("Region")


class Subject(models.TextChoices):
    """What is bargained over: Shandong wage regulation art. 17 (1)-(9), and what platform workers ask for."""

    WAGE_SYSTEM = "wage_system", _("Wage system, standards and payment")
    WAGE_LEVEL = "wage_level", _("Yearly wage level and its adjustment")
    MINIMUM_WAGE = "minimum_wage", _("Minimum wage of the enterprise")
    BONUS = "bonus", _("Bonuses, allowances and subsidies")
    PIECE_RATES = "piece_rates", _("Time and piece rates, work quotas")
    SPECIAL_PERIODS = "special_periods", _("Pay in probation, sickness, maternity and leave")
    TERM = "term", _("Term, change and cancellation")
    BREACH = "breach", _("Liability for breach")
    PAY_DAY = "pay_day", _("Pay day")
    SKILL_GRADES = "skill_grades", _("Pay by skill grade")
    UNIT_PRICE = "unit_price", _("Price per order")
    ORDER_ALLOCATION = "order_allocation", _("Allocation of orders")
    PLATFORM_ACCESS = "platform_access", _("Entering and leaving the platform")
    ALGORITHM = "algorithm", _("Algorithm rules")
    REWARDS = "rewards", _("Rewards and penalties")
    INSURANCE = "insurance", _("Insurance")
    SAFETY = "safety", _("Labour safety and health")
    HOURS = "hours", _("Working hours and rest")
    WELFARE = "welfare", _("Welfare")
    WOMEN = "women", _("Protection of women workers")
    RELIEF = "relief", _("Relief in hardship (rent, fees)")
    OTHER = "other", _("Other matters")


class Round(models.Model):
    """A round of offers (集体协商集中要约): many firms asked within one season."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="bargaining_rounds", verbose_name=_("union")
    )
    name = models.CharField(_("name"), max_length=100)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    target_firms = models.PositiveIntegerField(_("firms to be offered"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "id"]
        verbose_name = _("round of offers")
        verbose_name_plural = _("rounds of offers")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="bargaining_round_dates",
                violation_error_message=_("A round cannot end before it begins."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class NegotiationQuerySet(ScopedQuerySet["Negotiation"]):
    def running(self) -> NegotiationQuerySet:
        return self.exclude(state__in=lifecycle.CLOSED)

    def late(self, day: datetime.date | None = None) -> NegotiationQuerySet:
        """Running ones whose next deadline has passed, by the latest day it can fall on.

        A filed agreement is none of them: when the authority's time runs out it is merely ready to be confirmed.
        """
        late = self.running().filter(next_due_latest__lt=day or timezone.localdate())
        return late.exclude(state=lifecycle.State.FILED)

    def to_confirm(self, day: datetime.date | None = None) -> NegotiationQuerySet:
        """What waits for the reviewer: the authority's time to object is over, or it is in force and unpublished."""
        over = Q(state=lifecycle.State.FILED, next_due_latest__lt=day or timezone.localdate())
        return self.filter(over | Q(state=lifecycle.State.IN_FORCE))

    def due_within(self, days: int, day: datetime.date | None = None) -> NegotiationQuerySet:
        """Running ones whose next deadline falls on `day` or in the `days` after it."""
        today = day or timezone.localdate()
        return self.running().filter(
            next_due_latest__gte=today, next_due_earliest__lte=today + datetime.timedelta(days=days)
        )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Negotiation(models.Model):
    """One negotiation of a union with an employer or several, under one rule set.

    `next_due_*` repeat the nearest open deadline for lists; `actions.refresh_deadlines` sets them.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="negotiations", verbose_name=_("negotiating union")
    )
    title = models.CharField(_("title"), max_length=120)
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, verbose_name=_("rule set"))
    level = models.CharField(_("bargaining level"), max_length=12, choices=Level, default=Level.ENTERPRISE)
    is_large = models.BooleanField(
        _("enterprise above designated size"), default=False, help_text=_("Some places ask for more representatives.")
    )
    is_renewal = models.BooleanField(_("renewal of an earlier agreement"), default=False)
    round = models.ForeignKey(
        Round, models.SET_NULL, null=True, blank=True, related_name="negotiations", verbose_name=_("round of offers")
    )
    adviser = models.ForeignKey(
        Account,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="advised_negotiations",
        verbose_name=_("adviser"),
        help_text=_("The bargaining adviser (集体协商指导员) who goes along."),
    )
    employers = models.ManyToManyField(Partner, related_name="negotiations", verbose_name=_("employers"))
    state = models.CharField(
        _("state"), max_length=12, choices=lifecycle.State, default=lifecycle.State.PREPARING, editable=False
    )
    next_due_step = models.CharField(_("next due"), max_length=60, blank=True, editable=False)
    next_due_earliest = models.DateField(_("due, at the earliest"), null=True, editable=False)
    next_due_latest = models.DateField(_("due"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = NegotiationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("negotiation")
        verbose_name_plural = _("negotiations")
        indexes = [models.Index(fields=["organization", "state"], name="negotiation_queue")]

    def __str__(self) -> str:
        return self.title


class OfNegotiationQuerySet(ScopedQuerySet):  # type: ignore[type-arg]
    """Rows that belong to a negotiation follow its scope."""

    scope_path = "negotiation__organization__path"


class Topic(models.Model):
    """A matter put to the other side, and what came of it."""

    class Outcome(models.TextChoices):
        PENDING = "pending", _("Not settled yet")
        AGREED = "agreed", _("Agreed")
        OTHER_FORM = "other_form", _("Agreed in another form")
        CONSIDERED = "considered", _("To be considered")
        DECLINED = "declined", _("Not agreed")

    SETTLED_WELL = (Outcome.AGREED, Outcome.OTHER_FORM)

    negotiation = models.ForeignKey(Negotiation, models.CASCADE, related_name="topics", verbose_name=_("negotiation"))
    subject = models.CharField(_("subject"), max_length=20, choices=Subject)
    demand = models.CharField(_("demand"), max_length=300)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, default=Outcome.PENDING)
    result = models.CharField(_("what was agreed"), max_length=300, blank=True)
    figure = models.CharField(
        _("figure"), max_length=60, blank=True, help_text=_("As printed: 1元/单, 5000元以上/月, 每月20日.")
    )

    objects = OfNegotiationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome__in=["agreed", "other_form"]) | ~Q(result=""),
                name="topic_says_what_was_agreed",
                violation_error_message=_("Write what was agreed."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_display()}：{self.demand}"


class Representative(models.Model):
    """A person who speaks for one side. Only the name and post: no number by which to reach or identify him."""

    class Side(models.TextChoices):
        WORKERS = "workers", _("Workers' side")
        EMPLOYER = "employer", _("Employer's side")

    negotiation = models.ForeignKey(
        Negotiation, models.CASCADE, related_name="representatives", verbose_name=_("negotiation")
    )
    side = models.CharField(_("side"), max_length=8, choices=Side)
    name = models.CharField(_("name"), max_length=60)
    post = models.CharField(_("post"), max_length=60, blank=True)
    is_chief = models.BooleanField(_("chief representative"), default=False)
    is_front_line = models.BooleanField(_("from the front line"), default=False)
    is_outside = models.BooleanField(_("from outside the enterprise"), default=False)

    objects = OfNegotiationQuerySet.as_manager()

    class Meta:
        ordering = ["side", "-is_chief", "id"]
        verbose_name = _("representative")
        verbose_name_plural = _("representatives")
        constraints = [
            models.UniqueConstraint(
                fields=["negotiation", "side"],
                condition=Q(is_chief=True),
                name="representative_one_chief_a_side",
                violation_error_message=_("Each side has one chief representative."),
            ),
            models.UniqueConstraint(
                fields=["negotiation", "name", "post"],
                name="representative_once",
                violation_error_message=_("Nobody represents twice, nor both sides."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


def evidence_path(step: object, filename: str) -> str:
    """A name that cannot be guessed and tells nothing, in a folder that is never served as it is."""
    suffix = filename.rpartition(".")[2].lower()[:8] if "." in filename else "bin"
    return f"bargaining/evidence/{uuid.uuid4().hex}.{suffix}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Step(models.Model):
    """Something that has happened in a negotiation, with its evidence.

    Steps are only added; the database refuses to change or delete one. A wrong step is answered by the next one.
    """

    negotiation = models.ForeignKey(Negotiation, models.PROTECT, related_name="steps", verbose_name=_("negotiation"))
    verb = models.CharField(
        _("step"), max_length=12, choices=[(t.verb, t.label) for t in lifecycle.LIFECYCLE.transitions]
    )
    on = models.DateField(_("date"))
    received_on = models.DateField(
        _("received on"), null=True, blank=True, help_text=_("When the other side or the authority received it.")
    )
    note = models.TextField(_("description"), blank=True)
    papers = models.JSONField(_("papers"), default=list, blank=True)
    file = models.FileField(_("evidence"), upload_to=evidence_path, blank=True)
    file_name = models.CharField(_("name of the file"), max_length=120, blank=True)
    recorded_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by"))
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now)

    objects = OfNegotiationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("step of a negotiation")
        verbose_name_plural = _("steps of a negotiation")
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                condition=Q(received_on__isnull=True) | Q(received_on__gte=F("on")),
                name="step_received_after_sent",
                violation_error_message=_("Nothing is received before it was sent."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.get_verb_display()}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Vote(models.Model):
    """A vote of the workers' congress, or of all workers, on a draft. All numbers are people.

    Whoever was present and neither agreed nor disagreed abstained, ballots not returned included. A count that was
    recorded stands: the database refuses to change or delete it.
    """

    class Body(models.TextChoices):
        CONGRESS = "congress", _("Workers' congress (delegates)")
        ASSEMBLY = "assembly", _("All workers")

    negotiation = models.ForeignKey(Negotiation, models.PROTECT, related_name="votes", verbose_name=_("negotiation"))
    held_on = models.DateField(_("held on"))
    body = models.CharField(_("voted by"), max_length=8, choices=Body)
    entitled = models.PositiveIntegerField(_("entitled to vote"))
    present = models.PositiveIntegerField(_("present"))
    in_favour = models.PositiveIntegerField(_("for"))
    against = models.PositiveIntegerField(_("against"))
    abstained = models.PositiveIntegerField(_("abstained"))
    passed = models.BooleanField(_("passed"), editable=False)

    objects = OfNegotiationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                condition=Q(entitled__gt=0),
                name="vote_somebody_entitled",
                violation_error_message=_("Somebody must be entitled to vote."),
            ),
            models.CheckConstraint(
                condition=Q(present__lte=F("entitled")),
                name="vote_present_within_entitled",
                violation_error_message=_("No more can be present than are entitled to vote."),
            ),
            models.CheckConstraint(
                condition=Q(present=F("in_favour") + F("against") + F("abstained")),
                name="vote_adds_up",
                violation_error_message=_(
                    "For, against and abstained add up to those present; ballots not returned abstain."
                ),
            ),
            models.CheckConstraint(
                condition=Q(passed=False) | Q(entitled__lt=F("in_favour") * 2),
                name="vote_passed_by_more_than_half_of_all",
                violation_error_message=_("A draft passes with more than half of all entitled."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held_on} {self.in_favour}/{self.entitled}"


class StageCheck(models.Model):
    """An adviser has looked at one of the six stages on the spot (泰安: 代表产生 … 备案)."""

    class Stage(models.TextChoices):
        REPRESENTATIVES = "representatives", _("Representatives chosen")
        TOPICS = "topics", _("Topics settled")
        PROCEDURE = "procedure", _("Procedure kept")
        DRAFTING = "drafting", _("Contract drafted")
        ADOPTION = "adoption", _("Contract adopted")
        FILING = "filing", _("Contract filed")

    negotiation = models.ForeignKey(
        Negotiation, models.CASCADE, related_name="stage_checks", verbose_name=_("negotiation")
    )
    stage = models.CharField(_("stage"), max_length=16, choices=Stage)
    checked_on = models.DateField(_("checked on"))
    checked_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", verbose_name=_("checked by"))
    remark = models.CharField(_("remark"), max_length=200, blank=True)

    objects = OfNegotiationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("check of a stage")
        verbose_name_plural = _("checks of stages")
        constraints = [
            models.UniqueConstraint(
                fields=["negotiation", "stage"],
                name="stage_check_once",
                violation_error_message=_("This stage has been checked already."),
            )
        ]

    def __str__(self) -> str:
        return self.get_stage_display()
