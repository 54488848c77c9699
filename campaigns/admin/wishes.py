"""The queue of wishes: each with the verb that comes next."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from campaigns import actions, lifecycle
from campaigns.admin.fields import MemberField
from campaigns.forms import (
    AdoptWishForm,
    BuyWishForm,
    ConfirmWishForm,
    DeliverWishForm,
    ReasonForm,
    ThanksForm,
)
from campaigns.models import Campaign, Wish
from unionportal.audit.actions import record_look
from unionportal.ledger.forms import YuanField
from unionportal.scoped_admin import ScopedModelAdmin
from unionportal.verb_pages import VerbPages


class WishAdminForm(forms.ModelForm):  # type: ignore[type-arg]
    """A wish as a clerk takes it in for a member."""

    wisher = MemberField(label=gettext_lazy("wisher"))
    text = forms.CharField(
        label=gettext_lazy("wish in the wisher's words"), max_length=300, widget=UnfoldAdminTextareaWidget
    )
    circumstances = forms.CharField(
        label=gettext_lazy("circumstances"), max_length=300, required=False, widget=UnfoldAdminTextareaWidget
    )
    expected_fen = YuanField(
        label=gettext_lazy("expected cost in yuan"), required=False, widget=UnfoldAdminDecimalFieldWidget
    )

    class Meta:
        model = Wish
        fields = ["wisher", "campaign", "wished_for", "text", "circumstances", "expected_fen"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "wisher" in self.fields:
            self.fields["wisher"].user = self.user  # type: ignore[attr-defined]


@admin.register(Wish)
class WishAdmin(VerbPages, ScopedModelAdmin):
    form = WishAdminForm
    table = lifecycle.WISH
    staff_verbs = ("screen", "confirm", "adopt", "buy", "deliver", "thank", "decline", "withdraw")
    verbs_only = True
    verb_forms = {
        "screen": ReasonForm,
        "decline": ReasonForm,
        "confirm": ConfirmWishForm,
        "adopt": AdoptWishForm,
        "buy": BuyWishForm,
        "deliver": DeliverWishForm,
        "thank": ThanksForm,
    }
    list_display = ["title_shown", "wished_for", "organization", "state_badge", "next_shown", "collected_at"]
    list_filter = [("state", ChoicesDropdownFilter), ("wished_for", ChoicesDropdownFilter)]
    list_select_related = ["organization", "wisher"]
    search_fields = ["public_text", "wisher__name"]
    autocomplete_fields = ["campaign"]

    # --- What is shown ---------------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("WishFormOfRequest", (form,), {"user": request.user})

    def get_fields(self, request: HttpRequest, obj: Wish | None = None) -> list[str]:
        if obj is None:
            return ["wisher", "campaign", "wished_for", "text", "circumstances", "expected_fen"]
        private = ["wisher_shown", "text_shown", "circumstances_shown"]
        return [
            "organization",
            "campaign",
            *(private if self._may("change", request, obj) else []),
            "wished_for",
            "screening_reason",
            "public_text",
            "public_name",
            "may_be_shown",
            "adopter_shown",
            "spent_shown",
            "delivered_on",
            "delivery_note",
            "thanks_shown",
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Wish | None = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def rows_to_choose(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        if db_field.name == "campaign":
            return Campaign.objects.editable_by(request.user).filter(kind=Campaign.Kind.WISHES)
        return super().rows_to_choose(db_field, request)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """A wish names persons: who opens it is written down."""
        wish = context.get("original")
        if wish is not None and self._may("change", request, wish):
            record_look(wish, "text", by=request.user, purpose=_("Work on the wish"))
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Saving and verbs ------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Wish, form: Any, change: bool) -> None:
        if not change:
            obj.organization = obj.wisher.organization
            actions.collect(obj, by=request.user)

    def form_arguments(self, request: HttpRequest, verb: str) -> dict[str, Any]:
        return {"user": request.user} if verb == "adopt" else {}

    def do(self, request: HttpRequest, obj: Wish, verb: str, answers: dict[str, Any]) -> Any:
        user = request.user
        if verb in ("screen", "decline"):
            return actions.screen(obj, by=user, take_on=verb == "screen", **answers)
        if verb == "buy":
            return actions.buy(obj, by=user, **answers)
        by_name = {
            "confirm": actions.confirm,
            "adopt": actions.adopt,
            "deliver": actions.deliver,
            "thank": actions.thank,
            "withdraw": actions.withdraw,
        }
        return by_name[verb](obj, by=user, **answers)

    # --- Columns ---------------------------------------------------------------------------------------------

    @display(description=gettext_lazy("wish"))
    def title_shown(self, obj: Wish) -> str:
        return str(obj)

    @display(description=gettext_lazy("next"))
    def next_shown(self, obj: Wish) -> str:
        ahead = [t for t in lifecycle.WISH.allowed(obj.state) if t.verb not in ("decline", "withdraw")]
        return str(ahead[0].label) if ahead else "—"

    @display(description=gettext_lazy("wisher"))
    def wisher_shown(self, obj: Wish) -> str:
        return f"{obj.wisher.name} {obj.wisher.masked_phone}"

    @display(description=gettext_lazy("wish in the wisher's words"))
    def text_shown(self, obj: Wish) -> str:
        return obj.text

    @display(description=gettext_lazy("circumstances"))
    def circumstances_shown(self, obj: Wish) -> str:
        return obj.circumstances or "—"

    @display(description=gettext_lazy("thanks"))
    def thanks_shown(self, obj: Wish) -> str:
        return _("said") if obj.thanks else "—"

    @display(description=gettext_lazy("adopted by"))
    def adopter_shown(self, obj: Wish) -> str:
        return obj.adopter or "—"

    @display(description=gettext_lazy("money booked"))
    def spent_shown(self, obj: Wish) -> str:
        return "、".join(link.line.amount for link in obj.ledger_links.select_related("line")) or "—"

    @display(
        description=gettext_lazy("state"),
        label={
            "collected": "warning",
            "screened": "info",
            "confirmed": "info",
            "adopted": "info",
            "bought": "info",
            "delivered": "success",
            "thanked": "success",
            "declined": "default",
            "withdrawn": "default",
        },
        ordering="state",
    )
    def state_badge(self, obj: Wish) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
