"""Membership and applications as transition tables.

会籍 follows the employment (《工会会员会籍管理办法》2016, arts 2-5): one joining, transfers afterwards; it is kept
in retirement, unemployment or after the unit closed, and ends by leaving, lapse or expulsion.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from unionportal.states import StateTable, Transition


class State(models.TextChoices):
    ACTIVE = "active", _("On the register")
    TRANSFERRING = "transferring", _("Being transferred")
    RETAINED = "retained", _("Membership retained")
    LEFT = "left", _("Left")
    LAPSED = "lapsed", _("Lapsed")
    EXPELLED = "expelled", _("Expelled")


FULL_RIGHTS = (State.ACTIVE, State.TRANSFERRING)
ENDED = (State.LEFT, State.LAPSED, State.EXPELLED)

MEMBERSHIP = StateTable(
    State,
    [
        Transition(
            "ask_transfer", {State.ACTIVE, State.RETAINED}, State.TRANSFERRING, "members.transfer_member", _("Transfer")
        ),
        Transition(
            "settle_transfer", {State.TRANSFERRING}, State.ACTIVE, "members.transfer_member", _("Settle the transfer")
        ),
        Transition("retain", {State.ACTIVE}, State.RETAINED, "members.change_member", _("Retain membership")),
        Transition(
            "resume",
            {State.RETAINED, State.LAPSED, State.LEFT},
            State.ACTIVE,
            "members.change_member",
            _("Resume membership"),
        ),
        Transition(
            "leave", {State.ACTIVE, State.TRANSFERRING, State.RETAINED}, State.LEFT, "members.change_member", _("Leave")
        ),
        Transition(
            "lapse", {State.ACTIVE, State.RETAINED}, State.LAPSED, "members.change_member", _("Treat as lapsed")
        ),
        Transition(
            "expel",
            {State.ACTIVE, State.TRANSFERRING, State.RETAINED},
            State.EXPELLED,
            "members.expel_member",
            _("Expel"),
        ),
    ],
    initial=[State.ACTIVE],
)


class ApplicationState(models.TextChoices):
    SUBMITTED = "submitted", _("Submitted")
    MORE_ASKED = "more_asked", _("More information asked for")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


WAITING = (ApplicationState.SUBMITTED, ApplicationState.MORE_ASKED)

JOINING = StateTable(
    ApplicationState,
    [
        Transition("accept", set(WAITING), ApplicationState.ACCEPTED, "members.accept_application", _("Accept")),
        Transition(
            "ask_more",
            {ApplicationState.SUBMITTED},
            ApplicationState.MORE_ASKED,
            "members.accept_application",
            _("Ask for more"),
        ),
        Transition("complete", {ApplicationState.MORE_ASKED}, ApplicationState.SUBMITTED, "", _("Complete")),
        Transition("refuse", set(WAITING), ApplicationState.REFUSED, "members.accept_application", _("Refuse")),
        Transition("withdraw", set(WAITING), ApplicationState.WITHDRAWN, "", _("Withdraw")),
    ],
    initial=[ApplicationState.SUBMITTED],
)
