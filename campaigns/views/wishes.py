"""The wall of wishes, and a member's own wish."""

from __future__ import annotations

from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import actions
from campaigns.forms import WishForm
from campaigns.lifecycle import WishState
from campaigns.models import Wish
from campaigns.views.campaigns import wish_figures
from campaigns.views.common import attempt, for_members, log_in_address, member_of, page_of
from members.models import Member

_WAITING_FIRST = Case(When(state=WishState.CONFIRMED, then=0), default=1)


@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    """Wishes whose wishers agreed, those nobody has adopted yet first. No name, no wish in its own words."""
    shown = Wish.objects.on_the_wall().select_related("adopted_by_partner", "adopted_by_union", "organization")
    page = page_of(
        request, shown.defer("text", "circumstances", "thanks").order_by(_WAITING_FIRST, "-collected_at", "-id")
    )
    waiting = shown.filter(state=WishState.CONFIRMED).count()
    context = {
        "page": page,
        "waiting": waiting,
        "figures": wish_figures(Wish.objects.all()),
        "member": member_of(request),
        "states": WishState,
    }
    return render(request, "campaigns/wishes.html", context)


@require_http_methods(["GET", "POST"])
@for_members
def wish_new(request: HttpRequest, member: Member) -> HttpResponse:
    form = WishForm(
        request.POST or None, label_suffix="", instance=Wish(wisher=member, organization=member.organization)
    )
    if request.method == "POST" and form.is_valid():
        found = attempt(
            request,
            lambda: actions.collect(form.save(commit=False)),
            _("Your wish has arrived. The union looks at it and gets in touch with you."),
        )
        if found is not None:
            return redirect("campaigns:mine")
    return render(request, "campaigns/wish_form.html", {"form": form})


@require_POST
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    wish, member = get_object_or_404(Wish.objects.on_the_wall(), pk=pk), member_of(request)
    if member is None:
        return redirect(log_in_address(request.path.removesuffix(f"{pk}/adopt/")))
    attempt(
        request,
        lambda: actions.adopt(wish, member=member),
        _("Thank you. The union gets in touch with you about the wish."),
    )
    return redirect("campaigns:wishes")


@require_POST
@for_members
def wish_verb(request: HttpRequest, member: Member, pk: int, verb: str) -> HttpResponse:
    """The wisher's own verbs: take the wish back, show or hide it, say thanks."""
    wish = get_object_or_404(Wish, pk=pk, wisher=member)
    verbs = {
        "withdraw": (lambda: actions.withdraw(wish, member=member), _("Your wish is withdrawn.")),
        "hide": (
            lambda: actions.agree_to_showing(wish, member=member, may_be_shown=False),
            _("Your wish is no longer shown."),
        ),
        "show": (
            lambda: actions.agree_to_showing(wish, member=member, may_be_shown=True),
            _("Your wish is shown on the wall, without your name."),
        ),
        "thank": (
            lambda: actions.thank(wish, member=member, words=request.POST.get("words", "")),
            _("Your thanks have been passed on."),
        ),
    }
    attempt(request, *verbs[verb])
    return redirect("campaigns:mine")
