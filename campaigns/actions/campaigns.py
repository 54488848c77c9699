"""Writing campaigns and publishing them."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from campaigns import lifecycle
from campaigns.actions.rules import require, require_reach, said_plainly
from campaigns.models import Campaign
from unionportal.audit.actions import record


@transaction.atomic
def save_campaign(campaign: Campaign, *, by: Any) -> Campaign:
    """Create a campaign or correct its fields.

    Raises PermissionDenied where the campaign, or the union it is moved to, is out of reach; ValidationError.
    """
    if campaign.pk:
        held = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        require(by, "campaigns.change_campaign", held)
        campaign.state = held.state
    require_reach(by, "campaigns.add_campaign", campaign.organization)
    verb = "change" if campaign.pk else "add"
    campaign.full_clean()
    with said_plainly():
        campaign.save()
    record(verb, campaign, by=by)
    return campaign


@transaction.atomic
def change_campaign_state(campaign: Campaign, verb: str, *, by: Any) -> Campaign:
    """Do `verb` of ``lifecycle.CAMPAIGN``. Raises TransitionRefused, PermissionDenied."""
    campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    transition = lifecycle.CAMPAIGN.transition(campaign.state, verb)
    require(by, transition.permission, campaign)
    campaign.state = transition.target
    campaign.save(update_fields=["state"])
    record(verb, campaign, by=by)
    return campaign
