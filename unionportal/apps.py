from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UnionPortalConfig(AppConfig):
    """The ground floor itself: system checks and the commands that concern the whole portal."""

    name = "unionportal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from unionportal import checks, panels  # noqa: F401  (registers the system checks)

        panels.register()
