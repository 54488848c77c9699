"""One page for what was said of a station and what came of it: its needs, inspections and ratings, step by step."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from stations import loops
from stations.actions.feedback import write_need
from stations.models import Station


class NeedForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Need or request"), max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )


class LoopsPage:
    """The page at ``<station>/loops/``, for a ModelAdmin of stations."""

    def get_urls(self: Any) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.loops_page)
        return [path("<int:object_id>/loops/", view, name="stations_station_loops"), *super().get_urls()]  # type: ignore[misc]

    def loops_page(self: Any, request: HttpRequest, object_id: int) -> HttpResponse:
        """Each loop as far as the user sees it, the newest first; who writes down tickets enters a need here."""
        station = self.subject_or_404(request, str(object_id))
        may_add = request.user.has_perm("tickets.add_ticket", station)
        form = NeedForm(request.POST or None) if may_add else None
        if form is not None and form.is_valid() and self._written(request, station, form.cleaned_data["text"]):
            return redirect("admin:stations_station_loops", station.pk)
        user = request.user
        context = {
            **self.admin_site.each_context(request),
            "title": _("What came of it"),
            "opts": self.opts,
            "original": station,
            "form": form,
            "sections": [
                (_("Needs and reports → action"), loops.needs(station, user)),
                (_("Inspection → mended"), loops.inspections(station, user)),
                (_("Rating → answer"), loops.ratings(station, user)),
            ],
        }
        return TemplateResponse(request, "admin/stations/station/loops.html", context)

    def _written(self, request: HttpRequest, station: Station, text: str) -> bool:
        try:
            write_need(station, text=text, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return False
        messages.success(request, _("Written down."))
        return True
