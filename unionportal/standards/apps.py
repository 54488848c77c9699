from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class StandardsConfig(AppConfig):
    name = "unionportal.standards"
    verbose_name = _("Standards")

    def ready(self) -> None:
        from unionportal.standards import panels, permissions  # noqa: F401  (declares who may do what)
        from unionportal.standards.reference import load_standards

        panels.register()
        post_migrate.connect(load_standards, sender=self, dispatch_uid="load-standards")
