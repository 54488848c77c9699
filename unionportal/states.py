"""What can happen to a thing in each of its states, as one table that code, admin and documents share.

    APPROVE = Transition("approve", {Status.APPLIED}, Status.MEMBER, "members.approve", _("Approve"))
    TABLE = StateTable(Status, [APPROVE])
    application.status = TABLE.target(application.status, "approve")

The table decides what is possible, never who may: each transition names a permission for the caller to check.
"""

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _


class TransitionRefused(Exception):
    """The verb is not possible in this state. `message` is translated and says what is possible instead."""

    def __init__(self, message: str, *, state: str, verb: str) -> None:
        super().__init__(message)
        self.message, self.state, self.verb = message, state, verb


@dataclass(frozen=True)
class Transition:
    """`verb` leads from any of `sources` to `target`; `permission` is "app.codename" or "" for anybody."""

    verb: str
    sources: Set[str]
    target: str
    permission: str
    label: str | Promise


class StateTable:
    """The transitions of one kind of thing, checked against its states when the module is imported.

    `initial` states, if given, must reach every other one. Raises `ValueError` on an unknown or unreachable
    state, a transition without sources, or a verb with two targets from one state.
    """

    def __init__(
        self, states: type[TextChoices], transitions: Iterable[Transition], *, initial: Iterable[str] = ()
    ) -> None:
        self.states = states
        self.transitions = tuple(transitions)
        self._by_state_and_verb: dict[tuple[str, str], Transition] = {}
        for transition in self.transitions:
            self._add(transition)
        self._refuse_unreachable({str(state) for state in initial})

    def _add(self, transition: Transition) -> None:
        unknown = {*transition.sources, transition.target} - set(self.states.values)
        if unknown or not transition.sources:
            raise ValueError(f"{transition.verb}: unknown states {sorted(unknown)} or no source state")
        for source in transition.sources:
            if (source, transition.verb) in self._by_state_and_verb:
                raise ValueError(f"{transition.verb} leaves {source} twice")
            self._by_state_and_verb[source, transition.verb] = transition

    def _refuse_unreachable(self, reached: set[str]) -> None:
        if not reached:
            return
        while more := {t.target for t in self.transitions if t.sources & reached} - reached:
            reached = reached | more
        if lost := set(self.states.values) - reached:
            raise ValueError(f"no transition reaches {sorted(lost)}")

    def allowed(self, state: str, has_perm: Callable[[str], bool] | None = None) -> list[Transition]:
        """What can happen in `state`, in table order; with `user.has_perm`, only what that user may do."""
        return [
            transition
            for transition in self.transitions
            if str(state) in transition.sources
            and (has_perm is None or not transition.permission or has_perm(transition.permission))
        ]

    def transition(self, state: str, verb: str) -> Transition:
        """The transition that `verb` makes from `state`. Raises `TransitionRefused`."""
        found = self._by_state_and_verb.get((str(state), verb))
        if found is None:
            raise TransitionRefused(self._refusal(state, verb), state=str(state), verb=verb)
        return found

    def target(self, state: str, verb: str) -> str:
        """The state after `verb`. Raises `TransitionRefused`."""
        return self.transition(state, verb).target

    def _refusal(self, state: str, verb: str) -> str:
        label = self.states(state).label if state in self.states.values else state
        verbs = {t.verb: str(t.label) for t in self.transitions}
        names = {"verb": verbs.get(verb, verb), "state": label}
        possible = [str(t.label) for t in self.allowed(state)]
        if not possible:
            return _("“%(verb)s” is not possible: the state is “%(state)s”, which is final.") % names
        names["possible"] = _(", ").join(possible)
        return _("“%(verb)s” is not possible: the state is “%(state)s”. Possible now: %(possible)s.") % names

    def as_rows(self) -> list[tuple[str, str, str, str]]:
        """(state, verb, next state, permission) with labels where people read them, one row per source."""
        order = self.states.values
        return [
            (str(self.states(s).label), str(t.label), str(self.states(t.target).label), t.permission)
            for t in self.transitions
            for s in sorted(t.sources, key=order.index)
        ]

    def as_mermaid(self) -> str:
        """The table as a mermaid state diagram, with the stable keys of states and verbs."""
        order = self.states.values
        lines = [
            f"    {source} --> {t.target}: {t.verb}"
            for t in self.transitions
            for source in sorted(t.sources, key=order.index)
        ]
        return "\n".join(["stateDiagram-v2", *lines])
