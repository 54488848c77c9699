import pytest
from django.db.models import TextChoices
from django.utils import translation

from unionportal.states import StateTable, Transition, TransitionRefused


class Status(TextChoices):
    APPLIED = "applied", "Applied"
    MEMBER = "member", "Member"
    KEPT = "kept", "Membership kept"
    LEFT = "left", "Left"


APPROVE = Transition("approve", {"applied"}, "member", "members.approve", "Approve")
KEEP = Transition("keep", {Status.MEMBER}, Status.KEPT, "members.keep", "Keep membership")
LEAVE = Transition("leave", {Status.MEMBER, Status.KEPT}, Status.LEFT, "", "Leave")
WITHDRAW = Transition("leave", {"applied"}, "left", "", "Leave")
ALL = [APPROVE, KEEP, LEAVE, WITHDRAW]


@pytest.fixture
def table():
    return StateTable(Status, ALL, initial=[Status.APPLIED])


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def test_a_verb_leads_to_its_state(table):
    assert table.target(Status.APPLIED, "approve") == Status.MEMBER
    assert table.target("kept", "leave") == "left"
    assert table.transition("applied", "leave") == WITHDRAW


def test_only_what_the_state_allows_is_offered(table):
    assert table.allowed("member") == [KEEP, LEAVE]
    assert table.allowed("left") == []


def test_only_what_the_user_may_do_is_offered(table):
    assert table.allowed("member", lambda permission: False) == [LEAVE]
    assert table.allowed("member", lambda permission: permission == "members.keep") == [KEEP, LEAVE]


def test_a_refusal_names_the_state_and_what_can_be_done_instead(table):
    with pytest.raises(TransitionRefused) as caught:
        table.target(Status.MEMBER, "approve")
    assert "“Approve”" in caught.value.message
    assert "“Member”" in caught.value.message
    assert "Keep membership, Leave" in caught.value.message
    assert (caught.value.state, caught.value.verb) == ("member", "approve")


def test_a_refusal_in_a_final_state_says_that_it_is_final(table):
    with pytest.raises(TransitionRefused, match="final"):
        table.target("left", "approve")


def test_an_unknown_verb_is_refused_like_any_other(table):
    with pytest.raises(TransitionRefused, match="explode"):
        table.target("member", "explode")


@pytest.mark.parametrize(
    ("transitions", "reason"),
    [
        ([Transition("approve", {"applied"}, "king", "", "")], "king"),
        ([Transition("approve", {"nowhere"}, "member", "", "")], "nowhere"),
        ([Transition("approve", set(), "member", "", "")], "no source"),
        ([*ALL, Transition("leave", {"kept"}, "applied", "", "")], "twice"),
        ([APPROVE, KEEP], "left"),
    ],
)
def test_a_table_with_a_mistake_does_not_load(transitions, reason):
    with pytest.raises(ValueError, match=reason):
        StateTable(Status, transitions, initial=["applied"])


def test_the_table_prints_itself_for_people(table):
    assert table.as_rows() == [
        ("Applied", "Approve", "Member", "members.approve"),
        ("Member", "Keep membership", "Membership kept", "members.keep"),
        ("Member", "Leave", "Left", ""),
        ("Membership kept", "Leave", "Left", ""),
        ("Applied", "Leave", "Left", ""),
    ]


def test_the_table_draws_itself(table):
    assert table.as_mermaid().splitlines()[:2] == ["stateDiagram-v2", "    applied --> member: approve"]
