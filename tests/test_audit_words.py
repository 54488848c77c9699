"""The words of the audit and of the roles' page belong to the thing they are said of."""

import pytest
from django.utils import translation

from unionportal.audit.models import AuditEvent
from unionportal.audit.words import details_of, verb_of
from unionportal.organizations import role_words
from unionportal.organizations.roles import Role, permissions_of


@pytest.mark.parametrize(
    ("subject", "verb", "words"),
    [
        ("members.Application", "accept", "审核通过"),
        ("stations.Station", "accept", "验收开放"),
        ("members.Member", "verify", "核实了身份"),
        ("targets.Target", "verify", "验收通过"),
        ("targets.Target", "report", "报送季度进度"),
        ("campaigns.Activity", "report", "填写了活动总结"),
        ("stations.BuildingProject", "pay", "拨付"),
        ("tickets.Ticket", "take_ticket", "受理"),
    ],
)
def test_a_verb_shared_by_two_apps_is_told_in_the_words_of_its_own(subject, verb, words):
    with translation.override("zh-hans"):
        assert verb_of(AuditEvent(subject_type=subject, verb=verb)) == words


def test_a_closed_ticket_is_not_told_as_a_closed_down_station():
    with translation.override("zh-hans"):
        ticket = details_of(AuditEvent(subject_type="tickets.Ticket", details={"to": "closed"}))
        station = details_of(AuditEvent(subject_type="stations.Station", details={"to": "closed"}))
    assert ticket.endswith("已办结") and station.endswith("已撤销")


def test_a_verb_without_words_stands_as_it_is():
    assert verb_of(AuditEvent(subject_type="stations.Station", verb="unheard_of")) == "unheard_of"


def test_every_verb_of_every_role_has_a_word():
    verbs = {permission.split(".", 1)[1].rsplit("_", 1)[0] for role in Role for permission in permissions_of(role)}
    assert verbs <= set(role_words._VERBS)
