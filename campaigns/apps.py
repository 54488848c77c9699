from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

WISH_FIELDS = {"text": _("wish")}


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        # permissions, resources: declare who may do what, and the sheet
        from campaigns import panels, permissions, resources, station_parts  # noqa: F401
        from campaigns.actions import give_back_places
        from campaigns.models import Wish
        from members.actions import follows_ending
        from members.personal import register_held

        panels.register()
        station_parts.register()
        follows_ending(give_back_places)
        register_held(Wish, lambda member: Wish.objects.filter(wisher=member).values_list("pk", flat=True), WISH_FIELDS)
