"""Sheets on the command line: the same verbs as in the admin.

``sheet import`` ends with 0 where every row is good, 1 where rows are rejected, 2 where the file cannot be used.
What is not applied leaves no trace: a trial run must not keep somebody's personal data.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from unionportal.audit.context import acting
from unionportal.organizations.models import Account, Organization
from unionportal.sheets import actions, exports
from unionportal.sheets.examination import COLUMN_MARK, Examination
from unionportal.sheets.headings import normalize_heading
from unionportal.sheets.problems import ERROR, Problem, SheetFileError, problem
from unionportal.sheets.resources import Context, kinds, resource_for

CLEAN, ROWS_REJECTED, UNUSABLE = 0, 1, 2
MOST_LISTS = 999
# What the system says of a file, in words a clerk reads.
FAULTS = {
    errno.ENOENT: gettext_lazy("there is no such file"),
    errno.ENOTDIR: gettext_lazy("a part of the path is no folder"),
    errno.EISDIR: gettext_lazy("it is a folder and no file"),
    errno.EACCES: gettext_lazy("you may not read or write it"),
    errno.EPERM: gettext_lazy("you may not read or write it"),
    errno.EROFS: gettext_lazy("the disk cannot be written to"),
    errno.ENOSPC: gettext_lazy("the disk is full"),
    errno.ENAMETOOLONG: gettext_lazy("the name is too long"),
}


class Command(BaseCommand):
    help = "Import, export or write the template of a sheet: stations, organizations, …"

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = [resource.kind for resource in kinds()]
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, about in (
            (
                "import",
                "read a spreadsheet and say everything that is wrong; write it with --apply or --apply-good",
            ),
            ("export", "write what the organisation's branch holds to .xlsx or .csv"),
            ("template", "write an empty workbook with headings, notes, choices and an example"),
        ):
            sub = verbs.add_parser(verb, help=about)
            sub.add_argument("kind", choices=known)
            sub.add_argument("file", type=Path)
            sub.add_argument("--organization", metavar="CODE", help="default: the federation itself")
            sub.add_argument("--user", metavar="NAME", help="the account that acts; default: the system")
            if verb == "import":
                sub.add_argument("--apply", action="store_true", help="write all rows, or none if any is rejected")
                sub.add_argument("--apply-good", action="store_true", help="write the rows without an error")
                sub.add_argument(
                    "--table",
                    type=_list_number,
                    default=1,
                    metavar="N",
                    help="which list of the file, where it holds several",
                )
                sub.add_argument("--map", action="append", default=[], metavar="HEADING=field")
                sub.add_argument(
                    "--rest", type=Path, metavar="FILE", help="write the rejected rows with their problems"
                )
                sub.add_argument(
                    "--datum",
                    choices=("wgs84", "gcj02", "bd09"),
                    help="of coordinates, where the list is silent",
                )
                sub.add_argument("--format", choices=("text", "json"), default="text")

    def run_from_argv(self, argv: list[str]) -> None:
        """As ever, but who asked for JSON gets JSON also where the arguments themselves are wrong."""
        if _asks_json(argv[2:]) and (fault := self._fault_of(argv)):
            words = [word for word in argv[2:] if not word.startswith("-")]
            known = ", ".join(resource.kind for resource in kinds())
            self._tell_unusable(problem("arguments-wrong", value=fault, known=known), "".join(words[1:2]), True)
            raise SystemExit(UNUSABLE)
        super().run_from_argv(argv)

    def _fault_of(self, argv: list[str]) -> str:
        """What the parser of arguments has to say against them, in its own words; "" where it takes them."""
        said = io.StringIO()
        self._called_from_command_line = True
        parser = self.create_parser(argv[0], argv[1])
        try:
            with contextlib.redirect_stderr(said):
                parser.parse_args(argv[2:])
        except SystemExit as end:
            return said.getvalue().strip().rpartition("error: ")[2] if end.code else ""
        return ""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = self._account(options["user"])
            organization = self._organization(options["organization"], user)
            with acting(user, source=f"manage.py sheet {options['verb']}"):
                getattr(self, f"_{options['verb']}")(organization, user, options)
        except SheetFileError as error:
            self._tell_unusable(error.problem, options["kind"], options.get("format") == "json")
            raise SystemExit(UNUSABLE) from error

    # --- Who and where ---------------------------------------------------------------------------------------

    def _account(self, name: str | None) -> Account | None:
        if name is None:
            return None
        account = Account.objects.filter(username=name, is_active=True).first()
        if account is None:
            raise SheetFileError(problem("account-unknown", value=name))
        return account

    def _organization(self, code: str | None, user: Account | None) -> Organization:
        """The one with the code, as far as the user sees; without a code the federation itself."""
        rows = Organization.objects.all() if user is None else Organization.objects.visible_to(user)
        found = rows.filter(code=code) if code else rows.filter(depth=1)
        organization = found.first()
        if organization is None and code is None:
            # Whose name is no secret: the federation that the account does not work for as a whole.
            federation = Organization.objects.filter(depth=1).values_list("code", "name").first() or ()
            raise SheetFileError(problem("organization-out-of-reach", value=" ".join(federation)))
        if organization is None:
            raise SheetFileError(problem("organization-out-of-reach", value=code))
        return organization

    # --- The three verbs -------------------------------------------------------------------------------------

    def _import(self, organization: Organization, user: Account | None, options: dict[str, Any]) -> None:
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise _unreadable(options["file"], error) from error
        if options["rest"]:
            try:  # before anything is written: afterwards it would be too late to say no
                options["rest"].open("ab").close()
            except OSError as error:
                raise _unreadable(options["rest"], error) from error
        try:
            found, applied = self._read(content, organization, user, options)
        except (PermissionDenied, ValidationError) as error:
            why = " ".join(getattr(error, "messages", [str(error)]))
            raise SheetFileError(problem("sheet-refused", why=why)) from error
        rejected = found.counts["rejected"]
        if options["rest"] and rejected:
            with options["rest"].open("wb") as file:
                exports.write_rest(file, found)
        if options["format"] == "json":
            self.stdout.write(json.dumps(found.as_dict(applied=applied), ensure_ascii=False, indent=1))
        else:
            self._tell(found, applied)
        if rejected:
            raise SystemExit(ROWS_REJECTED)

    def _read(
        self, content: bytes, organization: Organization, user: Account | None, options: dict[str, Any]
    ) -> tuple[Examination, bool]:
        """Examine the file, once, and write what was found where that was asked for; else everything is rolled back."""
        said = self._mapping(options)
        mapping = {**actions.remembered_mapping(options["kind"], organization), **said}
        with transaction.atomic():
            if options["apply"] or options["apply_good"]:
                actions.lock_kind(options["kind"])
            run, found = actions.hand_in(
                content,
                filename=options["file"].name,
                kind=options["kind"],
                organization=organization,
                by=user,
                mapping=mapping,
                options={"datum": options["datum"]} if options["datum"] else {},
                table=options["table"] - 1,
            )
            rejected = found.counts["rejected"]
            good = found.counts["rows"] > rejected
            applying = (options["apply_good"] and good) or (options["apply"] and not rejected)
            if applying:
                actions.apply_examined(run, found, by=user, good_rows_only=options["apply_good"])
            else:
                transaction.set_rollback(True)
        found.file_problems += _mapped_in_vain(said, found)
        return found, applying

    def _mapping(self, options: dict[str, Any]) -> dict[str, str]:
        """``HEADING=field`` pairs, cut at the last "="; without a field the column is left out."""
        fields = sorted(column.name for column in resource_for(options["kind"]).columns)
        mapping = {}
        for pair in options["map"]:
            heading, equals, name = pair.rpartition("=")
            if not equals or (name and name not in fields):
                raise SheetFileError(problem("mapping-unknown", value=pair, known=", ".join(fields)))
            mapping[heading] = name
        return mapping

    def _tell_unusable(self, found: Problem, kind: str, as_json: bool) -> None:
        """The file cannot be used: JSON says so in the same shape as ever, text in one line."""
        if not as_json:
            self.stderr.write(found.message)
            return
        answer = {
            "sheet": kind,
            **dict.fromkeys(("rows", "created", "updated", "unchanged", "rejected"), 0),
            "applied": False,
            "headings": [],
            "problems": [found.as_dict()],
        }
        self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1))

    def _tell(self, found: Examination, applied: bool) -> None:
        for said in found.problems:
            place = f"{said.row or '—'}{said.column or ''}"
            mark = "✗" if said.level == ERROR else "·"
            self.stdout.write(f"{mark} {place:>8}  {said.message}")
        counts = found.counts
        self.stdout.write(
            _("%(rows)d rows: %(created)d new, %(updated)d changed, %(unchanged)d unchanged, %(rejected)d rejected.")
            % counts
        )
        self.stdout.write(_("Written.") if applied else _("Nothing was written."))

    def _export(self, organization: Organization, user: Account | None, options: dict[str, Any]) -> None:
        format = options["file"].suffix.lstrip(".").lower()
        if format not in exports.FORMATS:
            raise CommandError(_("Name the file .xlsx or .csv."), returncode=UNUSABLE)
        resource = resource_for(options["kind"])(Context(organization, user))
        try:
            rows = exports.exportable(type(resource), user, organization)
            with options["file"].open("wb") as file:
                count = exports.write(file, resource, rows, format)
        except PermissionDenied as error:
            raise CommandError(str(error), returncode=UNUSABLE) from error
        except OSError as error:
            raise _unreadable(options["file"], error) from error
        self.stdout.write(_("%(count)d rows written to %(file)s.") % {"count": count, "file": options["file"]})

    def _template(self, organization: Organization, user: Account | None, options: dict[str, Any]) -> None:
        resource = resource_for(options["kind"])(Context(organization, user))
        try:
            with options["file"].open("wb") as file:
                exports.write_template_of(file, resource)
        except OSError as error:
            raise _unreadable(options["file"], error) from error
        self.stdout.write(_("Template written to %(file)s.") % {"file": options["file"]})


def _unreadable(path: Path, error: OSError) -> SheetFileError:
    why = FAULTS.get(error.errno or 0) or error.strerror or type(error).__name__
    return SheetFileError(problem("file-unreadable", value=str(path), why=str(why)))


def _list_number(text: str) -> int:
    """A number as the message on further lists gives it, from 1. Raises ValueError for anything else."""
    number = int(text)
    if not 1 <= number <= MOST_LISTS:
        raise ValueError
    return number


def _asks_json(arguments: Sequence[str]) -> bool:
    """Whether ``--format`` is given and names anything but text: a script that misspells it reads no prose."""
    following = [*arguments[1:], ""]
    return any(
        (word == "--format" and after != "text") or (word.startswith("--format=") and word != "--format=text")
        for word, after in zip(arguments, following, strict=True)
    )


def _mapped_in_vain(said: dict[str, str], found: Examination) -> list[Problem]:
    """What ``--map`` says of a heading or a column that the list does not have."""
    letters = {match.column for match in found.headings}
    headings = {normalize_heading(match.heading) for match in found.headings}
    return [
        problem("mapping-without-heading", heading=key, field=name)
        for key, name in said.items()
        if (key[1:] not in letters if key.startswith(COLUMN_MARK) else normalize_heading(key) not in headings)
    ]
