"""Puts the portal's admin site in the place of Django's; apart, because it loads before any model."""

from django.contrib.admin.apps import AdminConfig


class WorkplaceAdminConfig(AdminConfig):
    """Stands in INSTALLED_APPS instead of ``django.contrib.admin``."""

    default_site = "unionportal.workplace_site.WorkplaceSite"
