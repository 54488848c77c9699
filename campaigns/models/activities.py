"""Activities and sign-ups. That no activity is oversold is a rule of the database; see the two triggers."""

from __future__ import annotations

import datetime

import pghistory
import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import lifecycle
from campaigns.models.campaigns import Audience, Campaign, OfCampaignQuerySet
from members.models import Member
from stations.models import Station
from unionportal.free_text import NoPersonalNumbers
from unionportal.organizations.models import Account, Organization
from unionportal.scope import ScopedQuerySet

# The row lock lets the foreign key's own KEY SHARE lock pass: FOR UPDATE would deadlock two sign-ups at once.
_COUNT_AGAINST_CAPACITY = """
SELECT capacity INTO places FROM campaigns_activity WHERE id = NEW.activity_id FOR NO KEY UPDATE;
IF places IS NULL THEN
    RETURN NULL;
END IF;
SELECT count(*) INTO taken FROM campaigns_registration
 WHERE activity_id = NEW.activity_id AND state IN ('confirmed', 'attended');
IF taken > places THEN
    RAISE EXCEPTION 'activity % has % places', NEW.activity_id, places
      USING ERRCODE = 'check_violation', CONSTRAINT = 'activity_not_oversold', TABLE = 'campaigns_registration';
END IF;
RETURN NULL;
"""

_COUNT_AGAINST_TAKEN = """
SELECT count(*) INTO taken FROM campaigns_registration
 WHERE activity_id = NEW.id AND state IN ('confirmed', 'attended');
IF taken > NEW.capacity THEN
    RAISE EXCEPTION 'activity % has % places taken', NEW.id, taken
      USING ERRCODE = 'check_violation', CONSTRAINT = 'activity_capacity_covers_taken', TABLE = 'campaigns_activity';
END IF;
RETURN NULL;
"""


class ActivityQuerySet(OfCampaignQuerySet):
    def coming(self, moment: datetime.datetime) -> ActivityQuerySet:
        """Planned and not over yet, the next one first."""
        return self.filter(state=lifecycle.ActivityState.PLANNED, ends_at__gt=moment).order_by("starts_at", "id")

    def open_for_sign_up(self, moment: datetime.datetime) -> ActivityQuerySet:
        """The sign-up window is open; there may be no place left but on the waiting list."""
        return (
            self.coming(moment)
            .filter(starts_at__gt=moment)
            .filter(models.Q(sign_up_from=None) | models.Q(sign_up_from__lte=moment))
            .filter(models.Q(sign_up_until=None) | models.Q(sign_up_until__gt=moment))
        )

    def with_counts(self) -> ActivityQuerySet:
        """`taken` places and `waiting` members, counted in the one query."""
        return self.annotate(
            taken=models.Count("registrations", filter=models.Q(registrations__state__in=lifecycle.TAKES_A_PLACE)),
            waiting=models.Count(
                "registrations", filter=models.Q(registrations__state=lifecycle.RegistrationState.WAITING)
            ),
        )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Activity(NoPersonalNumbers):
    """One occasion with a time and a place: a class, a party, a health check, a train, a fair, a lecture.

    `capacity` None means no limit. Without a sign-up window members sign up until the activity begins.
    One that recurs is a row for each date: the later ones name the first as their `series`.
    """

    class Every(models.TextChoices):
        WEEK = "week", _("every week")
        MONTH = "month", _("every month")

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="activities", verbose_name=_("campaign"))
    title = models.CharField(_("title"), max_length=120)
    details = models.TextField(_("details"), blank=True)
    led_by = models.CharField(_("teacher, speaker or host"), max_length=80, blank=True)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    station = models.ForeignKey(
        Station, models.PROTECT, null=True, blank=True, related_name="activities", verbose_name=_("at station")
    )
    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Blank: no limit.")
    )
    audience = models.CharField(_("who may come"), max_length=10, choices=Audience, default=Audience.MEMBERS)
    sign_up_from = models.DateTimeField(_("sign-up from"), null=True, blank=True)
    sign_up_until = models.DateTimeField(_("sign-up until"), null=True, blank=True)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=lifecycle.ActivityState,
        default=lifecycle.ActivityState.PLANNED,
        editable=False,
    )
    state_reason = models.CharField(_("reason"), max_length=200, blank=True, editable=False)
    series = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="repeats",
        verbose_name=_("first of the series"),
    )
    every = models.CharField(_("recurs"), max_length=5, choices=Every, blank=True, editable=False)
    report = models.TextField(_("report"), blank=True, editable=False)
    guests = models.PositiveIntegerField(_("came without a sign-up"), default=0, editable=False)

    objects = ActivityQuerySet.as_manager()
    plain_texts = ("title", "details", "led_by", "place", "report")

    class Meta:
        ordering = ["starts_at", "id"]
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="activity_times",
                violation_error_message=_("An activity ends after it begins."),
            ),
            models.CheckConstraint(
                condition=models.Q(sign_up_from__isnull=True)
                | models.Q(sign_up_until__isnull=True)
                | models.Q(sign_up_until__gt=models.F("sign_up_from")),
                name="activity_sign_up_window",
                violation_error_message=_("The sign-up ends after it begins."),
            ),
            models.CheckConstraint(
                condition=models.Q(capacity__isnull=True) | models.Q(capacity__gt=0),
                name="activity_capacity_positive",
                violation_error_message=_("An activity has at least one place."),
            ),
            models.CheckConstraint(
                condition=~models.Q(place="") | models.Q(station__isnull=False),
                name="activity_has_a_place",
                violation_error_message=_("Say where it is: a place or a station."),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=lifecycle.ActivityState.values),
                name="activity_state_known",
                violation_error_message=_("There is no such state."),
            ),
            models.CheckConstraint(
                condition=models.Q(every="", series__isnull=True) | models.Q(every__in=["week", "month"]),
                name="activity_series_has_a_rhythm",
                violation_error_message=_("An activity recurs every week or every month."),
            ),
            models.UniqueConstraint(
                fields=["series", "starts_at"],
                name="activity_once_a_date",
                violation_error_message=_("The series has an activity at this time already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="reported") | ~models.Q(report=""),
                name="activity_reported_in_words",
                violation_error_message=_("Say what happened."),
            ),
        ]
        indexes = [models.Index(fields=["state", "starts_at"], name="activity_state_start")]
        triggers = [
            pgtrigger.Trigger(
                name="activity_capacity_covers_taken",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("capacity"),
                timing=pgtrigger.Immediate,
                declare=[("taken", "integer")],
                condition=pgtrigger.Q(new__capacity__isnull=False),
                func=_COUNT_AGAINST_TAKEN,
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("campaigns:activity", args=[self.pk])

    @property
    def organization(self) -> Organization:
        return self.campaign.organization

    @property
    def where(self) -> str:
        return " · ".join(filter(None, [self.station.name if self.station else "", self.place]))

    def sign_up_is_open(self, moment: datetime.datetime) -> bool:
        """Whether members may sign up at `moment`: planned, not begun, inside the window."""
        return (
            self.state == lifecycle.ActivityState.PLANNED
            and moment < self.starts_at
            and (self.sign_up_from is None or self.sign_up_from <= moment)
            and (self.sign_up_until is None or moment < self.sign_up_until)
        )

    def attended(self) -> int:
        """How many came: with a sign-up, as seen at the door, and without."""
        return self.registrations.filter(state=lifecycle.RegistrationState.ATTENDED).count() + self.guests

    def places_taken(self) -> int:
        return self.registrations.filter(state__in=lifecycle.TAKES_A_PLACE).count()

    def places_left(self) -> int | None:
        """None where there is no limit. Reads `taken` where `with_counts` has brought it."""
        if self.capacity is None:
            return None
        taken = self.taken if hasattr(self, "taken") else self.places_taken()
        return max(self.capacity - taken, 0)


class RegistrationQuerySet(ScopedQuerySet["Registration"]):
    scope_path = "activity__campaign__organization__path"

    def standing(self) -> RegistrationQuerySet:
        """Confirmed or waiting."""
        return self.filter(state__in=lifecycle.STANDING)

    def in_line(self) -> RegistrationQuerySet:
        """The waiting list, in the order of sign-up."""
        return self.filter(state=lifecycle.RegistrationState.WAITING).order_by("signed_up_at", "id")

    def with_line(self) -> RegistrationQuerySet:
        """`ahead`: how many wait for the same activity and signed up before."""
        row = models.OuterRef
        earlier = models.Q(signed_up_at__lt=row("signed_up_at")) | models.Q(
            signed_up_at=row("signed_up_at"), pk__lt=row("pk")
        )
        ahead = (
            Registration.objects.filter(earlier, activity=row("activity"), state=lifecycle.RegistrationState.WAITING)
            .order_by()
            .values("activity")
            .annotate(number=models.Count("pk"))
            .values("number")
        )
        return self.annotate(ahead=Coalesce(models.Subquery(ahead), 0))


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Registration(models.Model):
    """A member's sign-up for an activity. One that was cancelled stays, and the member may sign up anew."""

    class Channel(models.TextChoices):
        PHONE = "phone", _("By the member")
        DESK = "desk", _("By staff for the member")

    class Proof(models.TextChoices):
        CARD = "card", _("By the member's card code")
        BY_HAND = "by_hand", _("By hand")

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="registrations", verbose_name=_("activity"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="registrations", verbose_name=_("member"))
    state = models.CharField(_("state"), max_length=10, choices=lifecycle.RegistrationState)
    signed_up_at = models.DateTimeField(_("signed up at"), default=timezone.now, editable=False)
    moved_up_at = models.DateTimeField(_("moved up at"), null=True, blank=True, editable=False)
    channel = models.CharField(_("signed up"), max_length=6, choices=Channel, default=Channel.PHONE)
    entered_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )
    attended_at = models.DateTimeField(_("came at"), null=True, blank=True)
    attended_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("seen by")
    )
    proof = models.CharField(_("presence shown"), max_length=8, choices=Proof, blank=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["activity", "signed_up_at", "id"]
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "member"],
                condition=~models.Q(state=lifecycle.RegistrationState.CANCELLED),
                name="registration_once",
                violation_error_message=_("This member has signed up for the activity already."),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=lifecycle.RegistrationState.values),
                name="registration_state_known",
                violation_error_message=_("There is no such state."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=lifecycle.RegistrationState.ATTENDED)
                | (models.Q(attended_at__isnull=False) & ~models.Q(proof="")),
                name="registration_attended_how_and_when",
                violation_error_message=_("A presence says how and when it was seen."),
            ),
        ]
        indexes = [models.Index(fields=["activity", "state", "signed_up_at"], name="registration_line")]
        triggers = [
            pgtrigger.Trigger(
                name="activity_not_oversold",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("state", "activity_id"),
                timing=pgtrigger.Immediate,
                declare=[("places", "integer"), ("taken", "integer")],
                condition=pgtrigger.Q(new__state__in=list(lifecycle.TAKES_A_PLACE)),
                func=_COUNT_AGAINST_CAPACITY,
            )
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.activity}"

    @property
    def organization(self) -> Organization:
        return self.activity.campaign.organization

    @property
    def place_in_line(self) -> int | None:
        """1 for who moves up next; None for a sign-up that does not wait. Reads `ahead` where it was brought."""
        if self.state != lifecycle.RegistrationState.WAITING:
            return None
        if not hasattr(self, "ahead"):
            self.ahead = Registration.objects.filter(pk=self.pk).with_line().values_list("ahead", flat=True).get()
        return self.ahead + 1
