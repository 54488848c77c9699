"""The life of a target: set, split among units, reached, verified (目标 → 分解 → 完成 → 验收)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from unionportal.states import StateTable, Transition


class TargetState(models.TextChoices):
    SET = "set", _("Set")
    ALLOCATED = "allocated", _("Split among units")
    REACHED = "reached", _("Reached")
    VERIFIED = "verified", pgettext_lazy("target", "Verified")
    DROPPED = "dropped", _("Dropped")


TARGETS = StateTable(
    TargetState,
    [
        Transition(
            "allocate",
            {TargetState.SET, TargetState.ALLOCATED},
            TargetState.ALLOCATED,
            "targets.change_target",
            _("Split among units"),
        ),
        Transition(
            "reach",
            {TargetState.SET, TargetState.ALLOCATED},
            TargetState.REACHED,
            "targets.report_target",
            _("Reached"),
        ),
        Transition(
            "fall_back",
            {TargetState.REACHED},
            TargetState.SET,
            "targets.report_target",
            _("No longer reached"),
        ),
        Transition(
            "verify",
            {TargetState.REACHED},
            TargetState.VERIFIED,
            "targets.verify_target",
            pgettext_lazy("target", "Verify"),
        ),
        Transition(
            "reopen",
            {TargetState.VERIFIED},
            TargetState.SET,
            "targets.verify_target",
            pgettext_lazy("target", "Open again"),
        ),
        Transition(
            "drop",
            {TargetState.SET, TargetState.ALLOCATED},
            TargetState.DROPPED,
            "targets.change_target",
            _("Drop"),
        ),
    ],
    initial=[TargetState.SET],
)
NEED_REASON = frozenset({"reopen", "drop"})
