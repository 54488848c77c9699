"""Rows written through COPY are the rows that the ORM would have written, with their history and their constraints."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from members.demo import demo_id_number
from members.models import Member, MembershipSpell
from members.reference import load_reference
from tests.factories import make_county, make_federation
from unionportal import bulk
from unionportal.organizations.reference import load_divisions

COUNT = 7


@pytest.fixture
def union(db):
    load_divisions()
    load_reference()
    make_federation()
    return make_county()


@pytest.fixture(params=["through the ORM", "through COPY"])
def way(request, monkeypatch):
    """Both ways of writing; which one is taken depends on the number of rows alone."""
    monkeypatch.setattr(bulk, "FEW", 1000 if request.param == "through the ORM" else 1)


def drafts(union):
    members = [
        Member(
            organization=union,
            name=f"演示·张{number}\t\\N\n",
            id_number=demo_id_number("530102", datetime.date(1985, 1, 1 + number), 997),
            phone=f"1000000000{number}" if number else "",
            birth_date=datetime.date(1985, 1, 1 + number),
            remarks="'; DROP TABLE 演示" if number % 2 else "",
        )
        for number in range(COUNT)
    ]
    for member in members:
        member.prepare()
    return members


def test_rows_are_written_with_keys_hashes_sealed_numbers_and_history(union, way):
    members = drafts(union)
    bulk.insert_rows(members)
    assert len({member.pk for member in members}) == COUNT
    for member in members:
        stored = Member.objects.get(pk=member.pk)
        for name in ("name", "id_number", "phone", "birth_date", "remarks", "name_key", "state", "created_at"):
            assert getattr(stored, name) == getattr(member, name), name
        assert stored == Member.objects.with_id_number(member.id_number).get()
        assert bool(stored.phone_hash) == bool(stored.phone)
    assert Member.pgh_event_model.objects.filter(pgh_label="insert").count() == COUNT
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(members_member::text, '') FROM members_member")
        assert members[1].id_number not in cursor.fetchone()[0]


def test_only_the_named_fields_of_rows_that_differ_change(union, way):
    members = drafts(union)
    bulk.insert_rows(members)
    for member in members:
        member.name, member.ethnic_group = "never written", "彝族"
    members[0].ethnic_group = ""
    bulk.update_rows(members, ["ethnic_group", "birth_date"])
    assert sorted(Member.objects.values_list("ethnic_group", flat=True)) == ["", *["彝族"] * (COUNT - 1)]
    assert not Member.objects.filter(name="never written").exists()
    assert Member.pgh_event_model.objects.filter(pgh_label="update").count() == COUNT - 1


def test_plain_values_become_rows(union, way):
    members = drafts(union)
    bulk.insert_rows(members)
    day = datetime.date(2024, 5, 1)
    spells = [(member.pk, union.pk, day, "sheet") for member in members]
    bulk.insert_values(MembershipSpell, ["member", "organization", "from_day", "reason"], spells)
    assert MembershipSpell.objects.filter(from_day=day, until_day=None, reason="sheet").count() == COUNT


def test_a_broken_constraint_is_an_integrity_error_and_nothing_is_written(union, way):
    twice = drafts(union)
    twice[-1].id_number = twice[0].id_number
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert_rows(twice)
    assert Member.objects.count() == 0
    bulk.insert_rows(drafts(union))
    assert Member.objects.count() == COUNT


def test_nothing_is_written_for_no_rows(db):
    bulk.insert_rows([])
    bulk.update_rows([], ["name"])
    bulk.insert_values(MembershipSpell, ["member"], [])
