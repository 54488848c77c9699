"""Job posts and a member's interest in them."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from campaigns import actions
from campaigns.consent import job_interest_consent
from campaigns.lifecycle import InterestState, PostState
from campaigns.models import JobInterest, JobPost
from campaigns.views.common import attempt, for_members, log_in_address, member_of, page_of
from members.models import Member


@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:60]
    rows = JobPost.objects.public().open().matching(words).select_related("employer", "campaign")
    return render(request, "campaigns/jobs.html", {"page": page_of(request, rows), "words": words})


@require_GET
def job(request: HttpRequest, pk: int) -> HttpResponse:
    member = member_of(request)
    rows = JobPost.objects.select_related("employer", "campaign", "organization")
    # Who has told interest goes on seeing what in, whatever becomes of the fair.
    told = Q(pk__in=JobInterest.objects.filter(member=member).values("post")) if member else Q(pk__in=[])
    post = get_object_or_404(rows.filter(Q(pk__in=JobPost.objects.public()) | told), pk=pk)
    mine = None
    if member is not None:
        mine = JobInterest.objects.filter(post=post, member=member).exclude(state=InterestState.WITHDRAWN).first()
    context = {
        "post": post,
        "open": post.state == PostState.OPEN and post.is_public,
        "member": member,
        "mine": mine,
        "consent": job_interest_consent(),
        "log_in": log_in_address(post.get_absolute_url()),
    }
    return render(request, "campaigns/job.html", context)


@require_POST
def interest(request: HttpRequest, pk: int) -> HttpResponse:
    post, member = get_object_or_404(JobPost.objects.public(), pk=pk), member_of(request)
    if member is None:
        return redirect(log_in_address(post.get_absolute_url()))
    attempt(
        request,
        lambda: actions.tell_interest(post, member=member, agreed_version=request.POST.get("agreed", "")),
        _("The union passes your interest on to the employer."),
    )
    return redirect(post)


@require_POST
@for_members
def withdraw_interest(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    held = get_object_or_404(JobInterest, pk=pk, member=member)
    attempt(request, lambda: actions.withdraw_interest(held, member=member), _("Your interest is withdrawn."))
    return redirect("campaigns:mine")
