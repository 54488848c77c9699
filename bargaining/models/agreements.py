"""Collective agreements: whom they cover, from when to when, and what they say, with figures as figures."""

from __future__ import annotations

import datetime
import secrets

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bargaining.models.negotiations import Level, Negotiation, Subject, evidence_path
from unionportal.figures import Figure, Qualifier
from unionportal.free_text import NoPersonalNumbers
from unionportal.names import identity_key, sort_key
from unionportal.organizations.models import Organization, Partner
from unionportal.privacy import EncryptedTextField
from unionportal.scope import ScopedQuerySet

# No letters or digits that are mistaken for one another when read aloud.
_CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_code() -> str:
    """A public code: HT and eight characters, so that nobody counts agreements by their numbers."""
    return "HT" + "".join(secrets.choice(_CODE_ALPHABET) for _place in range(8))


class AgreementQuerySet(ScopedQuerySet["Agreement"]):
    def published(self) -> AgreementQuerySet:
        """What visitors may see."""
        return self.filter(status=Agreement.Status.PUBLISHED)

    def in_force_on(self, day: datetime.date) -> AgreementQuerySet:
        return self.filter(term_from__lte=day, term_to__gte=day).exclude(status=Agreement.Status.DRAFT)

    def running_out(self, days: int, day: datetime.date | None = None) -> AgreementQuerySet:
        """Those whose term ends on `day` or within the `days` after it."""
        today = day or timezone.localdate()
        return self.exclude(status=Agreement.Status.DRAFT).filter(
            term_to__range=(today, today + datetime.timedelta(days=days))
        )

    def searched(self, text: str) -> AgreementQuerySet:
        """Those whose title, employer or coverage holds the words, spelling apart."""
        rows = self
        for word in text.split()[:5]:
            rows = rows.filter(
                Q(title__icontains=word) | Q(employer_name__icontains=word) | Q(coverage__icontains=word)
            )
        return rows

    def totals(self) -> dict[str, int]:
        """Agreements, new and renewed ones, firms and workers covered: the figures of a statistical return."""
        return self.aggregate(
            agreements=models.Count("pk"),
            new=models.Count("pk", filter=Q(conclusion=Agreement.Conclusion.FIRST)),
            renewed=models.Count("pk", filter=Q(conclusion=Agreement.Conclusion.RENEWAL)),
            firms=models.functions.Coalesce(models.Sum("firms_covered"), 0),
            workers=models.functions.Coalesce(models.Sum("workers_covered"), 0),
        )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Agreement(NoPersonalNumbers):
    """A collective contract, from a negotiation here or entered from a list.

    The handler's phone is personal and sealed; the public page shows neither him nor the document.
    """

    class Kind(models.TextChoices):
        COMPREHENSIVE = "comprehensive", _("Collective contract")
        WAGE = "wage", _("Wage agreement")
        SAFETY = "safety", _("Agreement on labour safety and health")
        WOMEN = "women", _("Agreement on women workers' rights")
        PLATFORM = "platform", _("Agreement for platform workers")
        OTHER = "other", _("Other special agreement")

    class Conclusion(models.TextChoices):
        FIRST = "first", _("First")
        RENEWAL = "renewal", _("Renewed")
        CHANGE = "change", _("Changed")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_FORCE = "in_force", _("In force")
        PUBLISHED = "published", _("Published")
        TERMINATED = "terminated", _("Cancelled")

    code = models.CharField(_("code"), max_length=12, unique=True, default=new_code, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="agreements", verbose_name=_("union"))
    negotiation = models.OneToOneField(
        Negotiation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agreement",
        editable=False,
        verbose_name=_("negotiation"),
    )
    title = models.CharField(_("title"), max_length=160)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.WAGE)
    level = models.CharField(_("bargaining level"), max_length=12, choices=Level, default=Level.ENTERPRISE)
    conclusion = models.CharField(_("conclusion"), max_length=8, choices=Conclusion, default=Conclusion.FIRST)
    employer = models.ForeignKey(
        Partner, models.SET_NULL, null=True, blank=True, related_name="agreements_concluded", verbose_name=_("employer")
    )
    employer_name = models.CharField(_("employer as stated"), max_length=200)
    credit_code = models.CharField(_("credit code"), max_length=18, blank=True)
    coverage = models.CharField(_("coverage"), max_length=300, blank=True)
    firms_covered = models.PositiveIntegerField(_("firms covered"), default=1)
    workers_covered = models.PositiveIntegerField(_("workers covered"), null=True, blank=True)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    term_from = models.DateField(_("in force from"))
    term_to = models.DateField(_("in force until"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    document = models.FileField(_("document"), upload_to=evidence_path, blank=True)
    document_name = models.CharField(_("name of the document"), max_length=120, blank=True, editable=False)
    handler = models.CharField(_("handled by"), max_length=60, blank=True)
    handler_phone = EncryptedTextField(_("handler's phone"), blank=True, default="")
    identity = models.CharField(max_length=200, editable=False, db_index=True)
    name_key = models.CharField(_("sort key"), max_length=400, editable=False, db_index=True)

    objects = AgreementQuerySet.as_manager()
    plain_texts = ("title", "employer_name", "coverage")

    class Meta:
        ordering = ["-term_from", "name_key", "id"]
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        constraints = [
            models.CheckConstraint(
                condition=Q(term_to__gt=F("term_from")),
                name="agreement_term",
                violation_error_message=_("The term ends after it begins."),
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_on__isnull=False),
                name="agreement_published_on",
                violation_error_message=_("A published agreement says since when."),
            ),
            models.UniqueConstraint(
                fields=["organization", "identity", "kind", "term_from"],
                name="agreement_once",
                violation_error_message=_("This union has an agreement of this kind with this employer from this day."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: object, **kwargs: object) -> None:
        self.prepare()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        return reverse("bargaining:agreement", args=[self.code])

    @property
    def is_public(self) -> bool:
        return self.status == Agreement.Status.PUBLISHED

    def prepare(self) -> None:
        """Set what follows from other fields; a bulk write calls it for each row."""
        self.employer_name = self.employer_name or (self.employer.name if self.employer else "")
        self.identity = identity_key(self.employer_name)[:200]
        self.name_key = sort_key(self.employer_name)[:400]

    def clean(self) -> None:
        super().clean()
        self.prepare()
        if not self.employer_name:
            raise ValidationError({"employer_name": _("Name the employer or the employers' body.")})

    def is_running(self, day: datetime.date | None = None) -> bool:
        """Whether the term includes `day` (today)."""
        return self.term_from <= (day or timezone.localdate()) <= self.term_to


class ClauseQuerySet(ScopedQuerySet["Clause"]):
    scope_path = "agreement__organization__path"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Clause(NoPersonalNumbers):
    """One thing agreed; what can be counted is kept as a figure: value, unit, per what, how exactly."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="clauses", verbose_name=_("agreement"))
    subject = models.CharField(_("subject"), max_length=20, choices=Subject)
    label = models.CharField(_("grade or post"), max_length=60, blank=True)
    text = models.CharField(_("text"), max_length=500)
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(_("up to"), max_digits=14, decimal_places=4, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=8, blank=True)
    per = models.CharField(_("per"), max_length=4, blank=True)
    qualifier = models.CharField(_("how exact"), max_length=8, choices=Qualifier, default=Qualifier.EXACT)

    objects = ClauseQuerySet.as_manager()
    plain_texts = ("label", "text")

    class Meta:
        ordering = ["id"]
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        constraints = [
            models.CheckConstraint(
                condition=Q(value__isnull=False) | Q(high__isnull=True, unit="", per=""),
                name="clause_unit_needs_value",
                violation_error_message=_("A unit goes with a number."),
            ),
            models.CheckConstraint(
                condition=Q(high__isnull=True) | Q(high__gte=F("value")),
                name="clause_range",
                violation_error_message=_("A range goes from the smaller to the larger number."),
            ),
            models.CheckConstraint(
                condition=~Q(subject="pay_day") | Q(value__isnull=True) | Q(value__gte=1, value__lte=31),
                name="clause_pay_day_exists",
                violation_error_message=_("A pay day is a day of the month, 1 to 31."),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def take(self, figure: Figure) -> None:
        """Set the number fields from a figure."""
        self.value, self.high, self.unit = figure.value, figure.high, figure.unit
        self.per, self.qualifier = figure.per, figure.qualifier

    @property
    def figure(self) -> Figure | None:
        """The number of the clause, if it has one."""
        if self.value is None:
            return None
        return Figure(self.value, self.unit, Qualifier(self.qualifier), high=self.high, per=self.per)

    @property
    def headline(self) -> str:
        """The figure as a reader wants it: 每月20日, 1元/单; "" for a clause without one."""
        if self.subject == Subject.PAY_DAY and self.value is not None:
            return str(_("the %(day)d. of each month") % {"day": int(self.value)})
        return str(self.figure or "")
