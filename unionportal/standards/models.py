"""Standards, their criteria and grades, and assessments against them.

A standard is data: three unions say 六有 and mean three different lists. What is assessed lies in a domain, which
links an `Assessment` to its object by a table of its own with a real foreign key.
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

from unionportal.organizations.models import Account, Organization
from unionportal.scope import ScopedQuerySet
from unionportal.standards import rules


class StandardQuerySet(models.QuerySet["Standard"]):
    def of_kind(self, kind: str) -> StandardQuerySet:
        return self.filter(object_kind=kind)

    def in_use(self) -> StandardQuerySet:
        """Standards that new assessments may be made against today."""
        return self.filter(is_active=True).exclude(in_force_from__gt=timezone.localdate())


class Standard(models.Model):
    """A list of criteria under which something is checked or graded, as one issuer published it in one version.

    A version that was used never changes: what was judged under it must stay readable.
    """

    slug = models.SlugField(_("short name"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    version = models.CharField(_("version"), max_length=20)
    issuer = models.CharField(_("issued by"), max_length=120)
    object_kind = models.CharField(_("made for"), max_length=20)
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)
    source = models.TextField(_("source"), help_text=_("Where the wording stands: document, newspaper, date."))
    remarks = models.TextField(_("remarks"), blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = StandardQuerySet.as_manager()

    class Meta:
        ordering = ["slug", "version"]
        verbose_name = _("standard")
        verbose_name_plural = _("standards")
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "version"],
                name="standard_version_once",
                violation_error_message=_("There is a standard of this name and version already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(source=""),
                name="standard_names_its_source",
                violation_error_message=_("Say where the wording of the standard stands."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.version}）"

    @property
    def is_used(self) -> bool:
        """Whether something was assessed under it, so that its criteria may not change any more."""
        return self.pk is not None and self.assessments.exists()

    @property
    def full_points(self) -> Decimal:
        return sum((criterion.points for criterion in self.criteria.all()), Decimal(0))


class Grade(models.Model):
    """A grade that a standard gives, such as four stars: what it takes besides the criteria required for it."""

    standard = models.ForeignKey(Standard, models.CASCADE, related_name="grades", verbose_name=_("standard"))
    rank = models.PositiveSmallIntegerField(_("stars"), validators=[MinValueValidator(1), MaxValueValidator(5)])
    name = models.CharField(_("name"), max_length=40)
    minimum_points = models.DecimalField(
        _("from points"),
        max_digits=6,
        decimal_places=1,
        null=True,
        blank=True,
        help_text=_("Empty where the standard asks for no number of points."),
    )

    class Meta:
        ordering = ["-rank"]
        verbose_name = _("grade")
        verbose_name_plural = _("grades")
        constraints = [
            models.UniqueConstraint(
                fields=["standard", "rank"],
                name="grade_once",
                violation_error_message=_("The standard has this grade already."),
            ),
            models.CheckConstraint(
                condition=models.Q(rank__range=(1, 5)),
                name="grade_one_to_five",
                violation_error_message=_("One to five stars."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Criterion(models.Model):
    """One line of a standard: its wording, what it weighs, and how it is judged."""

    class Judged(models.TextChoices):
        YES_NO = "yes_no", _("Yes or no")
        COUNT = "count", _("A number counted")
        SCORE = "score", _("Points given")
        COMPUTED = "computed", _("From the record")

    standard = models.ForeignKey(Standard, models.CASCADE, related_name="criteria", verbose_name=_("standard"))
    position = models.PositiveSmallIntegerField(_("position"))
    text = models.CharField(_("wording"), max_length=300)
    points = models.DecimalField(
        _("points"), max_digits=5, decimal_places=1, default=1, validators=[MinValueValidator(0)]
    )
    judged = models.CharField(_("judged by"), max_length=8, choices=Judged, default=Judged.YES_NO)
    minimum = models.DecimalField(
        _("at least"),
        max_digits=8,
        decimal_places=1,
        null=True,
        blank=True,
        help_text=_("The number counted, or the points given, from which the criterion is met."),
    )
    rule = models.CharField(_("rule"), max_length=40, blank=True, help_text=_("For criteria judged from the record."))
    parameters = models.JSONField(
        _("parameters of the rule"),
        default=dict,
        blank=True,
        help_text=_(
            'Facilities: {"any_of": ["water", "wifi"], "at_least": 1}. Area, seats: {"at_least": 20}. '
            'Confirmed lately: {"days": 90}. Otherwise {}.'
        ),
    )
    required_from = models.PositiveSmallIntegerField(
        _("required from (stars)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("From this grade up nothing is given without it."),
    )

    class Meta:
        ordering = ["standard", "position"]
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        constraints = [
            models.UniqueConstraint(
                fields=["standard", "position"],
                name="criterion_position_once",
                violation_error_message=_("Two criteria stand at the same place."),
            ),
            models.CheckConstraint(
                condition=models.Q(judged="computed") ^ models.Q(rule=""),
                name="criterion_computed_has_rule",
                violation_error_message=_("A criterion judged from the record names its rule, and only such a one."),
            ),
            models.CheckConstraint(
                condition=~models.Q(judged="count") | models.Q(minimum__isnull=False),
                name="criterion_count_has_minimum",
                violation_error_message=_("Say how many are needed."),
            ),
            models.CheckConstraint(
                condition=models.Q(points__gte=0),
                name="criterion_points_not_negative",
                violation_error_message=_("Points are not negative."),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        super().clean()
        if not self.rule:
            return
        kind = self.standard.object_kind
        if self.rule not in rules.rules_of(kind):
            raise ValidationError({"rule": _("There is no rule of this name for this kind of object.")})
        try:
            rules.check_parameters(kind, self.rule, self.parameters)
        except ValidationError as error:
            raise ValidationError({"parameters": error.messages})


class AssessmentQuerySet(ScopedQuerySet["Assessment"]):
    def confirmed(self) -> AssessmentQuerySet:
        return self.filter(state=Assessment.State.CONFIRMED)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Assessment(models.Model):
    """One judging of one object under one standard, made by `organization` at one of four levels.

    `points`, `out_of` and `grade` are fixed when it is confirmed: what was judged then stays, whatever the record
    says later.
    """

    class Level(models.TextChoices):
        SELF = "self", _("Self-check")
        COUNTY = "county", _("County check")
        CITY = "city", _("City check")
        SPOT = "spot", _("Spot check")

    class State(models.TextChoices):
        DRAFT = "draft", _("Being filled in")
        SUBMITTED = "submitted", pgettext_lazy("state", "Handed in")
        CONFIRMED = "confirmed", pgettext_lazy("state", "Confirmed")
        SET_ASIDE = "set_aside", pgettext_lazy("state", "Set aside")
        CANCELLED = "cancelled", pgettext_lazy("state", "Cancelled")

    standard = models.ForeignKey(Standard, models.PROTECT, related_name="assessments", verbose_name=_("standard"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="assessments", verbose_name=_("made by")
    )
    level = models.CharField(_("level"), max_length=6, choices=Level)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    assessed_on = models.DateField(_("assessed on"), default=timezone.localdate)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    points = models.DecimalField(_("points"), max_digits=6, decimal_places=1, null=True, blank=True)
    out_of = models.DecimalField(_("out of"), max_digits=6, decimal_places=1, null=True, blank=True)
    grade = models.ForeignKey(
        Grade, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("grade reached")
    )
    created_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("begun by")
    )
    submitted_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("assessment", "handed in by"),
    )
    confirmed_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    created_at = models.DateTimeField(_("begun at"), default=timezone.now, editable=False)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-assessed_on", "-id"]
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="confirmed") | models.Q(confirmed_at__isnull=False, points__isnull=False),
                name="assessment_confirmed_has_result",
                violation_error_message=_("A confirmed assessment has its points and its moment."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="set_aside") | ~models.Q(reason=""),
                name="assessment_set_aside_has_reason",
                violation_error_message=_("Say why the assessment is set aside."),
            ),
            models.CheckConstraint(
                condition=models.Q(submitted_by__isnull=True)
                | models.Q(confirmed_by__isnull=True)
                | ~models.Q(submitted_by=models.F("confirmed_by")),
                name="assessment_confirmed_by_another",
                violation_error_message=_("You handed in the check: somebody else confirms it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.assessed_on:%Y-%m-%d}"


class AnswerQuerySet(ScopedQuerySet["Answer"]):
    scope_path = "assessment__organization__path"


class Answer(models.Model):
    """What was found for one criterion: met or not, what was counted or given, the points, a note."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="answers", verbose_name=_("assessment"))
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="answers", verbose_name=_("criterion"))
    met = models.BooleanField(_("met"), null=True, blank=True)
    amount = models.DecimalField(_("counted or given"), max_digits=8, decimal_places=1, null=True, blank=True)
    points = models.DecimalField(_("points"), max_digits=5, decimal_places=1, default=0)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ["criterion__position"]
        verbose_name = pgettext_lazy("assessment", "answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "criterion"],
                name="answer_once",
                violation_error_message=_("This criterion is answered already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}"

    @property
    def is_open(self) -> bool:
        """Not judged yet."""
        return self.met is None

    def put(self, met: bool | None, amount: Any, points: Decimal) -> None:
        self.met, self.amount, self.points = met, amount, points
