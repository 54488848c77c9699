"""What members ask about their own data."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.members import Member
from unionportal.organizations.models import Account
from unionportal.privacy import EncryptedTextField
from unionportal.scope import ScopedQuerySet


class DataRequest(models.Model):
    """A member asks the union to correct, hand out, delete or explain what it holds about him.

    Personal Information Protection Law arts 45-48, and 50: a convenient way to ask, and the reason of a refusal.
    The words are sealed, for people write their numbers into them.
    """

    class Kind(models.TextChoices):
        CORRECTION = "correction", _("Correct something")
        COPY = "copy", _("Give me a copy")
        DELETION = "deletion", _("Delete something")
        EXPLANATION = "explanation", _("Explain something")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")

    member = models.ForeignKey(Member, models.CASCADE, related_name="data_requests", verbose_name=_("member"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.CORRECTION)
    text = EncryptedTextField(_("in the member's words"), max_length=500)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    due_on = models.DateField(_("to be answered by"))
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("settled by")
    )

    class DataRequestQuerySet(ScopedQuerySet):  # type: ignore[type-arg]
        scope_path = "member__organization__path"

        def waiting(self) -> DataRequest.DataRequestQuerySet:
            return self.filter(state="waiting").order_by("due_on", "asked_at")

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = _("request about a member's data")
        verbose_name_plural = _("requests about members' data")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="waiting") | (models.Q(settled_at__isnull=False) & ~models.Q(answer="")),
                name="data_request_is_answered",
                violation_error_message=_("A request that is settled has an answer."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.asked_at:%Y-%m-%d}"
