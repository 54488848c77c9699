"""The clerk's way with spreadsheets: hand in, look at everything that is wrong, apply, take back the rest."""

from __future__ import annotations

import tempfile
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from unionportal.scoped_admin import ScopedModelAdmin
from unionportal.sheets import actions, exports, views
from unionportal.sheets.continuation import PROPERTY, mark_of
from unionportal.sheets.forms import HandInForm, importable_kinds
from unionportal.sheets.models import SheetProgress, SheetRun
from unionportal.sheets.problems import SheetFileError
from unionportal.sheets.report import Report
from unionportal.sheets.resources import Context, SheetResource, kinds, resource_for

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Larger exports go to the disk while they are written.
SPOOL_BYTES = 5 * 1024**2


def may_import(run: SheetRun, user: Any) -> bool:
    """Whether `user` may import this kind of sheet for the run's organisation."""
    try:
        actions.require_import(resource_for(run.kind), run.organization, user)
    except (PermissionDenied, LookupError):
        return False
    return True


def attachment(filename: str) -> tuple[Any, Any]:
    """A temporary file to write a workbook to, and the function that makes the answer of it."""
    file = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115  (FileResponse closes it)

    def answer() -> FileResponse:
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename=filename, content_type=XLSX)

    return file, answer


def template_response(resource: type[SheetResource], user: Any) -> FileResponse:
    """The empty workbook of a kind of sheet. Raises PermissionDenied for who may import it nowhere."""
    if not user.has_perm(resource.permission("import")):
        raise PermissionDenied
    file, answer = attachment(_("%(title)s template.xlsx") % {"title": resource.title})
    exports.write_template_of(file, resource(Context(user.organization, user)))
    return answer()


@admin.register(SheetRun)
class SheetRunAdmin(ScopedModelAdmin):
    """Sheets handed in, who by, and what became of them."""

    list_display = (
        "shown_file",
        "shown_kind",
        "organization",
        "handed_in_at",
        "handed_in_by",
        "state",
        "rows",
        "created",
        "updated",
        "unchanged",
        "rejected",
        "warnings",
    )
    list_display_links = None
    list_filter = ("state", "organization")
    list_select_related = ("organization", "handed_in_by")
    search_fields = ("filename",)
    date_hierarchy = "handed_in_at"
    actions = None
    list_before_template = "admin/sheets/list_head.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).lean()  # type: ignore[attr-defined]

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own = [
            path("template/<str:kind>/", wrap(self.template_view), name="sheets_sheetrun_template"),
            path("<int:pk>/rest/", wrap(self.rest_view), name="sheets_sheetrun_rest"),
        ]
        return own + super().get_urls()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # --- The list --------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("file"), ordering="filename")
    def shown_file(self, run: SheetRun) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:sheets_sheetrun_change", args=[run.pk]), run.filename)

    @admin.display(description=gettext_lazy("sheet"), ordering="kind")
    def shown_kind(self, run: SheetRun) -> str:
        return str(_title(run.kind))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"importable": _offered(request.user), **(extra_context or {})}
        return super().changelist_view(request, context)

    # --- Handing in ------------------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and bool(importable_kinds(request.user))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        status, refused = 200, None
        if request.method == "POST":
            form = HandInForm(request.POST, request.FILES, user=request.user)
            if form.is_valid():
                try:
                    return self._hand_in(request, form)
                except SheetFileError as error:
                    refused, status = error.problem, 422
            else:
                status = 422
        else:
            wanted = {name: request.GET[name] for name in ("kind", "organization") if name in request.GET}
            form = HandInForm(user=request.user, initial=wanted)
        context = {"form": form, "refused": refused, "importable": _offered(request.user)}
        return self._page(request, "admin/sheets/hand_in.html", _("Import a list"), context, status)

    def _hand_in(self, request: HttpRequest, form: HandInForm) -> HttpResponse:
        """Take the file in and go to its page, also where the page has to ask what the headings mean."""
        data = form.cleaned_data
        chosen = {"datum": data["datum"]} if data["datum"] else {}
        try:
            run = actions.hand_in_waiting(
                data["file"].read(),
                filename=data["file"].name,
                kind=data["kind"],
                organization=data["organization"],
                by=request.user,
                mapping=actions.remembered_mapping(data["kind"], data["organization"]),
                options=chosen,
            )
        except actions.SheetUnusable as error:
            if not error.run.is_open:
                raise
            run = error.run
        return HttpResponseRedirect(reverse("admin:sheets_sheetrun_change", args=[run.pk]))

    # --- One sheet -------------------------------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        run = self.get_object(request, object_id)
        if run is None:
            raise Http404(_("There is no such record, or it is outside the organizations you work for."))
        if request.method == "POST":
            return self._do(request, run)
        if run.is_busy:
            return self._progress_page(request, run)
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Refresh": "true"})
        if not run.is_noticed and run.asked_by_id == request.user.pk:
            SheetRun.objects.filter(pk=run.pk).update(is_noticed=True)
        if not (run.is_open and may_import(run, request.user)):
            return self._record_page(request, run)
        try:
            report = self._report(request, run)
        except SheetFileError as error:
            return self._run_page(request, run, {"refused": error.problem})
        context: dict[str, Any] = {"report": report, "headings": report.headings}
        if report.counts:
            context |= {
                "found": report,
                "counts": report.counts,
                "writes": report.writes,
                "groups": views.problem_groups(report.groups, request.GET),
                "problems": views.problem_page(report.problems, request.GET),
                "tabs": views.outcome_tabs(report.counts, request.GET),
                "lines": views.row_page(report.lines, request.GET),
            }
        if run.refusal:
            context["refused"] = {"message": run.refusal}
        return self._run_page(request, run, context)

    def _report(self, request: HttpRequest, run: SheetRun) -> Report:
        """What the worker has found in a long list; of a short one what is found now. Raises SheetFileError."""
        if run.report is not None:
            return Report.unsealed(bytes(run.report))
        try:
            report = Report.of(actions.examine_run(run, by=request.user))
            run.refusal = ""
        except SheetFileError as error:
            report = Report.of_opened(actions.open_run(run, by=request.user))
            run.refusal = error.problem.message
        return report

    def _progress_page(self, request: HttpRequest, run: SheetRun) -> HttpResponse:
        """How far the worker is; asked again every few seconds, with or without a script."""
        progress = SheetProgress.objects.filter(pk=run.pk).first()
        found = [
            (level, code, count, text) for code, (level, count, text) in (progress.found if progress else {}).items()
        ]
        context = {
            "run": run,
            "progress": progress,
            "kind_title": _title(run.kind),
            "groups": views.problem_groups(found, {}),
        }
        template = "admin/sheets/_progress.html" if request.headers.get("HX-Request") else "admin/sheets/progress.html"
        return self._page(request, template, run.filename, context)

    def _run_page(self, request: HttpRequest, run: SheetRun, context: dict[str, Any]) -> HttpResponse:
        context |= {
            "run": run,
            "kind_title": _title(run.kind),
            "query": _without(request.GET, "p", "r", "level", "code", "show"),
            "problem_query": _without(request.GET, "p"),
            "row_query": _without(request.GET, "r"),
            "show_query": _without(request.GET, "r", "show"),
            "code_query": _without(request.GET, "p", "level", "code"),
            "undecided": views.UNDECIDED,
            "datum_choices": HandInForm(user=request.user).fields["datum"].choices,  # type: ignore[attr-defined]
        }
        return self._page(request, "admin/sheets/run.html", run.filename, context)

    def _record_page(self, request: HttpRequest, run: SheetRun) -> HttpResponse:
        may = may_import(run, request.user)
        has_rest = bool(run.rejected and run.content) and may and run.state == SheetRun.State.PARTLY_APPLIED
        context = {
            "run": run,
            "kind_title": _title(run.kind),
            "has_rest": has_rest,
            "records_url": _records_url(run),
            "can_import": may,
            "can_undo": may and run.state in SheetRun.APPLIED and run.journal is not None,
            "continuations": SheetRun.objects.visible_to(request.user).filter(continues=run),  # type: ignore[arg-type]
        }
        return self._page(request, "admin/sheets/record.html", run.filename, context)

    def _page(
        self, request: HttpRequest, template: str, title: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, template, whole, status=status)

    # --- What a person does to it ----------------------------------------------------------------------------

    def _do(self, request: HttpRequest, run: SheetRun) -> HttpResponse:
        if not (self.has_change_permission(request, run) and may_import(run, request.user)):
            raise PermissionDenied
        verbs = {
            "headings": self._map_headings,
            "table": self._choose_table,
            "datum": self._choose_datum,
            "apply": self._apply,
            "apply_good": self._apply,
            "discard": self._discard,
            "undo": self._undo,
        }
        verb = verbs.get(request.POST.get("verb", ""))
        if verb is None:
            raise Http404
        try:
            verb(request, run)
        except (SheetFileError, ValidationError) as error:
            found = getattr(error, "problem", None)
            messages.error(request, found.message if found else " ".join(getattr(error, "messages", [])))
        return HttpResponseRedirect(reverse("admin:sheets_sheetrun_change", args=[run.pk]))

    def _map_headings(self, request: HttpRequest, run: SheetRun) -> None:
        said = views.mapping_from(request.POST, self._report(request, run).headings)
        twice = views.names_twice(said, resource_for(run.kind))
        if twice:
            raise ValidationError(
                _("%(fields)s can come from one column only: choose it once.") % {"fields": "、".join(twice)}
            )
        actions.check_again_waiting(run, by=request.user, mapping={**run.mapping, **said})
        if not run.is_busy:
            messages.success(request, _("The columns were read as you have chosen, and every row was checked again."))

    def _choose_table(self, request: HttpRequest, run: SheetRun) -> None:
        number = request.POST.get("table", "")
        if number.isdecimal() and len(number) < 4 and int(number) < len(self._report(request, run).tables):
            actions.check_again_waiting(run, by=request.user, table=int(number))

    def _choose_datum(self, request: HttpRequest, run: SheetRun) -> None:
        datum = request.POST.get("datum", "")
        if datum in dict(HandInForm(user=request.user).fields["datum"].choices):  # type: ignore[attr-defined]
            actions.check_again_waiting(run, by=request.user, options={"datum": datum})

    def _apply(self, request: HttpRequest, run: SheetRun) -> None:
        good_only = request.POST["verb"] == "apply_good"
        if run.in_background:
            actions.ask_to_apply(run, by=request.user, good_rows_only=good_only)
            return
        counts = actions.apply_run(run, by=request.user, good_rows_only=good_only).counts
        messages.success(request, _("%(created)d new and %(updated)d changed rows were written.") % counts)

    def _undo(self, request: HttpRequest, run: SheetRun) -> None:
        if run.in_background:
            actions.ask_to_undo(run, by=request.user)
            return
        removed, restored = actions.undo_run(run, by=request.user)
        messages.success(
            request,
            _("Undone: %(removed)d new rows were removed, %(restored)d changed rows have their former values.")
            % {"removed": removed, "restored": restored},
        )

    def _discard(self, request: HttpRequest, run: SheetRun) -> None:
        actions.discard_run(run, by=request.user)
        messages.success(request, _("The file was discarded. Nothing of it was written."))

    # --- Downloads -------------------------------------------------------------------------------------------

    def rest_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The rejected rows as a workbook, each with its problems beside it."""
        run = self.get_object(request, str(pk))
        if run is None:
            raise Http404
        try:
            found = actions.examine_run(run, by=request.user)
        except (SheetFileError, ValidationError) as error:
            raise Http404(str(error)) from error
        file, answer = attachment(_("%(name)s rows to correct.xlsx") % {"name": run.filename.rsplit(".", 1)[0]})
        exports.write_rest(file, found, (PROPERTY, mark_of(run)))
        return answer()

    def template_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        try:
            return template_response(resource_for(kind), request.user)
        except LookupError as error:
            raise Http404 from error


def _offered(user: Any) -> list[dict[str, Any]]:
    """The kinds a user may import, for templates, which would call a class."""
    return [{"kind": resource.kind, "title": resource.title} for resource in importable_kinds(user)]


def _title(kind: str) -> Any:
    """The name of a kind of sheet; the kind itself where it is no longer known."""
    return next((resource.title for resource in kinds() if resource.kind == kind), kind)


def _records_url(run: SheetRun) -> str:
    """Where the records of the sheet are listed; "" where they have no page."""
    try:
        meta = resource_for(run.kind).model._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    except (LookupError, NoReverseMatch):
        return ""


def _without(query: QueryDict, *names: str) -> str:
    """The query string less some of its parameters, ready for another one to be added."""
    kept = query.copy()
    for name in names:
        kept.pop(name, None)
    return f"{kept.urlencode()}&" if kept else ""
