"""Which member a row means, and which rows of a file mean the same one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from members import lifecycle
from members.models import Member
from unionportal.names import identity_key
from unionportal.organizations.models import Organization
from unionportal.privacy import lookup_hash, lookup_hasher, mask_name
from unionportal.scope import reach_of, within
from unionportal.sheets.problems import ERROR
from unionportal.sheets.resources import Changes, Context, Row, SheetResource, numbers_of, surplus


class OnRecord(NamedTuple):
    """What the register knows of a member, as far as a list may change it. The numbers stay sealed: two of them
    are compared by their hashes, so that a list of 100,000 decrypts nothing.
    """

    pk: int
    organization_id: int
    name: str
    id_type: str
    id_hash: str | None
    phone_hash: str | None
    gender: str
    birth_date: Any
    ethnic_group: str
    household: str
    occupation_group_id: str | None
    platform_id: int | None
    employer_id: int | None
    employer_name: str
    state: str
    joined_on: Any
    card_number: str | None
    remarks: Any


class Known(NamedTuple):
    """What is kept of a member once the row that means him has been compared with what is on record."""

    pk: int


# Rows that are looked up at once. Only so many members are in memory, however long the list is.
PIECE = 5000


class Register:
    """The members whom the rows of one file may mean, wherever they are, and how to find them."""

    def __init__(self, resource: SheetResource, changes_of: Callable[[Row, OnRecord], Changes]) -> None:
        self.resource, self.changes_of = resource, changes_of
        self.reachable, self.hash_of = _unions_in_reach(resource.context), lookup_hasher("id_number")

    def identify(self, rows: Sequence[Row]) -> None:
        """Set the member each row means (`row.existing`) and what it changes of him, and report rows that mean the
        same one.

        Rows with another error take part: a clerk who mends one of two rows must not find the next error then.
        """
        known = [row for row in rows if "id_number" in row.values or "id_unread" in row.values or "name" in row.values]
        if not known:
            return
        self._load_unions(known)
        first: dict[tuple[Any, ...], Row] = {}
        repeated: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for start in range(0, len(known), PIECE):
            piece = known[start : start + PIECE]
            self._load(piece)
            for row in piece:
                self._settle(row)
                if (key := _key(row)) and first.setdefault(key, row) is not row:
                    repeated[key].append(row)
        for key, others in repeated.items():
            self._repeated([first[key], *others])
        for row in known:
            del row.values["id_hash"]
        del self.by_id, self.by_card, self.by_person

    def _settle(self, row: Row) -> None:
        found = None if "id_unread" in row.values else self._existing(row)
        if found is not None:
            row.existing = Known(found.pk)
            if not row.is_rejected:
                row.changes = self.changes_of(row, found)

    # --- Finding -------------------------------------------------------------------------------------------------

    def _load(self, rows: Sequence[Row]) -> None:
        """Everybody whom a number of the rows means."""
        hashes: defaultdict[str, set[str]] = defaultdict(set)
        for row in rows:
            values = row.values
            number = values.get("id_number")
            values["id_hash"] = self.hash_of(number) if number else None
            if number:
                hashes[values["id_type"]].add(values["id_hash"])
        cards = {row.values["card_number"] for row in rows if "card_number" in row.values}
        self.by_id = {
            id_type: {member.id_hash: member for member in _found("id_hash", wanted, id_type=id_type)}
            for id_type, wanted in hashes.items()
        }
        self.by_card = {member.card_number: member for member in _found("card_number", cards)}

    def _load_unions(self, rows: Sequence[Row]) -> None:
        """The members of the unions that are named without a number."""
        unions = {row.values["organization"].pk for row in rows if not {"id_number", "id_unread"} & row.values.keys()}
        self.by_person: defaultdict[tuple[int, str], list[OnRecord]] = defaultdict(list)
        for member in _found("organization_id", unions):
            self.by_person[member.organization_id, identity_key(member.name)].append(member)

    def _existing(self, row: Row) -> OnRecord | None:
        values = row.values
        found = self.by_id[values["id_type"]].get(values["id_hash"]) if values["id_hash"] else None
        holder = self.by_card.get(values.get("card_number"))
        if found is None and holder is not None and not (values["id_hash"] and holder.id_hash):
            found = holder
        elif (holder is not None and found is not None and holder.pk != found.pk) or (found is None and holder):
            self._report(row, "card-number-taken", "card_number")
            return None
        if found is None and not values["id_hash"] and "name" in values and not _is_wrong(row, "organization"):
            found = self._by_name(row)
        if found is not None:
            self._check_found(row, found)
        elif not values["id_hash"] and not row.is_rejected:
            row.report("member-without-id", "id_number" if row.has("id_number") else "name", value="")
        return found

    def _by_name(self, row: Row) -> OnRecord | None:
        """By name in the union, with the phone where both have one."""
        phone = row.values.get("phone")
        same = self.by_person.get((row.values["organization"].pk, identity_key(row.values["name"])), [])
        if phone:
            hashed = lookup_hash(phone, "phone")
            same = [member for member in same if member.phone_hash in (None, hashed)]
        if len(same) > 1:
            row.report("member-ambiguous", "name")
            return None
        return same[0] if same else None

    def _check_found(self, row: Row, member: OnRecord) -> None:
        home = self.reachable.get(member.organization_id)
        if home is None:
            self._report(row, "member-elsewhere", "id_number")
            return
        name = row.values.get("name")
        if name and name != member.name and identity_key(name) != identity_key(member.name):
            row.report("member-other-name", "name", name=mask_name(member.name))
            return
        if member.state in lifecycle.ENDED:
            row.report("member-ended", "name", state=lifecycle.State(member.state).label)
            return
        moves = row.has("organization") and row.values["organization"].pk != member.organization_id
        if moves and not any(found.field == "organization" for found in row.problems):
            row.report("member-transferred", "organization", organization=home.name)

    def _report(self, row: Row, code: str, field: str, **params: Any) -> None:
        report_private(self.resource, row, code, field, **params)

    # --- Rows of one person --------------------------------------------------------------------------------------

    def _repeated(self, same: list[Row]) -> None:
        """Rows that mean one person: exact copies count once; rows that differ are all sent back."""
        rows = numbers_of(same)
        if len({identity_key(row.values.get("name", "")) for row in same} - {""}) > 1:
            for row in same:
                self._report(row, "member-repeated-other-name", "id_number", rows=rows)
        elif len({row.values["organization"].pk for row in same if not _is_wrong(row, "organization")}) > 1:
            for row in same:
                row.report("member-repeated-other-union", "organization", rows=rows)
        else:
            for row in surplus(same):
                row.report("member-repeated", "name", rows=rows)


def _key(row: Row) -> tuple[Any, ...] | None:
    """What two rows share when they mean the same person. None where the row does not say whom it means."""
    values = row.values
    if "id_unread" in values:
        return ("unread", values["id_unread"])
    if row.existing is not None:
        return ("member", row.existing.pk)
    if values["id_hash"]:
        return ("id", values["id_type"], values["id_hash"])
    if "name" not in values or _is_wrong(row, "organization"):
        return None
    return ("name", values["organization"].pk, identity_key(values["name"]), values.get("phone", ""))


def report_private(resource: SheetResource, row: Row, code: str, field: str, **params: Any) -> None:
    """A problem of a private column: the cell's value is masked like every other showing of it."""
    cell = row.cell(field)
    row.report(code, field, value=resource.masked(resource.by_name[field], cell.value) if cell else "", **params)


def _is_wrong(row: Row, field: str) -> bool:
    return any(found.field == field and found.level == ERROR for found in row.problems)


def _unions_in_reach(context: Context) -> dict[int, Organization]:
    """The unions whose members the list may change: those of the user's reach, inside the list's branch."""
    unions = Organization.objects.filter(path__startswith=context.organization.path)
    if context.user is not None:
        unions = unions.filter(within(reach_of(context.user, "members.change_member"), "path"))
    return unions.in_bulk()


def _found(column: str, values: Iterable[Any], size: int = PIECE, **fixed: Any) -> Iterator[OnRecord]:
    """Members whose `column` has one of the values."""
    wanted = list(values)
    for start in range(0, len(wanted), size):
        members = Member.objects.filter(**{f"{column}__in": wanted[start : start + size]}, **fixed)
        yield from map(OnRecord._make, members.order_by().values_list(*OnRecord._fields))
