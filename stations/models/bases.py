"""Bases that tell the workers' story: main and sub-bases, exhibitions, exhibits, guides, visiting groups."""

from __future__ import annotations

import datetime

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stations.models.details import OfStationQuerySet
from stations.models.staged import Staged, ends_after, not_empty, state_known, table_of
from stations.models.stations import Station
from unionportal.organizations.models import Organization
from unionportal.scope import ScopedQuerySet


class BaseState(models.TextChoices):
    CHOSEN = "chosen", _("Chosen")
    PLANNED = "planned", _("Plan made")
    BUILT = "built", _("Built")
    OPENED = "opened", pgettext_lazy("state", "Opened")
    REVIEWED = "reviewed", _("Reviewed")


class Base(Staged):
    """A station in its role as a base of a matrix ("1+N"): one main base, sub-bases below it.

    Each has its own plan ("one plan for each enterprise") and the cadre who answers for it.
    """

    TABLE = table_of(
        "base",
        BaseState,
        ("plan", (BaseState.CHOSEN,), BaseState.PLANNED, _("Make the plan")),
        ("build", (BaseState.PLANNED,), BaseState.BUILT, _("Built")),
        ("open", (BaseState.BUILT,), BaseState.OPENED, _("Open the base")),
        ("review", (BaseState.OPENED, BaseState.REVIEWED), BaseState.REVIEWED, _("Review")),
    )
    ASKS = {"plan": ("plan", "responsible_cadre"), "review": ("review",)}

    station = models.OneToOneField(Station, models.CASCADE, related_name="base", verbose_name=_("station"))
    main = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="sub_bases", verbose_name=_("main base")
    )
    matrix = models.CharField(_("matrix"), max_length=80)
    theme = models.CharField(_("theme"), max_length=120)
    plan = models.TextField(_("plan"), blank=True)
    responsible_cadre = models.CharField(_("responsible cadre"), max_length=60, blank=True)
    review = models.CharField(_("review"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=BaseState, default=BaseState.CHOSEN, editable=False)

    objects = OfStationQuerySet.as_manager()

    class Meta:
        ordering = ["matrix", models.F("main").asc(nulls_first=True), "id"]
        verbose_name = _("base")
        verbose_name_plural = _("bases")
        constraints = [
            state_known("base_state_known", BaseState),
            not_empty("base_has_theme", "matrix", "theme"),
            models.UniqueConstraint(
                fields=["matrix"],
                condition=models.Q(main=None),
                name="base_matrix_has_one_main",
                violation_error_message=_("The matrix has its main base already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station} · {self.theme}"


class ExhibitionState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("state", "Planned")
    SET_UP = "set_up", _("Being set up")
    ON_SHOW = "on_show", _("On show")
    ARCHIVED = "archived", _("Archived")


class ExhibitionQuerySet(OfStationQuerySet):
    def on_show_on(self, day: datetime.date) -> ExhibitionQuerySet:
        ends = models.Q(until_on=None) | models.Q(until_on__gte=day)
        return self.filter(ends, state=ExhibitionState.ON_SHOW, from_on__lte=day)


class Exhibition(Staged):
    """A small exhibition inside a station, with the places in town that it leads to."""

    TABLE = table_of(
        "exhibition",
        ExhibitionState,
        ("set_up", (ExhibitionState.PLANNED,), ExhibitionState.SET_UP, _("Set up")),
        ("show", (ExhibitionState.SET_UP,), ExhibitionState.ON_SHOW, _("Put on show")),
        ("archive", (ExhibitionState.SET_UP, ExhibitionState.ON_SHOW), ExhibitionState.ARCHIVED, _("Archive")),
    )

    station = models.ForeignKey(Station, models.CASCADE, related_name="exhibitions", verbose_name=_("station"))
    title = models.CharField(_("title"), max_length=120)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True, blank=True)
    contents = models.TextField(_("what is shown"), blank=True)
    places = models.TextField(_("linked places"), blank=True, help_text=_("One a line, as on the map on the wall."))
    state = models.CharField(
        _("state"), max_length=10, choices=ExhibitionState, default=ExhibitionState.PLANNED, editable=False
    )

    objects = ExhibitionQuerySet.as_manager()

    class Meta:
        ordering = ["-from_on", "id"]
        verbose_name = _("exhibition")
        verbose_name_plural = _("exhibitions")
        constraints = [
            state_known("exhibition_state_known", ExhibitionState),
            not_empty("exhibition_has_title", "title"),
            ends_after("exhibition_ends_after_it_begins", "from_on", "until_on"),
        ]

    def __str__(self) -> str:
        return self.title


class ExhibitState(models.TextChoices):
    COLLECTED = "collected", _("Collected")
    CATALOGUED = "catalogued", _("Catalogued")
    SELECTED = "selected", _("Selected")
    SHOWN = "shown", _("Shown")
    RETURNED = "returned", _("Returned to the donor")


class ExhibitQuerySet(ScopedQuerySet["Exhibit"]):
    def pieces(self) -> dict[str, int]:
        """Pieces by kind."""
        return dict(self.order_by().values_list("kind").annotate(pieces=Sum("quantity")))


class Exhibit(Staged):
    """A photo, an object or a file that somebody gave or lent for showing. `quantity`: a box of files is one row."""

    class Kind(models.TextChoices):
        PHOTO = "photo", _("Photo")
        OBJECT = "object", pgettext_lazy("exhibit", "Object")
        FILE = "file", pgettext_lazy("exhibit", "File")

    TABLE = table_of(
        "exhibit",
        ExhibitState,
        ("catalogue", (ExhibitState.COLLECTED,), ExhibitState.CATALOGUED, _("Catalogue")),
        ("select", (ExhibitState.CATALOGUED,), ExhibitState.SELECTED, _("Select")),
        ("show", (ExhibitState.SELECTED,), ExhibitState.SHOWN, _("Put on show")),
        (
            "return",
            (ExhibitState.COLLECTED, ExhibitState.CATALOGUED, ExhibitState.SELECTED, ExhibitState.SHOWN),
            ExhibitState.RETURNED,
            _("Return to the donor"),
        ),
    )
    ASKS = {"show": ("exhibition",)}

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="exhibits", verbose_name=_("collecting organization")
    )
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    quantity = models.PositiveIntegerField(_("quantity"), default=1, validators=[MinValueValidator(1)])
    donor = models.CharField(_("given or lent by"), max_length=120)
    collected_on = models.DateField(_("collected on"), default=timezone.localdate)
    exhibition = models.ForeignKey(
        Exhibition, models.SET_NULL, null=True, blank=True, related_name="exhibits", verbose_name=_("exhibition")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ExhibitState, default=ExhibitState.COLLECTED, editable=False
    )

    objects = ExhibitQuerySet.as_manager()

    class Meta:
        ordering = ["-collected_on", "-id"]
        verbose_name = _("exhibit")
        verbose_name_plural = _("exhibits")
        constraints = [
            state_known("exhibit_state_known", ExhibitState),
            not_empty("exhibit_has_name_and_donor", "name", "donor"),
        ]

    def __str__(self) -> str:
        return self.name


class GuideState(models.TextChoices):
    TRAINING = "training", _("In training")
    LISTED = "listed", _("On the roster")
    RETIRED = "retired", _("No longer guiding")


class Guide(Staged):
    """Somebody who leads groups through a base, in one of five tiers."""

    class Tier(models.TextChoices):
        DISTRICT = "district", _("District union cadre")
        STREET = "street", _("Street union cadre")
        COMMUNITY_UNION = "community_union", _("Community union cadre")
        SOCIAL_UNION_WORKER = "social_union_worker", _("Social union worker")
        COMMUNITY_WORKER = "community_worker", _("Community worker")

    TABLE = table_of(
        "guide",
        GuideState,
        ("list", (GuideState.TRAINING, GuideState.RETIRED), GuideState.LISTED, _("Put on the roster")),
        ("retire", (GuideState.TRAINING, GuideState.LISTED), GuideState.RETIRED, _("Take off the roster")),
    )
    ASKS = {"list": ("trained_on",)}

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="guides", verbose_name=_("union"))
    name = models.CharField(_("guide"), max_length=60)
    tier = models.CharField(_("tier"), max_length=20, choices=Tier)
    trained_on = models.DateField(_("trained on"), null=True, blank=True)
    training = models.CharField(_("training"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=GuideState, default=GuideState.TRAINING, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["tier", "name", "id"]
        verbose_name = _("guide")
        verbose_name_plural = _("guides")
        constraints = [state_known("guide_state_known", GuideState), not_empty("guide_has_name", "name")]

    def __str__(self) -> str:
        return f"{self.name}（{self.get_tier_display()}）"


class GroupVisitState(models.TextChoices):
    REQUESTED = "requested", pgettext_lazy("group visit", "Requested")
    CONFIRMED = "confirmed", pgettext_lazy("state", "Confirmed")
    VISITED = "visited", _("Visited")
    CANCELLED = "cancelled", pgettext_lazy("state", "Cancelled")


class GroupVisitQuerySet(OfStationQuerySet):
    def counted(self) -> tuple[int, int]:
        """(groups, people) that came."""
        came = self.filter(state=GroupVisitState.VISITED).aggregate(n=models.Count("pk"), people=Sum("came"))
        return came["n"], came["people"] or 0


class GroupVisit(Staged):
    """A group's booking of a base: requested, confirmed with a guide, visited and counted."""

    TABLE = table_of(
        "groupvisit",
        GroupVisitState,
        ("confirm", (GroupVisitState.REQUESTED,), GroupVisitState.CONFIRMED, _("Confirm with a guide")),
        ("count", (GroupVisitState.CONFIRMED,), GroupVisitState.VISITED, _("Count")),
        (
            "cancel",
            (GroupVisitState.REQUESTED, GroupVisitState.CONFIRMED),
            GroupVisitState.CANCELLED,
            _("Cancel"),
        ),
    )
    ASKS = {"confirm": ("guide",), "count": ("came", "feedback")}

    station = models.ForeignKey(Station, models.CASCADE, related_name="group_visits", verbose_name=_("base"))
    group = models.CharField(_("visiting unit"), max_length=120)
    size = models.PositiveIntegerField(_("people announced"), validators=[MinValueValidator(1)])
    at = models.DateTimeField(_("at"))
    guide = models.ForeignKey(
        Guide, models.SET_NULL, null=True, blank=True, related_name="group_visits", verbose_name=_("guide")
    )
    came = models.PositiveIntegerField(_("people who came"), null=True, blank=True)
    feedback = models.CharField(_("feedback"), max_length=300, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=GroupVisitState, default=GroupVisitState.REQUESTED, editable=False
    )

    objects = GroupVisitQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("group visit")
        verbose_name_plural = _("group visits")
        constraints = [
            state_known("group_visit_state_known", GroupVisitState),
            not_empty("group_visit_has_group", "group"),
            models.UniqueConstraint(
                fields=["guide", "at"],
                condition=models.Q(state=GroupVisitState.CONFIRMED),
                name="group_visit_guide_once",
                violation_error_message=_("The guide leads another group at that time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} · {timezone.localtime(self.at):%Y-%m-%d %H:%M}"
