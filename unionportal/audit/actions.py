"""Writing the audit record. Called by verbs in `actions`, inside their transaction."""

from __future__ import annotations

from typing import Any

from django.db import models

from unionportal.audit.context import SYSTEM, current_ip
from unionportal.audit.models import AuditEvent


def record(
    verb: str,
    subject: models.Model,
    *,
    by: Any,
    organization: models.Model | None = None,
    purpose: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEvent:
    """Write that `by` (an account, or None for the portal itself) did `verb` to `subject`.

    `organization` is the owner in whose branch an auditor sees the event; by default ``subject.organization``.
    `details` must hold no plain personal data.
    """
    owner = organization or getattr(subject, "organization", None)
    return AuditEvent.objects.create(
        verb=verb,
        actor_id=getattr(by, "pk", None),
        actor=str(by) if by else SYSTEM,
        ip=current_ip(),
        subject_type=subject._meta.label,
        subject_id=str(subject.pk),
        subject=str(subject)[:200],
        organization_id=getattr(owner, "pk", None),
        purpose=purpose,
        details=details or {},
    )


def record_look(subject: models.Model, field: str, *, by: Any, purpose: str) -> AuditEvent:
    """Write that `by` was shown the personal data `field` of `subject` whole, for a stated purpose.

    Raises ValueError where no purpose is stated (Personal Information Protection Law arts 6, 51).
    """
    if not purpose.strip():
        raise ValueError("a look at personal data needs a stated purpose")
    return record(AuditEvent.LOOK, subject, by=by, purpose=purpose.strip()[:200], details={"field": field})
