"""Stars and honours of stations by year, what was decided about them, and appeals."""

from __future__ import annotations

from typing import Any

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stations.models.assessments import StationAssessment
from stations.models.details import OfStationQuerySet
from stations.models.stations import Station
from unionportal.organizations.models import Account
from unionportal.states import StateTable, Transition


class HonourState(models.TextChoices):
    NOMINATED = "nominated", _("Nominated")
    SELECTED = "selected", pgettext_lazy("honour", "Selected")
    CONFIRMED = "confirmed", pgettext_lazy("state", "Confirmed")
    PUBLISHED = "published", _("Published")
    PASSED_OVER = "passed_over", _("Not chosen")
    WITHDRAWN = "withdrawn", pgettext_lazy("honour", "Withdrawn")


HONOURS = StateTable(
    HonourState,
    [
        Transition(
            "select",
            {HonourState.NOMINATED},
            HonourState.SELECTED,
            "stations.select_honour",
            pgettext_lazy("honour", "Select"),
        ),
        Transition(
            "confirm_honour",
            {HonourState.SELECTED},
            HonourState.CONFIRMED,
            "stations.confirm_honour",
            _("Confirm the honour"),
        ),
        Transition(
            "publish_honour", {HonourState.CONFIRMED}, HonourState.PUBLISHED, "stations.publish_honour", _("Publish")
        ),
        Transition(
            "pass_over",
            {HonourState.NOMINATED, HonourState.SELECTED},
            HonourState.PASSED_OVER,
            "stations.select_honour",
            _("Pass over"),
        ),
        Transition(
            "downgrade", {HonourState.PUBLISHED}, HonourState.PUBLISHED, "stations.withdraw_honour", _("Downgrade")
        ),
        Transition(
            "withdraw_honour",
            {HonourState.CONFIRMED, HonourState.PUBLISHED},
            HonourState.WITHDRAWN,
            "stations.withdraw_honour",
            pgettext_lazy("honour", "Withdraw"),
        ),
        # After an appeal that was upheld.
        Transition(
            "restore",
            {HonourState.WITHDRAWN, HonourState.PUBLISHED},
            HonourState.PUBLISHED,
            "stations.decide_appeal",
            _("Restore"),
        ),
        Transition(
            "restore_unpublished",
            {HonourState.WITHDRAWN},
            HonourState.CONFIRMED,
            "stations.decide_appeal",
            _("Restore"),
        ),
    ],
    initial=[HonourState.NOMINATED],
)
RESTORING = frozenset({"restore", "restore_unpublished"})
HONOUR_NEEDS_REASON = frozenset({"pass_over", "downgrade", "withdraw_honour"})


class HonourQuerySet(OfStationQuerySet):
    def in_force(self) -> HonourQuerySet:
        """Published and not withdrawn: what the public sees."""
        return self.filter(state=HonourState.PUBLISHED)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Honour(models.Model):
    """Stars, a title or the rank of demonstration site that a station is given for a year at one level."""

    class Kind(models.TextChoices):
        STARS = "stars", _("Stars")
        FINEST = "finest", _("Finest station (最美)")
        DEMONSTRATION = "demonstration", _("Demonstration site")

    class Level(models.TextChoices):
        COUNTY = "county", _("County")
        CITY = "city", _("City")
        PROVINCE = "province", _("Province")
        NATIONAL = "national", _("National")

    station = models.ForeignKey(Station, models.CASCADE, related_name="honours", verbose_name=_("station"))
    kind = models.CharField(_("kind"), max_length=13, choices=Kind)
    level = models.CharField(_("level"), max_length=8, choices=Level)
    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(2016), MaxValueValidator(2100)])
    stars = models.PositiveSmallIntegerField(
        _("stars"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    check_made = models.ForeignKey(
        StationAssessment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="honours",
        verbose_name=_("check it rests on"),
    )
    evidence = models.TextField(
        pgettext_lazy("honour", "evidence"), blank=True, help_text=_("What the station did; documents.")
    )
    state = models.CharField(_("state"), max_length=11, choices=HonourState, default=HonourState.NOMINATED)
    state_reason = models.CharField(_("reason"), max_length=300, blank=True)
    nominated_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("nominated by")
    )
    published_on = models.DateField(_("published on"), null=True, blank=True)
    document = models.CharField(pgettext_lazy("honour", "document"), max_length=120, blank=True)

    objects = HonourQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "kind", "level", "id"]
        verbose_name = _("honour")
        verbose_name_plural = _("honours")
        constraints = [
            models.UniqueConstraint(
                fields=["station", "kind", "level", "year"],
                # Who was passed over may be nominated anew, with better papers.
                condition=~models.Q(state="passed_over"),
                name="honour_once_a_year",
                violation_error_message=_("The station is in this year's list already."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="stars", stars__isnull=False, stars__range=(1, 5))
                | ~models.Q(kind="stars") & models.Q(stars__isnull=True),
                name="honour_stars_only_for_stars",
                violation_error_message=_("Stars are one to five, and titles have none."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published") | models.Q(published_on__isnull=False),
                name="honour_published_has_day",
                violation_error_message=_("What is published has its day."),
            ),
        ]
        indexes = [models.Index(fields=["state", "kind", "year"], name="honour_in_force")]

    def __str__(self) -> str:
        return f"{self.station} · {self.year} {self.title}"

    @property
    def title(self) -> str:
        """五星 or 最美, with the level."""
        name = "★" * self.stars if self.stars else self.get_kind_display()
        return f"{self.get_level_display()} {name}"


class HonourDecision(models.Model):
    """A downgrade, a withdrawal or a restoration: from how many stars to how many, and why."""

    honour = models.ForeignKey(Honour, models.CASCADE, related_name="decisions", verbose_name=_("honour"))
    station = models.ForeignKey(Station, models.CASCADE, related_name="honour_decisions", verbose_name=_("station"))
    verb = models.CharField(_("decision"), max_length=20)
    stars_before = models.PositiveSmallIntegerField(_("stars before"), null=True, blank=True)
    stars_after = models.PositiveSmallIntegerField(_("stars after"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    decided_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("honour", "decided by"),
    )
    decided_at = models.DateTimeField(pgettext_lazy("honour", "decided at"), default=timezone.now)

    objects = OfStationQuerySet.as_manager()

    class Meta:
        ordering = ["-decided_at", "-id"]
        verbose_name = _("decision about an honour")
        verbose_name_plural = _("decisions about honours")

    def __str__(self) -> str:
        return f"{self.honour} · {self.label}"

    @property
    def label(self) -> str:
        """The decision in words."""
        return next((str(t.label) for t in HONOURS.transitions if t.verb == self.verb), self.verb)


class AppealState(models.TextChoices):
    FILED = "filed", _("Filed")
    UPHELD = "upheld", _("Upheld")
    REFUSED = "refused", pgettext_lazy("appeal", "Refused")
    DROPPED = "dropped", _("Taken back")


ANSWERED = (AppealState.UPHELD, AppealState.REFUSED)
APPEALS = StateTable(
    AppealState,
    [
        Transition("uphold", {AppealState.FILED}, AppealState.UPHELD, "stations.decide_appeal", _("Uphold")),
        Transition(
            "refuse",
            {AppealState.FILED},
            AppealState.REFUSED,
            "stations.decide_appeal",
            pgettext_lazy("appeal", "Refuse"),
        ),
        Transition(
            "take_back", {AppealState.FILED}, AppealState.DROPPED, "stations.change_appeal", _("Take back the appeal")
        ),
    ],
    initial=[AppealState.FILED],
)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Appeal(models.Model):
    """A station's objection to a check or to a decision about its honour, and the answer with its reason."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="appeals", verbose_name=_("station"))
    check_made = models.ForeignKey(
        StationAssessment,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="appeals",
        verbose_name=_("against the check"),
    )
    decision = models.ForeignKey(
        HonourDecision,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="appeals",
        verbose_name=_("against the decision"),
    )
    grounds = models.TextField(_("grounds"))
    state = models.CharField(_("state"), max_length=8, choices=AppealState, default=AppealState.FILED)
    filed_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("filed by")
    )
    filed_at = models.DateTimeField(_("filed at"), default=timezone.now, editable=False)
    answer = models.CharField(pgettext_lazy("appeal", "answer"), max_length=300, blank=True)
    answered_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    objects = OfStationQuerySet.as_manager()

    class Meta:
        ordering = ["-filed_at", "-id"]
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(check_made__isnull=True) ^ models.Q(decision__isnull=True),
                name="appeal_against_one_thing",
                violation_error_message=_("An appeal is against a check or against a decision."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["upheld", "refused"]) | ~models.Q(answer=""),
                name="appeal_answered_with_reason",
                violation_error_message=_("Give the reason of the answer."),
            ),
            models.UniqueConstraint(
                fields=["check_made"],
                condition=models.Q(state="filed"),
                name="appeal_one_open_per_check",
                violation_error_message=_("An appeal against this is open already."),
            ),
            models.UniqueConstraint(
                fields=["decision"],
                condition=models.Q(state="filed"),
                name="appeal_one_open_per_decision",
                violation_error_message=_("An appeal against this is open already."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.check_made or f"{self.station} · {self.decision}")

    @property
    def against(self) -> Any:
        return self.decision or self.check_made
