"""The admin site of the portal: django-unfold's, with the doors that its own lacks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.contrib.auth.views import PasswordChangeView
from django.contrib.contenttypes.models import ContentType
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminOwnPasswordChangeForm
from unfold.sites import UnfoldAdminSite

from unionportal.scoped_admin import ScopedModelAdmin

_View = Callable[..., HttpResponse]

# What an account that still has its first password may reach.
_BEFORE_A_NEW_PASSWORD = frozenset({"password_change", "password_change_done", "logout", "jsi18n", "login"})


def _under_admin_policy(response: HttpResponse) -> HttpResponse:
    """django-unfold needs a looser Content-Security-Policy than the public pages; it holds here only."""
    response._csp_replace = settings.ADMIN_CONTENT_SECURITY_POLICY  # type: ignore[attr-defined]
    return response


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """Changing one's own password also ends the duty to change it."""

    def save(self, commit: bool = True) -> Any:
        self.user.must_change_password = False
        return super().save(commit)


class WorkplaceSite(UnfoldAdminSite):
    """Staff pages: a first password is changed before anything else, and no address tells of unseen rows."""

    index_title = _("Workplace")
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: type[ModelAdmin] | None = None, **options: Any) -> None:
        """Only pages that know of scope. What libraries register for their own tables (groups, log-in attempts,
        jobs) starts from every row and is left out.
        """
        if admin_class is not None and issubclass(admin_class, ScopedModelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def admin_view(self, view: _View, cacheable: bool = False) -> _View:
        guarded = super().admin_view(view, cacheable)

        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if self.has_permission(request) and getattr(request.user, "must_change_password", False):
                match = request.resolver_match
                if match is None or match.url_name not in _BEFORE_A_NEW_PASSWORD:
                    return redirect(reverse("admin:password_change", current_app=self.name))
            return _under_admin_policy(guarded(request, *args, **kwargs))

        return inner

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The models of one app, for its page. The list of all of them is asked for by every page and shown by none:
        the sidebar is `workplace.navigation`, and the search builds its own.
        """
        return super().get_app_list(request, app_label) if app_label else []

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return _under_admin_policy(super().login(request, extra_context))

    def extra_urls(self) -> list[URLPattern]:
        return [
            path(
                "r/<path:content_type_id>/<path:object_id>/",
                self.admin_view(self.view_on_site),
                name="view_on_site",
            )
        ]

    def view_on_site(self, request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponse:
        """To an object's public page, where the user may see the object. Raises Http404."""
        kind = get_object_or_404(ContentType, pk=content_type_id if content_type_id.isdecimal() else None)
        model = kind.model_class()
        if model is None or model not in self._registry or not hasattr(model, "get_absolute_url"):
            raise Http404
        subject = self._registry[model].get_object(request, object_id)
        if subject is None:
            raise Http404
        return redirect(subject.get_absolute_url())

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        request.current_app = self.name  # type: ignore[attr-defined]
        return PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )(request)
