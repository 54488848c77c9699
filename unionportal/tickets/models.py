"""Tickets: reported or proposed by somebody, owed an answer by an organisation."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from unionportal.organizations.models import Account, Organization, Partner
from unionportal.privacy import EncryptedTextField
from unionportal.scope import ScopedQuerySet, reach_of, within
from unionportal.tickets.categories import label_of
from unionportal.tickets.lifecycle import OWED, TICKET, State

# (user, permission) -> a condition on tickets; see `also_reached`.
_Reach = Callable[[Any, str], models.Q]
_further_reach: list[_Reach] = []


def also_reached(reach: _Reach) -> None:
    """Let people reach tickets by what they keep (a station), not by a branch. Called from an app's ready()."""
    if reach not in _further_reach:
        _further_reach.append(reach)


MOST_URGENT_FIRST = (
    models.Case(models.When(state__in=OWED, then=0), default=1),
    models.F("due_at").asc(nulls_last=True),
    "-reported_at",
    "-pk",
)


class TicketQuerySet(ScopedQuerySet["Ticket"]):
    def reached_by(self, user: Any, verb: str) -> TicketQuerySet:
        permission = f"tickets.{verb}_ticket"
        condition = within(reach_of(user, permission), self.scope_path)
        for further in _further_reach:
            condition |= further(user, permission)
        return self.filter(condition)

    def owed(self) -> TicketQuerySet:
        """Those that still wait for an answer."""
        return self.filter(state__in=OWED, due_at__isnull=False)

    def late(self, moment: datetime.datetime | None = None) -> TicketQuerySet:
        """Those whose answer is overdue at `moment` (aware; now)."""
        return self.owed().filter(due_at__lt=moment or timezone.now())

    def escalated(self) -> TicketQuerySet:
        return self.owed().filter(escalated_at__isnull=False)

    def most_urgent_first(self) -> TicketQuerySet:
        """What waits comes first, the soonest due (and so the longest overdue) before; then the newest."""
        return self.order_by(*MOST_URGENT_FIRST)

    def publicly_answered(self) -> TicketQuerySet:
        return self.exclude(answered_at=None).filter(answer_is_public=True).order_by("-answered_at", "-pk")


class Ticket(models.Model):
    """Something reported or proposed that an organisation owes an answer.

    `text` is the reporter's own and shown to staff only; `answer` is public unless said otherwise. What could tell
    who or where the reporter is (`contact`, `position` as "latitude,longitude" in WGS-84) is sealed, and forgotten
    with the photo half a year after the last answer. An app ties a ticket to its objects by a link table of its
    own; `about` names the object for the reader.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="tickets", verbose_name=_("owed by organization")
    )
    category = models.CharField(_("category"), max_length=24)
    about = models.CharField(pgettext_lazy("ticket", "about"), max_length=200, blank=True)
    text = models.TextField(_("reported"), max_length=1000, blank=True)
    contact = EncryptedTextField(_("reporter's contact"), blank=True, default="")
    position = EncryptedTextField(_("reporter's position"), blank=True, default="")
    photo = models.ImageField(_("photo"), upload_to="tickets/%Y/%m", blank=True)
    reported_at = models.DateTimeField(_("reported at"), default=timezone.now)
    due_at = models.DateTimeField(_("answer due"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    escalated_at = models.DateTimeField(_("escalated at"), null=True, blank=True, editable=False)
    times_reopened = models.PositiveSmallIntegerField(_("times reopened"), default=0, editable=False)
    answer = models.TextField(_("public answer"), max_length=1000, blank=True)
    answer_is_public = models.BooleanField(_("the answer is public"), default=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    forgotten_at = models.DateTimeField(_("reporter forgotten at"), null=True, blank=True, editable=False)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_at", "-id"]
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=State.values),
                name="ticket_state_known",
                violation_error_message=_("There is no such state."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.ANSWERED) | ~models.Q(answer="") & models.Q(answered_at__isnull=False),
                name="ticket_answered_has_answer",
                violation_error_message=_("Write the answer: the public reads it."),
            ),
            models.CheckConstraint(
                condition=~models.Q(category=""),
                name="ticket_has_category",
                violation_error_message=_("Say what the ticket is about."),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "due_at"], condition=models.Q(state__in=OWED), name="ticket_owed"),
        ]

    def __str__(self) -> str:
        return " · ".join(part for part in (self.category_label, self.about) if part)

    @property
    def category_label(self) -> str:
        return label_of(self.category)

    @property
    def is_owed(self) -> bool:
        return self.state in OWED and self.due_at is not None

    @property
    def is_late(self) -> bool:
        return self.is_owed and self.due_at < timezone.now()  # type: ignore[operator]


class OfTicketQuerySet(ScopedQuerySet):  # type: ignore[type-arg]
    """Rows of a ticket: reached by who reaches the ticket and holds the verb on them."""

    def reached_by(self, user: Any, verb: str) -> OfTicketQuerySet:
        permission = f"{self.model._meta.app_label}.{verb}_{self.model._meta.model_name}"
        if not (hasattr(user, "holds") and user.holds(permission)):
            return self.none()
        return self.filter(ticket__in=Ticket.objects.reached_by(user, verb))


class TicketEvent(models.Model):
    """One thing that happened to a ticket. `by` is empty where the public or the portal itself did it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="events", verbose_name=_("ticket"))
    at = models.DateTimeField(_("at"), default=timezone.now)
    verb = models.CharField(_("verb"), max_length=20)
    state = models.CharField(_("state afterwards"), max_length=10, choices=State)
    by = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("who"))
    text = models.TextField(_("text"), blank=True)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]
        verbose_name = _("ticket event")
        verbose_name_plural = _("ticket events")

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d} {self.label}"

    @property
    def label(self) -> str:
        """What happened, in words."""
        own = {"report": _("Reported"), "escalate": _("Escalated: overdue")}
        found = next((transition.label for transition in TICKET.transitions if transition.verb == self.verb), self.verb)
        return str(own.get(self.verb) or found)


class Referral(models.Model):
    """A need handed to a partner: what was asked, of which unit, what came of it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="referrals", verbose_name=_("ticket"))
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="referrals", verbose_name=_("partner"))
    need = models.CharField(_("need"), max_length=300)
    referred_at = models.DateTimeField(_("referred at"), default=timezone.now)
    result = models.CharField(_("result"), max_length=300, blank=True)
    result_at = models.DateTimeField(_("result of"), null=True, blank=True)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        ordering = ["-referred_at", "-id"]
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(need=""),
                name="referral_states_need",
                violation_error_message=_("Say what is needed of the partner."),
            ),
            models.CheckConstraint(
                condition=models.Q(result="", result_at__isnull=True)
                | ~models.Q(result="") & models.Q(result_at__isnull=False),
                name="referral_result_dated",
                violation_error_message=_("A result has its day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner}: {self.need}"
