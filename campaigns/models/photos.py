"""Photos of what was held, as public as the activity."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.activities import Activity
from unionportal.free_text import NoPersonalNumbers
from unionportal.organizations.models import Organization
from unionportal.scope import ScopedQuerySet


class ActivityPhotoQuerySet(ScopedQuerySet["ActivityPhoto"]):
    scope_path = "activity__campaign__organization__path"


class ActivityPhoto(NoPersonalNumbers):
    """A photo of an activity, re-encoded without its EXIF data in two sizes (see `stations.photos`)."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="photos", verbose_name=_("activity"))
    # The folder whose pictures the portal shows to everybody.
    image = models.ImageField(_("photo"), upload_to="stations/activities/%Y/%m")
    thumbnail = models.ImageField(upload_to="stations/activities/%Y/%m", editable=False)
    caption = models.CharField(_("caption"), max_length=120, blank=True)
    added_at = models.DateTimeField(_("added at"), default=timezone.now, editable=False)

    objects = ActivityPhotoQuerySet.as_manager()
    plain_texts = ("caption",)

    class Meta:
        ordering = ["id"]
        verbose_name = _("photo of an activity")
        verbose_name_plural = _("photos of activities")

    def __str__(self) -> str:
        return self.caption or f"{self.activity} #{self.pk}"

    @property
    def organization(self) -> Organization:
        return self.activity.organization
