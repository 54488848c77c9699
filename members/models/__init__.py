from members.models.applications import Application, ConsentText
from members.models.cards import CardSerial
from members.models.catalogues import OccupationGroup
from members.models.members import Member, MembershipSpell, Transfer
from members.models.phones import PhoneCode
from members.models.requests import DataRequest

__all__ = [
    "Application",
    "CardSerial",
    "ConsentText",
    "DataRequest",
    "Member",
    "MembershipSpell",
    "OccupationGroup",
    "PhoneCode",
    "Transfer",
]
