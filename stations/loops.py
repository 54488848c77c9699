"""Three loops of a station, each from what was said to what came of it: need → action, inspection → mended,
rating → answer. Staff follow them on one page with dates and names; visitors see what was answered and put right.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Prefetch, Q
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from stations.models import Appeal, Honour, HonourDecision, Rectification, Station, StationAssessment
from stations.models.assessments import RectificationState
from stations.models.feedback import Feedback
from stations.models.honours import AppealState
from unionportal.standards.models import Assessment
from unionportal.tickets.categories import label_of
from unionportal.tickets.lifecycle import TICKET
from unionportal.tickets.models import Ticket, TicketEvent

SHOWN = 20  # of each loop, the newest
SHOWN_TO_VISITORS = 5


@dataclass(frozen=True)
class Step:
    """One thing that happened; `at` in the local time zone, at midnight where only the day is known."""

    at: datetime.datetime
    what: str
    who: str = ""
    text: str = ""
    is_day: bool = False


@dataclass(frozen=True)
class Loop:
    """What was said or found, its state today, and its steps, the first one first."""

    title: str
    state: str
    address: str
    steps: list[Step]

    @property
    def latest(self) -> datetime.datetime:
        return max(step.at for step in self.steps)


def _step(at: datetime.date | datetime.datetime, what: Any, who: Any = "", text: str = "") -> Step:
    if isinstance(at, datetime.datetime):
        return Step(timezone.localtime(at), str(what), str(who or ""), text)
    midnight = timezone.make_aware(datetime.datetime.combine(at, datetime.time()))
    return Step(midnight, str(what), str(who or ""), text, is_day=True)


def _newest_first(loops: Iterable[Loop]) -> list[Loop]:
    return sorted(loops, key=lambda loop: loop.latest, reverse=True)


# --- Need → action --------------------------------------------------------------------------------------------


def needs(station: Station, user: Any) -> list[Loop]:
    """What visitors and staff reported of the station and `user` may see, with all that was done. Thanks owe nothing
    and are left out.
    """
    rows = Ticket.objects.visible_to(user).filter(station_link__station=station).exclude(category=Feedback.THANKS)
    events = TicketEvent.objects.select_related("by")
    rows = rows.prefetch_related(Prefetch("events", queryset=events), "referrals__partner")
    return _newest_first(_need(ticket) for ticket in rows[:SHOWN])


def _need(ticket: Ticket) -> Loop:
    own = {"report": _("Reported"), "escalate": _("Escalated: overdue")}
    verbs = {transition.verb: transition.label for transition in TICKET.transitions}
    partners = {referral.need: f"{referral.partner}: {referral.need}" for referral in ticket.referrals.all()}
    texts = {"report": ticket.text}
    steps = [
        _step(
            event.at,
            own.get(event.verb) or verbs.get(event.verb, event.verb),
            event.by,
            texts.get(event.verb) or partners.get(event.text, event.text),
        )
        for event in ticket.events.all()
    ]
    address = reverse("admin:tickets_ticket_change", args=[ticket.pk])
    return Loop(ticket.category_label, ticket.get_state_display(), address, steps)


# --- Inspection → mended --------------------------------------------------------------------------------------


def inspections(station: Station, user: Any) -> list[Loop]:
    """What checks of the station found unmet and `user` may see, until it was mended and verified."""
    rows = (
        Rectification.objects.visible_to(user)
        .filter(station=station)
        .select_related("answer__criterion", "answer__assessment__confirmed_by", "mended_by", "verified_by")
        .order_by("-answer__assessment__confirmed_at", "-pk")
    )
    return _newest_first(map(_inspection, rows[:SHOWN]))


def _inspection(row: Rectification) -> Loop:
    check = row.answer.assessment
    due = _("to be put right by %(day)s") % {"day": row.due_on.isoformat()}
    found = _("Found at the %(level)s") % {"level": check.get_level_display()}
    steps = [_step(check.confirmed_at or check.assessed_on, found, check.confirmed_by, due)]
    if row.mended_on:
        steps.append(_step(row.mended_on, _("Reported as mended"), row.mended_by, row.mended_note))
    if row.verified_on:
        steps.append(_step(row.verified_on, _("Verified as mended"), row.verified_by))
    state = row.get_state_display()
    return Loop(
        row.answer.criterion.text,
        f"{state}: {row.state_reason}" if row.state_reason else state,
        reverse("admin:stations_rectification_change", args=[row.pk]),
        steps,
    )


# --- Rating → answer ------------------------------------------------------------------------------------------


def ratings(station: Station, user: Any) -> list[Loop]:
    """Stars, titles and checks of the station that `user` may see, with what was decided, objected and answered."""
    appeals = Prefetch(
        "appeals",
        queryset=Appeal.objects.visible_to(user).select_related("filed_by", "answered_by").order_by("filed_at"),
    )
    decided = HonourDecision.objects.select_related("decided_by").prefetch_related(appeals).order_by("decided_at")
    honours = Honour.objects.visible_to(user).filter(station=station).exclude(published_on=None)
    honours = honours.prefetch_related(Prefetch("decisions", queryset=decided))
    checks = (
        StationAssessment.objects.visible_to(user)
        .filter(station=station, assessment__confirmed_at__isnull=False)
        .select_related("assessment__standard", "assessment__grade", "assessment__confirmed_by")
        .prefetch_related(appeals)
    )
    return _newest_first([*map(_honour, honours[:SHOWN]), *map(_check, checks[:SHOWN])])[:SHOWN]


def _honour(honour: Honour) -> Loop:
    steps = [_step(honour.published_on, _("Published"), "", honour.document)]  # type: ignore[arg-type]
    for decision in honour.decisions.all():
        changed = f"{decision.stars_before} → {decision.stars_after or '—'} " if decision.stars_before else ""
        steps.append(_step(decision.decided_at, decision.label, decision.decided_by, f"{changed}{decision.reason}"))
        steps += _objections(decision.appeals.all())
    address = reverse("admin:stations_honour_change", args=[honour.pk])
    steps.sort(key=lambda step: step.at)
    return Loop(f"{honour.year} {honour.title}", honour.get_state_display(), address, steps)


def _check(row: StationAssessment) -> Loop:
    check = row.assessment
    result = f"{check.points} / {check.out_of}" + (f" {check.grade}" if check.grade else "")
    steps = [_step(check.confirmed_at, _("Check confirmed"), check.confirmed_by, result)]  # type: ignore[arg-type]
    steps += _objections(row.appeals.all())
    address = reverse("admin:stations_stationassessment_change", args=[row.pk])
    return Loop(f"{check} · {check.standard}", row.get_state_display(), address, steps)


def _objections(appeals: Iterable[Appeal]) -> list[Step]:
    steps = []
    for appeal in appeals:
        steps.append(_step(appeal.filed_at, _("Appeal filed"), appeal.filed_by, appeal.grounds))
        if appeal.answered_at:
            steps.append(_step(appeal.answered_at, appeal.get_state_display(), appeal.answered_by, appeal.answer))
    return steps


# --- What visitors see ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PublicAnswer:
    """One public answer, to one report or to several that were answered together."""

    category: str
    answer: str
    reports: int
    first: datetime.datetime
    last: datetime.datetime
    answered_at: datetime.datetime


def public_answers(station: Station, most: int = SHOWN_TO_VISITORS) -> list[PublicAnswer]:
    """The last `most` public answers of the station, the latest first; the same words to several reports of one kind
    on one day are one answer.
    """
    joint = (
        station.station_tickets.publicly_answered()
        .order_by()
        .values("ticket__category", "ticket__answer", day=TruncDate("ticket__answered_at"))
        .annotate(
            reports=Count("pk"),
            first=Min("ticket__reported_at"),
            last=Max("ticket__reported_at"),
            answered_at=Max("ticket__answered_at"),
        )
        .order_by("-answered_at", "ticket__category", "ticket__answer")
    )
    return [
        PublicAnswer(
            label_of(row["ticket__category"]),
            row["ticket__answer"],
            row["reports"],
            row["first"],
            row["last"],
            row["answered_at"],
        )
        for row in joint[:most]
    ]


def put_right(request: HttpRequest, station: Station) -> tuple[str, dict[str, Any]] | None:
    """A part of the station's page: what checks found and was verified as mended, and appeals with their answers.

    No names: neither of who mended nor of who decided.
    """
    mended = (
        Rectification.objects.filter(station=station, state=RectificationState.VERIFIED)
        .exclude(answer__assessment__state=Assessment.State.SET_ASIDE)
        .select_related("answer__criterion", "answer__assessment")
        .order_by("-verified_on", "-pk")
    )
    answered = (
        Appeal.objects.filter(station=station, state__in=(AppealState.UPHELD, AppealState.REFUSED))
        .filter(Q(check_made=None) | ~Q(check_made__assessment__level=Assessment.Level.SELF))
        .select_related("decision__honour", "check_made__assessment")
        .order_by("-answered_at", "-pk")
    )
    context = {
        "mended": list(mended[:SHOWN_TO_VISITORS]),
        "appeals": [(appeal, _against(appeal)) for appeal in answered[:SHOWN_TO_VISITORS]],
    }
    return ("stations/_put_right.html", context) if any(context.values()) else None


def _against(appeal: Appeal) -> str:
    if appeal.decision is not None:
        return f"{appeal.decision.honour.year} {appeal.decision.honour.title} {appeal.decision.label}"
    return str(appeal.check_made.assessment)  # type: ignore[union-attr]
