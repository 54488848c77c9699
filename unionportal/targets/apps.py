from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TargetsConfig(AppConfig):
    name = "unionportal.targets"
    verbose_name = _("Targets")

    def ready(self) -> None:
        from unionportal.targets import panels, permissions  # noqa: F401  (declares who may do what)

        panels.register()
