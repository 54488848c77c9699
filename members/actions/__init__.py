"""What can happen to members and applications. Views, the admin, imports and commands all come through here."""

from members.actions.applications import (
    AlreadyMember,
    Answers,
    NotOnline,
    accept_application,
    accept_applications,
    ask_more,
    complete,
    due_on,
    refuse_applications,
    reroute,
    submit_application,
    withdraw,
)
from members.actions.codes import TooMany, check_code, forget_codes, send_code
from members.actions.endings import follows_ending
from members.actions.forgetting import forget_people
from members.actions.looks import show_id_number, show_phone
from members.actions.people import HIMSELF
from members.actions.register import (
    MemberDraft,
    change_membership,
    change_memberships,
    read_card_number,
    save_members,
    verify,
)
from members.actions.requests import answer_request, ask_about_data
from members.actions.transfers import (
    accept_transfers,
    ask_transfer,
    refuse_transfer,
    transfer_members,
    withdraw_transfer,
)

__all__ = [
    "HIMSELF",
    "AlreadyMember",
    "Answers",
    "MemberDraft",
    "NotOnline",
    "TooMany",
    "accept_application",
    "accept_applications",
    "accept_transfers",
    "answer_request",
    "ask_about_data",
    "ask_more",
    "ask_transfer",
    "change_membership",
    "change_memberships",
    "check_code",
    "complete",
    "due_on",
    "follows_ending",
    "forget_codes",
    "forget_people",
    "read_card_number",
    "refuse_applications",
    "refuse_transfer",
    "reroute",
    "save_members",
    "send_code",
    "show_id_number",
    "show_phone",
    "submit_application",
    "transfer_members",
    "verify",
    "withdraw",
    "withdraw_transfer",
]
