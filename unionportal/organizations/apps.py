from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    name = "unionportal.organizations"
    verbose_name = _("Organizations and accounts")

    def ready(self) -> None:
        from unionportal.organizations import permissions, resources  # noqa: F401  (declare who may do what, and the sheet)
        from unionportal.organizations.reference import load_divisions

        post_migrate.connect(load_divisions, sender=self, dispatch_uid="load-divisions")
