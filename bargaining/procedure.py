"""Where a negotiation stands: which deadlines run, with their proof, and what a step still lacks.

`missing` is asked by the page, which shows the answer, and by the action, which refuses: one rule, two readers.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bargaining.models import Agreement, DeadlineRule, Event, Negotiation, Representative, RuleSet, Step, Topic
from unionportal.organizations.models.calendar import overrides
from unionportal.workdays import Deadline, Overrides

# Verb of a step -> events it makes happen, and whether the day of receipt counts.
_EVENTS_OF: dict[str, tuple[tuple[Event, bool], ...]] = {
    "offer": ((Event.OFFER_SENT, False), (Event.OFFER_RECEIVED, True)),
    "accept": ((Event.REPLY_AGREED, False),),
    "meet": ((Event.MEETING, False),),
    "suspend": ((Event.SUSPENSION, False),),
    "draft": ((Event.CONSENSUS, False),),
    "pass_vote": ((Event.VOTE_NOTICE, True),),
    "sign": ((Event.SIGNATURE, False),),
    "file": ((Event.FILING_RECEIVED, True),),
    "take_effect": ((Event.EFFECT, False),),
}
# Step of a rule set -> verbs that fulfil it. Other rules are shown as duties and not followed up.
_FULFILLED_BY = {
    "reply": {"accept", "refuse"},
    "negotiation-ends": {"sign"},
    "resume": {"resume"},
    "vote": {"pass_vote", "fail_vote"},
    "vote-again": {"pass_vote", "fail_vote"},
    "file": {"file"},
    "effect": {"take_effect"},
    "publish": {"publish"},
}


@dataclass(frozen=True)
class Due:
    """A time limit of the rule set at work in a negotiation.

    `deadline` is None for a duty without a number of days ("promptly").
    """

    rule: DeadlineRule
    start: datetime.date
    deadline: Deadline | None
    done_on: datetime.date | None
    is_followed: bool

    def is_open(self) -> bool:
        return self.is_followed and self.done_on is None

    def is_late(self, day: datetime.date | None = None) -> bool:
        """Past the latest day it can fall on; where that is not certain, a doubt counts for the one who owes.

        When the authority's time to object runs out nobody is late: the agreement is in force.
        """
        if not self.is_followed or self.deadline is None or self.rule.duty == DeadlineRule.Duty.AUTHORITY:
            return False
        return (self.done_on or day or timezone.localdate()) > self.deadline.latest


@dataclass(frozen=True)
class _Happened:
    on: datetime.date
    position: int


def _events(steps: Sequence[Step]) -> dict[str, _Happened]:
    """The last time each event happened; of meetings the first since the last reply, which opens the time."""
    events: dict[str, _Happened] = {}
    drafts = 0
    for position, step in enumerate(steps):
        if step.verb == "accept":
            events.pop(Event.MEETING, None)
        drafts += step.verb == "draft"
        for event, by_receipt in _EVENTS_OF.get(step.verb, ()):
            if event == Event.MEETING and event in events:
                continue
            if event == Event.CONSENSUS and drafts > 1:
                event = Event.REVISED_CONSENSUS
            day = step.received_on if by_receipt and step.received_on else step.on
            events[event] = _Happened(day, position)
    return events


def deadlines(negotiation: Negotiation, days: Overrides | None = None) -> list[Due]:
    """Every time limit that runs or has run, in the order of the rule set.

    `days` is the holiday table; hand it on when asking for many negotiations.
    """
    days = overrides() if days is None else days
    steps = list(negotiation.steps.all())
    events = _events(steps)
    agreement: Agreement | None = getattr(negotiation, "agreement", None)
    if agreement is not None and Event.EFFECT in events:
        events[Event.TERM_END] = _Happened(agreement.term_to, len(steps))
    found = []
    for rule in negotiation.rule_set.rules.all():
        happened = events.get(rule.event)
        if happened is None:
            continue
        fulfilling = _FULFILLED_BY.get(rule.step, set())
        later = (step for step in steps[happened.position + 1 :] if step.verb in fulfilling)
        done = next(later, None)
        deadline = rule.due(happened.on, days) if rule.count is not None else None
        found.append(Due(rule, happened.on, deadline, done.on if done else None, bool(fulfilling)))
    return found


def next_due(negotiation: Negotiation, days: Overrides | None = None) -> Due | None:
    """The open deadline that comes first."""
    running = [due for due in deadlines(negotiation, days) if due.is_open() and due.deadline is not None]
    return min(running, key=lambda due: due.deadline.earliest, default=None)  # type: ignore[union-attr]


# --- What a step still lacks ---------------------------------------------------------------------------------


def missing(negotiation: Negotiation, verb: str, on: datetime.date | None = None) -> list[str]:
    """What must be there before `verb` may happen on the day `on` (today), in words for the clerk.

    Empty where nothing is missing. The transition table says apart from this whether the state allows it.
    """
    day = on or timezone.localdate()
    return [text for check in _CHECKS.get(verb, ()) for text in check(negotiation, day)]


def _parties(negotiation: Negotiation, day: datetime.date) -> Iterator[str]:
    if not negotiation.employers.exists():
        yield _("Name at least one employer.")


def _topics(negotiation: Negotiation, day: datetime.date) -> Iterator[str]:
    if not negotiation.topics.exists():
        yield _("Write at least one topic with its demand.")


def _representatives(negotiation: Negotiation, day: datetime.date) -> Iterator[str]:
    """Numbers, chiefs and shares; the law's floor of three a side holds for every set."""
    people = list(negotiation.representatives.all())
    sides = {side: [p for p in people if p.side == side] for side in Representative.Side}
    rules = negotiation.rule_set
    for side, members in sides.items():
        yield from _one_side(rules, negotiation.is_large, side, members)
    workers, employer = len(sides[Representative.Side.WORKERS]), len(sides[Representative.Side.EMPLOYER])
    numbers = {"workers": workers, "employer": employer, "article": rules.representatives_article}
    if rules.representatives_equal and workers != employer:
        yield (
            _(
                "The sides have equal numbers of representatives (%(article)s): "
                "workers %(workers)d, employer %(employer)d."
            )
            % numbers
        )
    elif employer > workers:
        yield (
            _("The employer's side is not the larger one (%(article)s): workers %(workers)d, employer %(employer)d.")
            % numbers
        )
    front = sum(p.is_front_line for p in sides[Representative.Side.WORKERS])
    if rules.front_line_third and workers and front * 3 < workers:
        yield _("A third of the workers' representatives come from the front line: %(count)d of %(all)d do.") % {
            "count": front,
            "all": workers,
        }


def _one_side(
    rules: RuleSet, is_large: bool, side: Representative.Side, members: list[Representative]
) -> Iterator[str]:
    least = rules.representatives_min
    if is_large and rules.representatives_min_large:
        least = rules.representatives_min_large
    words = {"side": side.label, "count": len(members), "least": least, "most": rules.representatives_max}
    if len(members) < least:
        yield _("%(side)s: at least %(least)d representatives, there are %(count)d.") % words
    if rules.representatives_max and len(members) > rules.representatives_max:
        yield _("%(side)s: at most %(most)d representatives, there are %(count)d.") % words
    if sum(p.is_chief for p in members) != 1:
        yield _("%(side)s: name one chief representative.") % words
    if rules.outside_third and sum(p.is_outside for p in members) * 3 > len(members):
        yield _("%(side)s: at most a third come from outside.") % words


def _meeting(negotiation: Negotiation, day: datetime.date) -> Iterator[str]:
    if not negotiation.steps.filter(verb="meet").exists():
        yield _("Record at least one meeting.")


def _outcomes(negotiation: Negotiation, day: datetime.date) -> Iterator[str]:
    topics = list(negotiation.topics.all())
    pending = [topic for topic in topics if topic.outcome == Topic.Outcome.PENDING]
    if pending:
        yield ngettext(
            "%(count)d topic has no outcome yet: %(topics)s.",
            "%(count)d topics have no outcome yet: %(topics)s.",
            len(pending),
        ) % {"count": len(pending), "topics": "、".join(topic.get_subject_display() for topic in pending)}
    elif not any(topic.outcome in Topic.SETTLED_WELL for topic in topics):
        yield _("Nothing has been agreed, so there is nothing to put into a draft.")


def _draft(negotiation: Negotiation, day: datetime.date) -> Iterator[str]:
    """The draft as voted on: there, with clauses, for a term the law allows."""
    agreement: Agreement | None = getattr(negotiation, "agreement", None)
    if agreement is None:
        yield _("There is no draft agreement.")
        return
    if not agreement.clauses.exists():
        yield _("The agreement has no clause.")
    rules = negotiation.rule_set
    if not rules.term_fits(agreement.term_from, agreement.term_to):
        yield _("The term must be %(least)d to %(most)d years (%(article)s).") % {
            "least": rules.term_years_min,
            "most": rules.term_years_max,
            "article": rules.term_article,
        }


def _vote(negotiation: Negotiation, day: datetime.date) -> Iterator[str]:
    vote = negotiation.votes.last()
    if vote is None or not vote.passed:
        yield _("The draft has not passed a vote.")


def _objection_time(negotiation: Negotiation, day: datetime.date) -> Iterator[str]:
    """In force when the authority's time to object has run out (Labour Contract Law 54)."""
    due = next((due for due in deadlines(negotiation) if due.rule.step == "effect"), None)
    if due is None or due.deadline is None or day > due.deadline.latest:
        return
    yield _("The authority may object until %(day)s (%(article)s).") % {
        "day": date_format(due.deadline.latest),
        "article": due.deadline.article,
    }


def _coverage(negotiation: Negotiation, day: datetime.date) -> Iterator[str]:
    agreement: Agreement | None = getattr(negotiation, "agreement", None)
    if agreement is not None and not agreement.workers_covered:
        yield _("Say how many workers the agreement covers.")


_Check = Callable[[Negotiation, datetime.date], Iterator[str]]
_CHECKS: dict[str, tuple[_Check, ...]] = {
    "offer": (_parties, _topics),
    "meet": (_representatives,),
    "draft": (_representatives, _meeting, _outcomes),
    "pass_vote": (_draft,),
    "fail_vote": (_draft,),
    "sign": (_vote, _draft, _representatives),
    "file": (_draft,),
    "take_effect": (_objection_time,),
    "publish": (_draft, _coverage),
}
