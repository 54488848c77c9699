"""Campaigns: the frame for activities, giveaways, wishes and job fairs; and who may come to what."""

from __future__ import annotations

import datetime

import pghistory
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import lifecycle
from members.models import Member
from unionportal.free_text import NoPersonalNumbers
from unionportal.organizations.models import Organization
from unionportal.scope import ScopedQuerySet


class Audience(models.TextChoices):
    """For whom something is meant. The union that runs it decides; every one of them is a member with rights."""

    MEMBERS = "members", _("Every member")
    VERIFIED = "verified", _("Members verified by real name")
    BRANCH = "branch", _("Members of this union and the unions below it")
    KEY_GROUPS = "key_groups", _("Members of the four key groups")

    def admits(self, member: Member, organization: Organization) -> bool:
        """Whether `member` may come to what `organization` runs."""
        if not member.has_full_rights:
            return False
        match self:
            case Audience.VERIFIED:
                return member.verification == Member.Verification.VERIFIED
            case Audience.BRANCH:
                return member.organization.path.startswith(organization.path)
            case Audience.KEY_GROUPS:
                return bool(member.occupation_group and member.occupation_group.is_key_group)
        return True


class CampaignQuerySet(ScopedQuerySet["Campaign"]):
    def public(self) -> CampaignQuerySet:
        return self.filter(state__in=lifecycle.PUBLIC_CAMPAIGN)

    def on_at(self, day: datetime.date) -> CampaignQuerySet:
        """Published and running on `day`."""
        return self.filter(state=lifecycle.CampaignState.PUBLISHED, starts_on__lte=day).filter(
            models.Q(ends_on=None) | models.Q(ends_on__gte=day)
        )

    def coming_after(self, day: datetime.date) -> CampaignQuerySet:
        return self.filter(state=lifecycle.CampaignState.PUBLISHED, starts_on__gt=day).order_by("starts_on", "id")

    def over_by(self, day: datetime.date) -> CampaignQuerySet:
        return self.public().filter(models.Q(state=lifecycle.CampaignState.FINISHED) | models.Q(ends_on__lt=day))


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Campaign(NoPersonalNumbers):
    """Something a union does for its members over a time: a class programme, a giveaway, a wish drive, a job fair."""

    class Kind(models.TextChoices):
        SERVICE_PROJECT = "service", _("Service project")
        GIVEAWAY = "giveaway", _("Giveaway")
        WISHES = "wishes", _("Small wishes")
        JOB_FAIR = "job_fair", _("Job fair")
        TRAINING = "training", _("Training")
        CONTEST = "contest", _("Labour or skills contest")
        CULTURE = "culture", _("Culture and sports")
        CARE = "care", _("Care and visits")
        HEALTH = "health", _("Health")
        TRAVEL = "travel", _("Return-to-work travel")

    class Season(models.TextChoices):
        """四季送: jobs in spring, coolness in summer, schooling in autumn, warmth in winter."""

        SPRING = "spring", _("Spring")
        SUMMER = "summer", _("Summer")
        AUTUMN = "autumn", _("Autumn")
        WINTER = "winter", _("Winter")
        NONE = "", _("Not bound to a season")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="campaigns", verbose_name=_("run by"))
    title = models.CharField(_("title"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    season = models.CharField(_("season"), max_length=6, choices=Season, blank=True)
    summary = models.TextField(_("what it is about"), blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=lifecycle.CampaignState,
        default=lifecycle.CampaignState.DRAFT,
        editable=False,
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = CampaignQuerySet.as_manager()
    plain_texts = ("title", "summary")

    class Meta:
        ordering = ["-starts_on", "-id"]
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(title=""),
                name="campaign_has_title",
                violation_error_message=_("A campaign needs a title."),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="campaign_dates",
                violation_error_message=_("A campaign cannot end before it begins."),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=lifecycle.CampaignState.values),
                name="campaign_state_known",
                violation_error_message=_("There is no such state."),
            ),
        ]
        indexes = [models.Index(fields=["state", "starts_on"], name="campaign_state_start")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("campaigns:campaign", args=[self.pk])

    @property
    def is_public(self) -> bool:
        return self.state != lifecycle.CampaignState.DRAFT


class OfCampaignQuerySet(ScopedQuerySet):  # type: ignore[type-arg]
    """Rows that belong to a campaign follow its owner."""

    scope_path = "campaign__organization__path"

    def public(self) -> OfCampaignQuerySet:
        return self.filter(campaign__state__in=lifecycle.PUBLIC_CAMPAIGN)
