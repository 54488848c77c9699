"""A negotiation as a ladder for the page: every rung with what happened, what is due, and what is missing."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bargaining import lifecycle
from bargaining.models import Negotiation, Step, Vote
from bargaining.procedure import Due, deadlines, missing
from unionportal.organizations.models import Account

DONE, NEXT, LATER = "done", "next", "later"


@dataclass(frozen=True)
class _Place:
    """A rung's name, the verbs that bring it about, and the steps of a rule set that are shown on it."""

    name: str | Promise
    verbs: tuple[str, ...]
    due_steps: tuple[str, ...] = ()


_PLACES = (
    _Place(_("Offer"), ("offer",)),
    _Place(_("Reply"), ("accept", "refuse"), ("reply",)),
    _Place(
        _("Meetings"),
        ("meet", "suspend", "resume", "reopen"),
        ("name-representatives", "publish-representatives", "materials", "report-up", "resume"),
    ),
    _Place(_("Draft"), ("draft",)),
    _Place(_("Vote"), ("pass_vote", "fail_vote"), ("vote", "vote-again")),
    _Place(_("Signature"), ("sign",), ("negotiation-ends",)),
    _Place(_("Filing"), ("file", "object"), ("file",)),
    _Place(_("In force"), ("take_effect",), ("effect",)),
    _Place(_("Publication"), ("publish",), ("publish", "renewal-opens")),
)
_VOTE = frozenset({"pass_vote", "fail_vote"})


@dataclass(frozen=True)
class Choice:
    """A step that can be recorded now, and what it still lacks today."""

    verb: str
    label: str | Promise
    lacking: list[str]


@dataclass
class Rung:
    name: str | Promise
    standing: str
    steps: list[Step] = field(default_factory=list)
    dues: list[Due] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    votes: list[Vote] = field(default_factory=list)

    @property
    def is_late(self) -> bool:
        return any(due.is_late() for due in self.dues)

    @property
    def last_day(self) -> datetime.date | None:
        return self.steps[-1].on if self.steps else None


def choices(negotiation: Negotiation, user: Account, day: datetime.date | None = None) -> list[Choice]:
    """What `user` may record next, in the order of the table; the two outcomes of a vote are one choice."""
    found: dict[str, Choice] = {}
    for transition in lifecycle.LIFECYCLE.allowed(negotiation.state, lambda p: user.has_perm(p, negotiation)):
        verb = "vote" if transition.verb in _VOTE else transition.verb
        label = _("Record the vote") if verb == "vote" else transition.label
        if verb not in found:
            found[verb] = Choice(verb, label, missing(negotiation, transition.verb, day))
    return list(found.values())


def ladder(negotiation: Negotiation, user: Account) -> list[Rung]:
    """The rungs from the offer to the publication."""
    steps: Sequence[Step] = list(negotiation.steps.select_related("recorded_by"))
    dues = deadlines(negotiation)
    offered = choices(negotiation, user)
    reached = _reached(negotiation.state)
    rungs = []
    for index, place in enumerate(_PLACES):
        verbs = {"vote"} if _VOTE & set(place.verbs) else set(place.verbs)
        rung = Rung(place.name, DONE if index < reached else NEXT if index == reached else LATER)
        rung.steps = [step for step in steps if step.verb in place.verbs]
        rung.dues = [due for due in dues if due.rule.step in place.due_steps]
        rung.choices = [choice for choice in offered if choice.verb in verbs]
        rung.votes = list(negotiation.votes.all()) if "vote" in verbs else []
        rungs.append(rung)
    return rungs


def _reached(state: str) -> int:
    """Index of the rung that comes next in this state."""
    s = lifecycle.State
    order = (
        {s.PREPARING},
        {s.OFFERED, s.REFUSED},
        {s.NEGOTIATING, s.SUSPENDED, s.OBJECTED},
        set(),
        {s.DRAFTED},
        {s.PASSED},
        {s.SIGNED},
        {s.FILED},
        {s.IN_FORCE},
        {s.PUBLISHED},
    )
    return next((index for index, states in enumerate(order) if state in states), len(order))
