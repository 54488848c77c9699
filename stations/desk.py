"""Checks, honours and building on the staff's home, in the sidebar and in the words of the record."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stations.models import Appeal, BuildingProject, HostOffer, Rectification, StationAssessment, Subsidy
from stations.models.assessments import ASSESSMENTS, RECTIFICATIONS, RectificationState
from stations.models.building import PROJECTS, SUBSIDIES, Phase, SubsidyState
from stations.models.honours import APPEALS, HONOURS, AppealState
from stations.models.offers import OFFERS, OfferState
from stations.plans import counties_without_demonstration
from unionportal.audit.words import register_words
from unionportal.organizations.roles import Role
from unionportal.standards.models import Assessment
from unionportal.targets.panels import PLANS
from unionportal.workplace import Count, Entry, NavGroup, Panel, changelist, place, register_panel

STANDARDS = NavGroup(24, gettext_lazy("Checks and honours"))


def checks_panel(request: HttpRequest) -> Panel | None:
    """For the desk: what is overdue, what waits to be verified, confirmed or answered."""
    if not request.user.has_role(Role.CLERK, Role.REVIEWER):
        return None
    rows = Rectification.objects.visible_to(request.user)
    late = rows.overdue().select_related("station", "answer__criterion").order_by("due_on")
    mended = rows.filter(state=RectificationState.MENDED)
    checks = StationAssessment.objects.visible_to(request.user).filter(assessment__state=Assessment.State.SUBMITTED)
    appeals = Appeal.objects.visible_to(request.user).filter(state=AppealState.FILED)
    return Panel(
        _("Checks and rectifications"),
        counts=[
            Count(_("Overdue"), late.count(), changelist("stations.rectification", due="overdue"), late=True),
            Count(_("Mended, to be verified"), mended.count(), changelist("stations.rectification", due="mended")),
            Count(
                _("Checks to confirm"),
                checks.count(),
                changelist("stations.stationassessment", assessment__state__exact=Assessment.State.SUBMITTED.value),
            ),
            Count(
                _("Appeals to answer"),
                appeals.count(),
                changelist("stations.appeal", state__exact=AppealState.FILED.value),
                late=True,
            ),
        ],
        entries=[
            Entry(
                row.station.name,
                _("%(criterion)s, due on %(day)s") % {"criterion": row.answer.criterion, "day": row.due_on},
                reverse("admin:stations_rectification_change", args=[row.pk]),
            )
            for row in late[:6]
        ],
        empty=_("Nothing is overdue."),
    )


def keeper_panel(request: HttpRequest) -> Panel | None:
    """For a keeper: what has to be put right at his stations."""
    if not request.user.has_role(Role.STATION_KEEPER):
        return None
    rows = Rectification.objects.editable_by(request.user).owed().filter(station__station_keepers__account=request.user)
    if not rows.exists():
        return None
    return Panel(
        _("To be put right"),
        entries=[
            Entry(
                str(row.answer.criterion),
                _("%(station)s, due on %(day)s") % {"station": row.station, "day": row.due_on},
                reverse("admin:stations_rectification_change", args=[row.pk]),
            )
            for row in rows.select_related("station", "answer__criterion").order_by("due_on")[:10]
        ],
    )


def building_panel(request: HttpRequest) -> Panel | None:
    """For the desk: projects under way, subsidies to review or pay, offers to survey, counties with a gap."""
    if not request.user.has_role(Role.CLERK, Role.REVIEWER):
        return None
    projects = BuildingProject.objects.visible_to(request.user)
    subsidies = Subsidy.objects.visible_to(request.user)
    offers = HostOffer.objects.visible_to(request.user).filter(state=OfferState.PLEDGED)
    gap = counties_without_demonstration(request.user)
    return Panel(
        _("Building and subsidies"),
        counts=[
            Count(
                _("Being built"),
                projects.filter(state=Phase.BUILDING).count(),
                changelist("stations.buildingproject", state__exact=Phase.BUILDING.value),
            ),
            Count(
                _("Subsidies to review"),
                subsidies.filter(state=SubsidyState.APPLIED).count(),
                changelist("stations.subsidy", state__exact=SubsidyState.APPLIED.value),
            ),
            Count(
                _("Subsidies to pay"),
                subsidies.filter(state=SubsidyState.GRANTED).count(),
                changelist("stations.subsidy", state__exact=SubsidyState.GRANTED.value),
            ),
            Count(
                _("Offered rooms to survey"),
                offers.count(),
                changelist("stations.hostoffer", state__exact=OfferState.PLEDGED.value),
            ),
            Count(
                _("Counties without a demonstration site"),
                gap.count(),
                reverse("admin:stations_honour_gaps"),
                late=True,
            ),
        ],
    )


def register() -> None:
    """Called once when the app is ready."""
    register_panel(keeper_panel, order=12)
    register_panel(checks_panel, order=15)
    register_panel(building_panel, order=36)
    for order, (name, icon) in enumerate(
        (
            ("stationassessment", "fact_check"),
            ("rectification", "build"),
            ("honour", "kid_star"),
            ("appeal", "gavel"),
        )
    ):
        place(f"stations.{name}", STANDARDS, order=10 * order, icon=icon)
    for order, (name, icon) in enumerate(
        (
            ("buildingproject", "construction"),
            ("investmentline", "savings"),
            ("subsidy", "payments"),
            ("subsidystandard", "price_check"),
            ("hostoffer", "volunteer_activism"),
        )
    ):
        place(f"stations.{name}", PLANS, order=30 + 10 * order, icon=icon)
    tables = (ASSESSMENTS, RECTIFICATIONS, HONOURS, APPEALS, PROJECTS, SUBSIDIES, OFFERS)
    register_words(
        of="stations",
        verbs={
            **{transition.verb: transition.label for table in tables for transition in table.transitions},
            "begin_check": gettext_lazy("Began a check"),
            "nominate": gettext_lazy("Nominated"),
            "file_appeal": gettext_lazy("Filed an appeal"),
            "pledge": gettext_lazy("Entered offers of rooms"),
            "apply_for_subsidy": gettext_lazy("Applied for a subsidy"),
        },
        values={state.value: state.label for table in tables for state in table.states},
    )
