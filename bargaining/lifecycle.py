"""The life of a negotiation as a transition table, from the offer to the published agreement."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from unionportal.states import StateTable, Transition


class State(models.TextChoices):
    PREPARING = "preparing", _("Preparing the offer")
    OFFERED = "offered", _("Offer made")
    REFUSED = "refused", _("Offer refused")
    NEGOTIATING = "negotiating", _("Negotiating")
    SUSPENDED = "suspended", _("Negotiation suspended")
    DRAFTED = "drafted", _("Draft agreed, to be voted on")
    PASSED = "passed", _("Vote passed, to be signed")
    SIGNED = "signed", _("Signed, to be filed")
    FILED = "filed", _("Filed, under review")
    OBJECTED = "objected", _("Objection by the labour authority")
    IN_FORCE = "in_force", _("In force, to be published")
    PUBLISHED = "published", _("Published")
    ENDED = "ended", _("Ended without agreement")


BEFORE_SIGNATURE = frozenset(
    {
        State.PREPARING,
        State.OFFERED,
        State.REFUSED,
        State.NEGOTIATING,
        State.SUSPENDED,
        State.DRAFTED,
        State.PASSED,
        State.OBJECTED,
    }
)
CLOSED = (State.PUBLISHED, State.ENDED)

PROGRESS = "bargaining.progress_negotiation"
CONFIRM = "bargaining.confirm_negotiation"

LIFECYCLE = StateTable(
    State,
    [
        Transition("offer", {State.PREPARING, State.REFUSED}, State.OFFERED, PROGRESS, _("Make the offer")),
        Transition("accept", {State.OFFERED, State.REFUSED}, State.NEGOTIATING, PROGRESS, _("Reply: agrees")),
        Transition("refuse", {State.OFFERED}, State.REFUSED, PROGRESS, _("Reply: refuses")),
        Transition("meet", {State.NEGOTIATING}, State.NEGOTIATING, PROGRESS, _("Hold a meeting")),
        Transition("suspend", {State.NEGOTIATING}, State.SUSPENDED, PROGRESS, _("Suspend the negotiation")),
        Transition("resume", {State.SUSPENDED}, State.NEGOTIATING, PROGRESS, _("Resume the negotiation")),
        Transition("draft", {State.NEGOTIATING}, State.DRAFTED, PROGRESS, _("Agree on a draft")),
        Transition("pass_vote", {State.DRAFTED}, State.PASSED, PROGRESS, _("Vote: passed")),
        Transition("fail_vote", {State.DRAFTED}, State.NEGOTIATING, PROGRESS, _("Vote: not passed")),
        Transition("sign", {State.PASSED}, State.SIGNED, PROGRESS, _("Sign")),
        Transition("file", {State.SIGNED}, State.FILED, PROGRESS, _("File with the labour authority")),
        Transition("object", {State.FILED}, State.OBJECTED, PROGRESS, _("Objection received")),
        Transition("reopen", {State.OBJECTED}, State.NEGOTIATING, PROGRESS, _("Negotiate the objection")),
        Transition("take_effect", {State.FILED}, State.IN_FORCE, CONFIRM, _("Confirm that it is in force")),
        Transition("publish", {State.IN_FORCE}, State.PUBLISHED, CONFIRM, _("Publish")),
        Transition("end", set(BEFORE_SIGNATURE), State.ENDED, CONFIRM, _("End without agreement")),
    ],
    initial=[State.PREPARING],
)

# Steps that need words: why it was refused, suspended, objected to or ended.
NEED_REASON = frozenset({"refuse", "suspend", "object", "end"})
# Steps that need evidence, a file or a description of where it lies.
NEED_EVIDENCE = frozenset({"offer", "accept", "meet", "draft", "sign", "file"})
