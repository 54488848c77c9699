"""Rule sets: what the law of a place says about time limits, votes, representatives and terms, as data."""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from unionportal import workdays
from unionportal.organizations.models.calendar import overrides


class Certainty(models.TextChoices):
    """How sure a rule's source is."""

    LAW_TEXT = "law_text", _("Read in the text of the law")
    EXCERPT = "excerpt", _("Read in a published excerpt")
    UNCONFIRMED = "unconfirmed", _("Not confirmed: check before relying on it")


class Event(models.TextChoices):
    """What a time limit is counted from."""

    OFFER_SENT = "offer-sent", _("offer sent")
    OFFER_RECEIVED = "offer-received", _("offer received")
    REPLY_AGREED = "reply-agreed", _("reply agreeing to negotiate")
    REPRESENTATIVES_NAMED = "representatives-named", _("representatives named")
    REPRESENTATIVE_VACANCY = "representative-vacancy", _("seat of a representative vacant")
    MEETING = "meeting", _("first meeting")
    SUSPENSION = "suspension", _("negotiation suspended")
    NEGOTIATION_LIMIT = "negotiation-limit", _("end of the time for negotiating")
    CONSENSUS = "consensus", _("draft agreed by both sides")
    REVISED_CONSENSUS = "revised-consensus", _("revised draft agreed by both sides")
    VOTE_NOTICE = "vote-notice", _("employer notified of the vote")
    SIGNATURE = "signature", _("signature of the chief representatives")
    FILING_RECEIVED = "filing-received", _("papers received by the labour authority")
    EFFECT = "effect", _("agreement in force")
    TERM_END = "term-end", _("end of the term")
    CANCELLATION = "cancellation", _("agreement cancelled")
    DISPUTE_ACCEPTED = "dispute-accepted", _("dispute accepted")


class UnknownStep(LookupError):
    """The rule set has no time limit for this step."""


class NoFixedLimit(LookupError):
    """The law asks for the step but prints no number of days ("promptly")."""


class RuleSet(models.Model):
    """The rules of one law. Votes are counted in whole people, never in percentages.

    `quorum_*` is the share of those entitled who must be present, 2/3 or none at all. A draft always needs the
    agreement of more than half of all entitled, present or not: 过半数, and 半数以上 in the stricter reading,
    because an agreement passed by exactly half would be open to attack.
    """

    class Scope(models.TextChoices):
        ALL = "all", _("All collective contracts")
        WAGE = "wage", _("Wage agreements")

    slug = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    law = models.CharField(_("law"), max_length=200)
    issuer = models.CharField(_("issuer"), max_length=100)
    scope = models.CharField(_("applies to"), max_length=8, choices=Scope, default=Scope.ALL)
    in_force_from = models.DateField(_("in force from"))
    certainty = models.CharField(_("certainty of the source"), max_length=12, choices=Certainty)
    quorum_numerator = models.PositiveSmallIntegerField(_("quorum: numerator"), null=True, blank=True)
    quorum_denominator = models.PositiveSmallIntegerField(_("quorum: denominator"), null=True, blank=True)
    vote_article = models.CharField(_("article on the vote"), max_length=100, blank=True)
    vote_text = models.CharField(_("wording on the vote"), max_length=300, blank=True)
    representatives_min = models.PositiveSmallIntegerField(_("representatives of a side, at least"), default=3)
    representatives_max = models.PositiveSmallIntegerField(
        _("representatives of a side, at most"), null=True, blank=True
    )
    representatives_min_large = models.PositiveSmallIntegerField(
        _("in enterprises above designated size, at least"), null=True, blank=True
    )
    representatives_equal = models.BooleanField(
        _("equal numbers"), default=True, help_text=_("Otherwise the employer's side is not the larger one.")
    )
    front_line_third = models.BooleanField(_("a third of the workers' side from the front line"), default=False)
    outside_third = models.BooleanField(_("at most a third of a side from outside"), default=True)
    representatives_article = models.CharField(_("article on representatives"), max_length=60, blank=True)
    term_years_min = models.PositiveSmallIntegerField(_("term in years, at least"), default=1)
    term_years_max = models.PositiveSmallIntegerField(_("term in years, at most"), default=3)
    term_years_usual = models.PositiveSmallIntegerField(_("usual term in years"), null=True, blank=True)
    term_article = models.CharField(_("article on the term"), max_length=100, blank=True)
    filing_copies = models.PositiveSmallIntegerField(_("copies to file"), null=True, blank=True)
    filing_papers = models.JSONField(_("papers to file"), default=list, blank=True)
    remarks = models.TextField(_("remarks"), blank=True)
    is_active = models.BooleanField(_("offered for new negotiations"), default=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("rule set")
        verbose_name_plural = _("rule sets")
        constraints = [
            models.CheckConstraint(
                condition=Q(quorum_numerator__isnull=True, quorum_denominator__isnull=True)
                | Q(quorum_numerator__gt=0, quorum_numerator__lte=models.F("quorum_denominator")),
                name="rule_set_quorum_is_a_share",
                violation_error_message=_("A quorum is a share such as 2/3, or none."),
            ),
            models.CheckConstraint(
                condition=Q(term_years_min__gte=1, term_years_max__gte=models.F("term_years_min")),
                name="rule_set_term",
                violation_error_message=_("A term lasts at least one year."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def rule(self, step: str) -> DeadlineRule:
        """Raises UnknownStep."""
        found = next((rule for rule in self.rules.all() if rule.step == step), None)
        if found is None:
            raise UnknownStep(step)
        return found

    def due(self, step: str, start: datetime.date, days: workdays.Overrides | None = None) -> workdays.Deadline:
        """When `step` is due if its event was on `start`, with the proof. Raises UnknownStep, NoFixedLimit."""
        return self.rule(step).due(start, days)

    def quorum_met(self, *, entitled: int, present: int) -> bool:
        """Whether enough are present; a set that prints no quorum asks for none."""
        if self.quorum_numerator is None or self.quorum_denominator is None:
            return True
        return present * self.quorum_denominator >= entitled * self.quorum_numerator

    @staticmethod
    def majority_met(*, entitled: int, in_favour: int) -> bool:
        """Whether more than half of all entitled agree; exactly half is not more than half."""
        return in_favour * 2 > entitled

    def term_fits(self, first: datetime.date, last: datetime.date) -> bool:
        """Whether first to last day, both included, is no shorter and no longer than the law allows.

        Any two dates are answered: a term "without end" is written 9999-12-31.
        """
        least, most = (_years_on(first, years) for years in (self.term_years_min, self.term_years_max))
        return least - datetime.timedelta(days=1) <= last < most


def _years_on(day: datetime.date, years: int) -> datetime.date:
    """The day after `years` years; the calendar's last one where it has no such day."""
    if day.year + years > datetime.MAXYEAR:
        return datetime.date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return datetime.date(day.year + years, 3, 1)


class DeadlineRule(models.Model):
    """One time limit of a rule set: `count` units after `event`, before it if negative.

    The day of the event does not count (Civil Code 201) unless `first_day_counted`. Where `moves_on`, a last day
    that is no working day moves to the next (203). A limit without a number ("promptly") has no `count`.
    """

    class Duty(models.TextChoices):
        UNION = "union", _("Union")
        EMPLOYER = "employer", _("Employer")
        OTHER_SIDE = "other_side", _("The side that received the offer")
        BOTH = "both", _("Both sides")
        AUTHORITY = "authority", _("Labour authority")

    rule_set = models.ForeignKey(RuleSet, models.CASCADE, related_name="rules", verbose_name=_("rule set"))
    step = models.SlugField(_("step"), max_length=40)
    name = models.CharField(_("name"), max_length=60)
    count = models.SmallIntegerField(_("number"), null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=12, choices=workdays.Unit, blank=True)
    event = models.CharField(_("counted from"), max_length=24, choices=Event)
    first_day_counted = models.BooleanField(_("first day counts"), default=False)
    moves_on = models.BooleanField(_("a last day on a holiday moves on"), default=True)
    duty = models.CharField(_("duty of"), max_length=12, choices=Duty, default=Duty.BOTH)
    article = models.CharField(_("article"), max_length=100)
    text = models.CharField(_("wording"), max_length=300)
    certainty = models.CharField(_("certainty of the source"), max_length=12, choices=Certainty)

    class Meta:
        ordering = ["rule_set", "id"]
        verbose_name = _("time limit")
        verbose_name_plural = _("time limits")
        constraints = [
            models.UniqueConstraint(
                fields=["rule_set", "step"],
                name="deadline_rule_step_once",
                violation_error_message=_("The rule set has this step already."),
            ),
            models.CheckConstraint(
                condition=(Q(count__isnull=True, unit="") | (Q(count__isnull=False) & ~Q(unit=""))) & ~Q(count=0),
                name="deadline_rule_count_and_unit",
                violation_error_message=_("A number goes with a unit and is not zero; leave both out for “promptly”."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_set}：{self.name}"

    def as_rule(self) -> workdays.Rule:
        """Raises NoFixedLimit."""
        if self.count is None:
            raise NoFixedLimit(self.step)
        return workdays.Rule(
            step=self.step,
            count=self.count,
            unit=workdays.Unit(self.unit),
            event=self.event,
            first_day_counted=self.first_day_counted,
            moves_on=self.moves_on,
            article=self.article,
            text=self.text,
        )

    def due(self, start: datetime.date, days: workdays.Overrides | None = None) -> workdays.Deadline:
        """The deadline for an event on `start`. `days` is the holiday table, read if not given.

        Raises NoFixedLimit.
        """
        return workdays.due(self.as_rule(), start, overrides() if days is None else days)

    @property
    def limit(self) -> str:
        """The limit in words: 10 working days after the offer was received."""
        if self.count is None:
            return str(_("promptly after: %(event)s") % {"event": self.get_event_display()})
        words = _("%(count)d %(unit)s before: %(event)s") if self.count < 0 else _("%(count)d %(unit)s from: %(event)s")
        return str(
            words % {"count": abs(self.count), "unit": self.get_unit_display(), "event": self.get_event_display()}
        )
