from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SheetsConfig(AppConfig):
    name = "unionportal.sheets"
    verbose_name = _("Sheets")

    def ready(self) -> None:
        from unionportal.sheets import permissions  # noqa: F401  (declares who may do what)
