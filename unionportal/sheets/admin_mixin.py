"""Import, export and template beside the list of a model that has a sheet."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from unionportal.audit.actions import record
from unionportal.sheets import exports, writing
from unionportal.sheets.admin import attachment, template_response
from unionportal.sheets.resources import Context, SheetResource, resource_for


class SheetActionsMixin:
    """For a ModelAdmin, before its base: ``class StationAdmin(SheetActionsMixin, ScopedModelAdmin)``.

    `sheet_kind` names the sheet. What is exported is the filtered list, as far as the export permission reaches.
    """

    sheet_kind: str
    list_before_template = "admin/sheets/list_actions.html"

    def get_urls(self) -> list[Any]:
        meta, wrap = self.opts, self.admin_site.admin_view  # type: ignore[attr-defined]
        name = f"{meta.app_label}_{meta.model_name}"
        own = [
            path("sheet/export.<str:format>", wrap(self.export_view), name=f"{name}_export"),
            path("sheet/template.xlsx", wrap(self.sheet_template_view), name=f"{name}_template"),
        ]
        return own + super().get_urls()  # type: ignore[misc]

    @property
    def sheet(self) -> type[SheetResource]:
        return resource_for(self.sheet_kind)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        meta, user = self.opts, request.user  # type: ignore[attr-defined]
        name = f"admin:{meta.app_label}_{meta.model_name}"
        may = {verb: user.has_perm(self.sheet.permission(verb)) for verb in ("import", "export")}
        links = {
            "import": f"{reverse('admin:sheets_sheetrun_add')}?kind={self.sheet_kind}" if may["import"] else "",
            "template": reverse(f"{name}_template") if may["import"] else "",
            "xlsx": reverse(f"{name}_export", args=["xlsx"]) if may["export"] else "",
            "csv": reverse(f"{name}_export", args=["csv"]) if may["export"] else "",
        }
        context = {"sheet_links": links, "sheet_query": request.GET.urlencode(), **(extra_context or {})}
        return super().changelist_view(request, context)  # type: ignore[misc]

    def export_view(self, request: HttpRequest, format: str) -> HttpResponse:
        """The filtered list as .xlsx or .csv, streamed. The export is written down."""
        if format not in exports.FORMATS:
            return HttpResponse(status=404)
        resource = self.sheet(Context(request.user.organization, request.user))  # type: ignore[union-attr]
        rows = exports.exportable(type(resource), request.user).filter(pk__in=self._listed(request).values("pk"))
        rows = rows.order_by("pk")
        record(
            "export_sheet",
            request.user,  # type: ignore[arg-type]
            by=request.user,
            details={"sheet": self.sheet_kind, "rows": rows.count(), "filter": sorted(request.GET)},
        )
        name = f"{resource.title}-{timezone.localdate():%Y%m%d}.{format}"
        if format == "csv":
            headings = [column.column_name for column in resource.exported_columns()]
            answer = StreamingHttpResponse(
                writing.csv_chunks(headings, resource.export_rows(rows)), content_type="text/csv; charset=utf-8"
            )
            answer["Content-Disposition"] = content_disposition_header(True, name)
            return answer  # type: ignore[return-value]
        file, finished = attachment(name)
        exports.write(file, resource, rows, "xlsx")
        return finished()

    def _listed(self, request: HttpRequest) -> models.QuerySet[Any]:
        """What the list shows under its filters. Raises PermissionDenied for who may not see the list."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied(_("Your roles do not allow exporting this sheet."))
        changelist = self.get_changelist_instance(request)  # type: ignore[attr-defined]
        return changelist.get_queryset(request).order_by()

    def sheet_template_view(self, request: HttpRequest) -> HttpResponse:
        return template_response(self.sheet, request.user)
