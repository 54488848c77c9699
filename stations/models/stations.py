"""The register of stations."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pghistory
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Cos, Radians, Sin
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stations import lifecycle
from stations.daytypes import Calendar, OnHolidays, OnMakeUpDays
from stations.models import search
from stations.models.catalogues import Facility, HostKind, StationKind
from stations.models.week import HoursState, WeekField, open_at
from unionportal.coordinates import EARTH_RADIUS, Datum
from unionportal.names import identity_key, initials, sort_key
from unionportal.organizations.models import Division, Organization, Partner
from unionportal.organizations.roles import Role, holders
from unionportal.privacy import EncryptedTextField
from unionportal.scope import Reaching, ScopedQuerySet, reach_of, within

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


# What a card shows of a station, and what its standing depends on.
CARD_FIELDS = (
    *("code", "name", "address", "latitude", "longitude", "status", "status_reason", "access"),
    *("hours_state", "hours_text", "on_holidays", "on_makeup_days", "irregular_until"),
    *("last_confirmed_on", "reported_locked_at"),
    *("kind__name", "kind__name_en", "division__name", "division__level", "division__parent__name"),
)
UNCONFIRMED_DAYS = 90  # a page that nobody confirmed for longer has gone stale


class SpherePoint(models.Func):
    """A point on the unit sphere as a ``cube`` of x, y, z, so that GiST orders by true nearness.

    Plain degrees order wrongly away from the equator; on the sphere the chord grows with the distance. Built
    coordinate by coordinate, because these forms of ``cube`` give NULL where the position is not known, while
    ``cube(ARRAY[…])`` refuses it.
    """

    arg_joiner = "), "
    template = "cube(cube(cube(%(expressions)s)"
    output_field = models.TextField()

    def __init__(self, latitude: Any, longitude: Any, **extra: Any) -> None:
        lat, lng = Radians(latitude), Radians(longitude)
        super().__init__(Cos(lat) * Cos(lng), Cos(lat) * Sin(lng), Sin(lat), **extra)


class Chord(models.Func):
    """Straight-line distance through the sphere (0 … 2) between two SpherePoints; an index serves its order."""

    arg_joiner = " <-> "
    template = "(%(expressions)s)"
    output_field = models.FloatField()


class Metres(models.Func):
    """A chord as metres along the ground: 2 R asin(chord / 2)."""

    template = f"(2 * {EARTH_RADIUS} * asin(least(1.0, %(expressions)s / 2)))"
    output_field = models.FloatField()


def kept_stations(user: Any, permission: str) -> models.QuerySet[Any]:
    """Ids of the stations that `user` is named keeper of, where keepers hold the permission; else none."""
    named = Station.keepers.through.objects.values("station")
    if Role.STATION_KEEPER not in holders(permission) or not getattr(user, "pk", None):
        return named.none()
    return named.filter(account=user) if user.has_role(Role.STATION_KEEPER) else named.none()


class StationQuerySet(ScopedQuerySet["Station"]):
    # --- Who may see and change ------------------------------------------------------------------------------

    def reached_by(self, user: Reaching | AnonymousUser, verb: str) -> StationQuerySet:
        """Stations of the user's branches, and those he is named keeper of where keepers hold the permission."""
        permission = f"stations.{verb}_station"
        in_branch = within(reach_of(user, permission), self.scope_path)
        return self.filter(in_branch | models.Q(pk__in=kept_stations(user, permission)))

    def public(self) -> StationQuerySet:
        """What the directory shows: stations a visitor can go to, or will be able to again soon."""
        return self.filter(status__in=lifecycle.PUBLIC_STATES)

    # --- What a visitor asks ---------------------------------------------------------------------------------

    def near(self, latitude: float, longitude: float) -> StationQuerySet:
        """Nearest first, with `distance` in metres along the ground; WGS-84 degrees. Those without a position
        come last, and their distance is None.
        """
        here = SpherePoint(models.Value(latitude), models.Value(longitude))
        chord = Chord(SpherePoint(models.F("latitude"), models.F("longitude")), here)
        # Without the case LEAST passes over a NULL, and an unknown place lies on the other side of the earth.
        metres = models.Case(models.When(latitude__isnull=False, then=Metres(chord)))
        return self.annotate(distance=metres).order_by(chord.asc(nulls_last=True), "pk")

    def open_at(self, moment: datetime.datetime, calendar: Calendar | None = None) -> StationQuerySet:
        """Stations in service that are open at `moment` (aware), by the clock of Asia/Shanghai: past midnight, in
        season, on holidays and make-up working days by their settings, and with their closures and extra openings.
        Those whose hours are not known are left out. Without `calendar` the entered holidays are read (two queries).
        """
        return self.filter(open_at(moment, calendar or Calendar.now()), status=lifecycle.State.OPEN)

    def open_first(self, moment: datetime.datetime, calendar: Calendar | None = None) -> StationQuerySet:
        """Open at `moment` (aware) first, out of service last; among equals those whose page nobody confirmed for
        long, or that visitors found locked, come after the others; then by name.
        """
        in_service = models.Q(status=lifecycle.State.OPEN)
        standing = models.Case(
            models.When(in_service & open_at(moment, calendar or Calendar.now()), then=0),
            models.When(in_service, then=1),
            default=2,
        )
        since = timezone.localdate(moment) - datetime.timedelta(days=UNCONFIRMED_DAYS)
        doubtful = models.Case(
            models.When(last_confirmed_on__gte=since, reported_locked_at__isnull=True, then=0), default=1
        )
        return self.order_by(standing, doubtful, "name_key", "pk")

    def with_facilities(self, codes: list[str]) -> StationQuerySet:
        """Stations that have every one of the facilities."""
        rows = self
        for code in codes:
            rows = rows.filter(station_facilities__facility=code)
        return rows

    def matching(self, words: str) -> StationQuerySet:
        """Stations that fit every one of the words (see `stations.models.search`)."""
        return search.matching(self, words)  # type: ignore[return-value]

    def unconfirmed_since(self, day: datetime.date) -> StationQuerySet:
        """Open stations whose page nobody has confirmed since `day`."""
        return self.filter(status=lifecycle.State.OPEN).exclude(last_confirmed_on__gte=day)

    def for_cards(self) -> StationQuerySet:
        """With what `stations.visitor.cards` reads of the register, and nothing else."""
        return self.select_related("kind", "division__parent").only(*CARD_FIELDS)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["week", "irregular_until"],
    level=pghistory.Statement,
)
class Station(models.Model):
    """A service place for workers: a rest station, a drivers' home, a book room, a mother's room …

    `code` is the public one (division, kind, serial, check character); it is given once and never changes, even
    when the station moves or is found to be of another kind. Positions are WGS-84 degrees; what was given stays
    beside it with its datum.
    """

    class BuildMode(models.TextChoices):
        UNION = "union", _("Built by the union")
        PARTY_UNION = "party_union", _("Built with the Party organization")
        GOVERNMENT = "government", _("Built by the government")
        SOCIAL = "social", _("Built with society")
        INTEGRATED = "integrated", _("Integrated with other services")
        UNKNOWN = "", _("Not stated")

    class Access(models.TextChoices):
        OPEN_DOOR = "open", _("Open door")
        STAFFED = "staffed", _("Staffed")
        QR = "qr", _("By QR code")
        ID_CARD = "id_card", _("By ID card")
        FACE = "face", _("By face recognition")
        BY_HOURS = "by_hours", _("Depends on the hour")
        UNKNOWN = "", _("Not stated")

    class Accuracy(models.TextChoices):
        SURVEYED = "surveyed", _("Surveyed on site")
        MAP = "map", _("Taken from a map")
        ADDRESS = "address", _("Worked out from the address")
        UNKNOWN = "unknown", _("Not known")

    class DatePrecision(models.TextChoices):
        DAY = "day", _("the day")
        MONTH = "month", _("the month")
        YEAR = "year", _("the year")

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="stations", verbose_name=_("owning organization")
    )
    code = models.CharField(_("station code"), max_length=20, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    local_brand = models.CharField(_("local brand"), max_length=60, blank=True)
    kind = models.ForeignKey(StationKind, models.PROTECT, verbose_name=_("kind"))
    inside = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="rooms", verbose_name=_("lies inside")
    )
    build_mode = models.CharField(_("build mode"), max_length=12, choices=BuildMode, blank=True)
    host_kind = models.ForeignKey(HostKind, models.PROTECT, null=True, blank=True, verbose_name=_("kind of host"))
    host = models.ForeignKey(
        Partner, models.SET_NULL, null=True, blank=True, related_name="hosted_stations", verbose_name=_("host")
    )
    host_name = models.CharField(
        _("host as published"),
        max_length=120,
        blank=True,
        help_text=_("Where the host is no partner on record."),
    )
    co_builders = models.ManyToManyField(
        Partner, blank=True, related_name="co_built_stations", verbose_name=_("co-builders")
    )
    theme = models.CharField(_("theme"), max_length=120, blank=True)
    responsible_cadre = models.CharField(_("responsible cadre"), max_length=60, blank=True)

    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="stations", verbose_name=_("division")
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    directions = models.CharField(_("how to find it"), max_length=300, blank=True)
    latitude = models.FloatField(_("latitude (WGS-84)"), null=True, blank=True)
    longitude = models.FloatField(_("longitude (WGS-84)"), null=True, blank=True)
    given_latitude = models.FloatField(_("latitude as given"), null=True, blank=True)
    given_longitude = models.FloatField(_("longitude as given"), null=True, blank=True)
    given_datum = models.CharField(_("datum it was given in"), max_length=8, choices=Datum, blank=True)
    accuracy = models.CharField(
        _("how exact the position is"), max_length=8, choices=Accuracy, default=Accuracy.UNKNOWN
    )

    area = models.DecimalField(
        _("area in m²"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    seats = models.PositiveIntegerField(_("seats"), null=True, blank=True)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    opened_precision = models.CharField(
        _("opening date known to the"), max_length=5, choices=DatePrecision, default=DatePrecision.DAY
    )
    list_id = models.CharField(
        _("number in the source list"),
        max_length=60,
        blank=True,
        help_text=_("From the list it was imported from."),
    )
    sign_number = models.CharField(_("sign number"), max_length=60, blank=True)
    investment = models.DecimalField(
        _("investment in yuan"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    public_phone = models.CharField(_("public phone"), max_length=120, blank=True)
    keeper_name = models.CharField(_("keeper"), max_length=60, blank=True)
    keeper_phone = EncryptedTextField(_("keeper's phone"), blank=True, default="")
    keepers = models.ManyToManyField(
        "organizations.Account",
        through="stations.StationKeeper",
        related_name="kept_stations",
        verbose_name=_("keepers' accounts"),
    )

    access = models.CharField(_("way in"), max_length=8, choices=Access, blank=True)
    facilities = models.ManyToManyField(
        Facility, through="stations.StationFacility", related_name="stations", verbose_name=_("facilities")
    )
    facilities_text = models.TextField(_("facilities as published"), blank=True)
    hours_text = models.TextField(_("opening hours as published"), blank=True)
    hours_state = models.CharField(
        _("what is known of the hours"),
        max_length=8,
        choices=HoursState,
        default=HoursState.UNKNOWN,
        db_default=HoursState.UNKNOWN,
    )
    on_holidays = models.CharField(
        _("on public holidays"),
        max_length=8,
        choices=OnHolidays,
        default=OnHolidays.SUNDAY,
        db_default=OnHolidays.SUNDAY,
    )
    on_makeup_days = models.CharField(
        _("on make-up working days"),
        max_length=8,
        choices=OnMakeUpDays,
        default=OnMakeUpDays.WORKDAY,
        db_default=OnMakeUpDays.WORKDAY,
    )
    remarks = models.TextField(_("remarks"), blank=True)

    status = models.CharField(_("status"), max_length=12, choices=lifecycle.State, default=lifecycle.State.PLANNED)
    status_reason = models.CharField(_("reason for the status"), max_length=200, blank=True)
    last_confirmed_on = models.DateField(_("last confirmed on"), null=True, blank=True)
    last_confirmed_by = models.ForeignKey(
        "organizations.Account",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    # Set and cleared by `actions.feedback` alone.
    reported_locked_at = models.DateTimeField(_("reported locked since"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)

    # Derived from the fields above by `prepare`, so that a list is sorted and searched by an index.
    name_key = models.CharField(max_length=400, editable=False)
    identity = models.CharField(max_length=200, editable=False)
    initials = models.CharField(max_length=401, editable=False)  # of the name, a space, of the address
    search_text = models.TextField(editable=False)

    # Kept by triggers from the opening periods and exceptions (see `stations.models.week`).
    week = WeekField(null=True, editable=False)
    irregular_until = models.DateField(null=True, editable=False)

    objects = StationQuerySet.as_manager()

    class Meta:
        ordering = ["name_key", "id"]
        verbose_name = _("station")
        verbose_name_plural = _("stations")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(name=""),
                name="station_has_name",
                violation_error_message=_("A station needs a name."),
            ),
            models.CheckConstraint(
                condition=~models.Q(code=""),
                name="station_has_code",
                violation_error_message=_("A station needs its public code."),
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=lifecycle.State.values),
                name="station_status_known",
                violation_error_message=_("There is no such status."),
            ),
            models.CheckConstraint(
                condition=models.Q(hours_state__in=HoursState.values)
                & models.Q(on_holidays__in=OnHolidays.values)
                & models.Q(on_makeup_days__in=OnMakeUpDays.values),
                name="station_hours_settings_known",
                violation_error_message=_("There is no such setting of the opening hours."),
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                # Said in full: a condition that compares NULL is not refused.
                | models.Q(latitude__isnull=False, longitude__isnull=False)
                & models.Q(latitude__range=(3.0, 54.0), longitude__range=(73.0, 136.0)),
                name="station_position_in_china",
                violation_error_message=_("Latitude (3 to 54) and longitude (73 to 136) go together, in degrees."),
            ),
            models.CheckConstraint(
                condition=models.Q(area__isnull=True) | models.Q(area__gt=0),
                name="station_area_positive",
                violation_error_message=_("An area is more than 0 m²."),
            ),
            models.CheckConstraint(
                condition=models.Q(investment__isnull=True) | models.Q(investment__gte=0),
                name="station_investment_not_negative",
                violation_error_message=_("An investment is not below 0 yuan."),
            ),
            models.CheckConstraint(
                condition=models.Q(inside__isnull=True) | ~models.Q(inside=models.F("id")),
                name="station_not_inside_itself",
                violation_error_message=_("A station cannot lie inside itself."),
            ),
            models.UniqueConstraint(
                fields=["organization", "sign_number"],
                condition=~models.Q(sign_number=""),
                name="station_sign_number_once",
                violation_error_message=_("Another station of this organization bears this sign number."),
            ),
            # Running numbers 1, 2, 3 … come again in the next list; a real number does not.
            models.UniqueConstraint(
                fields=["organization", "list_id"],
                condition=~models.Q(list_id__regex=r"^\d{0,5}$"),
                name="station_list_id_once",
                violation_error_message=_("Another station of this organization has this number in its list."),
            ),
            models.UniqueConstraint(
                fields=["organization", "identity"],
                condition=models.Q(list_id="", sign_number="") & ~models.Q(status=lifecycle.State.CLOSED),
                name="station_name_once",
                violation_error_message=_("This organization has a station of this name already."),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "identity"], name="station_identity"),
            models.Index(fields=["division", "kind"], name="station_division_kind"),
            models.Index(fields=["name_key", "id"], name="station_name_key"),
            GistIndex(SpherePoint(models.F("latitude"), models.F("longitude")), name="station_sphere"),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="station_search_trgm"),
            GinIndex(search.Grams("search_text", "initials"), name="station_grams"),
            GinIndex(OpClass(search.spelled(), "gin_trgm_ops"), name="station_spelling"),
            models.Index(fields=["latitude", "longitude"], name="station_place"),
            # All that "open at this moment" asks of a regular station, so that counting reads no rows.
            models.Index(
                fields=["id"],
                include=["week", "irregular_until", "on_holidays", "on_makeup_days"],
                condition=models.Q(status=lifecycle.State.OPEN),
                name="station_open_week",
            ),
            models.Index(
                fields=["id"], condition=models.Q(hours_state=HoursState.ALWAYS), name="station_round_the_clock"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.prepare()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("stations:detail", args=[self.code])

    def prepare(self) -> None:
        """Work out the derived columns. Bulk writers call it; `save` does too."""
        self.name_key = sort_key(self.name)
        self.identity = identity_key(self.name)
        self.initials = f"{initials(self.name)} {initials(self.address)}"
        self.search_text = identity_key(f"{self.name}{self.local_brand}") + identity_key(self.address)
        self.updated_at = timezone.now()

    @property
    def is_public(self) -> bool:
        return self.status in lifecycle.PUBLIC_STATES

    @property
    def has_position(self) -> bool:
        return self.latitude is not None and self.longitude is not None


class StationSerial(models.Model):
    """The last serial given in a division for a kind: the counter behind the public code."""

    prefix = models.CharField(max_length=14, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("station serial")
        verbose_name_plural = _("station serials")

    def __str__(self) -> str:
        return f"{self.prefix} {self.last}"
