from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        # They declare who may do what, the sheet, and what waits on the staff's home.
        from members import panels, permissions, resources  # noqa: F401
        from members.reference import load_reference
        from members.sessions import forget_member

        panels.register()
        post_migrate.connect(load_reference, sender=self, dispatch_uid="load-members-reference")
        user_logged_in.connect(forget_member, dispatch_uid="forget-member-session")
