"""What was done, and who looked at whose personal data: plain rows for the reader.

The record that cannot be skipped is kept by database triggers (django-pghistory) on each model; `AuditEvent`
adds what a trigger cannot know: the verb, the purpose, the person's own words. It refers to nothing by a foreign
key that could block or cascade, so that it outlives what it tells of; the database refuses to change or delete it.
"""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from unionportal.scope import ScopedQuerySet


class AuditEventQuerySet(ScopedQuerySet["AuditEvent"]):
    def looks(self) -> AuditEventQuerySet:
        """Looks at personal data only."""
        return self.filter(verb=AuditEvent.LOOK)

    def about(self, subject: models.Model) -> AuditEventQuerySet:
        return self.filter(subject_type=subject._meta.label, subject_id=str(subject.pk))


class AuditEvent(models.Model):
    """One verb done by somebody to something, at an organisation."""

    LOOK = "look"

    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)
    actor_id = models.BigIntegerField(_("account number"), null=True)
    actor = models.CharField(_("who"), max_length=120)
    ip = models.GenericIPAddressField(_("from address"), null=True)
    verb = models.CharField(_("verb"), max_length=60)
    subject_type = models.CharField(_("kind of record"), max_length=60)
    subject_id = models.CharField(_("record number"), max_length=40)
    subject = models.CharField(_("record"), max_length=200)
    organization = models.ForeignKey(
        "organizations.Organization",
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("organization"),
    )
    purpose = models.CharField(_("stated purpose"), max_length=200, blank=True)
    details = models.JSONField(_("details"), default=dict)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.subject}"
