"""`manage.py sheet`: what a script may count on. Exit codes and JSON alone on stdout are seen from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from stations.models import Station
from tests.factories import make_account, make_county, make_federation, make_station
from unionportal.audit.models import AuditEvent
from unionportal.organizations.models import Organization
from unionportal.organizations.roles import Role
from unionportal.sheets import examination
from unionportal.sheets.actions import SheetUnusable, hand_in
from unionportal.sheets.management.commands.sheet import Command as SheetCommand
from unionportal.sheets.models import SheetRun
from unionportal.sheets.reading import read_file

KEYS = ["sheet", "rows", "created", "updated", "unchanged", "rejected", "applied", "headings", "problems"]
PROBLEM_KEYS = ["row", "column", "heading", "field", "level", "code", "message", "value"]


@pytest.fixture
def county(db: None) -> Organization:
    return make_county()


def write(folder: Path, *lines: str, name: str = "list.csv") -> Path:
    file = folder / name
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def run(*arguments: Any) -> tuple[int, str]:
    """(exit code, stdout) of the command in this process."""
    out = StringIO()
    try:
        call_command("sheet", *map(str, arguments), stdout=out, stderr=StringIO())
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def ask(*arguments: Any) -> tuple[int, dict[str, Any]]:
    code, out = run("import", *arguments, "--format", "json")
    return code, json.loads(out)


def test_a_trial_run_says_what_would_happen_and_leaves_no_trace(county: Organization, tmp_path: Path) -> None:
    file = write(tmp_path, "驿站名称,地址", "甲路驿站,甲路1号", "乙路驿站,乙路1号")
    code, answer = ask("stations", file, "--organization", county.code)
    assert (code, list(answer)) == (0, KEYS)
    assert (answer["rows"], answer["created"], answer["applied"]) == (2, 2, False)
    assert answer["headings"][0] == {"heading": "驿站名称", "column": "A", "field": "name"}
    assert not Station.objects.exists() and not SheetRun.objects.exists()
    assert not AuditEvent.objects.filter(verb="apply_sheet").exists()


BESIDE = ("名称,地址,,名称,地址", "甲路驿站,甲路1号,,丙路驿站,丙路3号", "乙路驿站,乙路1号,,,")


def test_the_second_of_two_lists_is_read_by_its_number(county: Organization, tmp_path: Path) -> None:
    file = write(tmp_path, *BESIDE)
    code, answer = ask("stations", file, "--organization", county.code, "--table", 2, "--apply")
    named = [match["column"] for match in answer["headings"] if match["field"]]
    assert (code, answer["rows"], named) == (0, 1, ["D", "E"])
    assert Station.objects.get().name == "丙路驿站"


def test_a_list_that_the_file_does_not_have_is_refused(county: Organization, tmp_path: Path) -> None:
    code, answer = ask("stations", write(tmp_path, *BESIDE), "--organization", county.code, "--table", 3)
    assert (code, answer["problems"][0]["code"]) == (2, "table-unknown")


@pytest.mark.parametrize("number", ["0", "-1", "zwei", "99999999999"])
def test_a_list_is_named_by_a_number_from_one(county: Organization, tmp_path: Path, number: str) -> None:
    with pytest.raises(CommandError):
        run("import", "stations", write(tmp_path, *BESIDE), f"--table={number}")


def test_apply_writes_all_rows_and_the_second_time_none_has_changed(county: Organization, tmp_path: Path) -> None:
    file = write(tmp_path, "驿站名称,地址", "甲路驿站,甲路1号", "乙路驿站,乙路1号")
    assert ask("stations", file, "--organization", county.code, "--apply")[1]["applied"] is True
    assert Station.objects.filter(organization=county).count() == 2
    code, answer = ask("stations", file, "--organization", county.code, "--apply")
    assert (code, answer["unchanged"], answer["created"]) == (0, 2, 0)
    assert [found["code"] for found in answer["problems"]] == ["file-repeated"]


def test_what_is_written_is_what_was_examined_and_the_file_is_read_once(
    county: Organization, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    monkeypatch.setattr(examination, "read_file", lambda *given: read.append(given) or read_file(*given))
    file = write(tmp_path, "驿站名称,地址", "甲路驿站,甲路1号")
    code, answer = ask("stations", file, "--organization", county.code, "--apply")
    assert (code, answer["applied"], Station.objects.count(), len(read)) == (0, True, 1, 1)
    assert SheetRun.objects.get().state == SheetRun.State.APPLIED
    assert AuditEvent.objects.filter(verb="apply_sheet").count() == 1


def test_apply_writes_nothing_while_a_row_is_rejected(county: Organization, tmp_path: Path) -> None:
    file = write(tmp_path, "驿站名称,经度,纬度", "甲路驿站,102.71,25.04", "乙路驿站,1120.36237,25.04", "合计,2家,")
    code, answer = ask("stations", file, "--organization", county.code, "--apply")
    assert (code, answer["applied"], answer["rows"], answer["rejected"]) == (1, False, 3, 2)
    assert not Station.objects.exists() and not SheetRun.objects.exists()
    wrong = next(found for found in answer["problems"] if found["code"] == "coordinate-impossible")
    assert list(wrong) == PROBLEM_KEYS
    assert (wrong["row"], wrong["column"], wrong["level"], wrong["value"]) == (3, "B", "error", "1120.36237")
    assert "total-row" in {found["code"] for found in answer["problems"]}


def test_apply_good_writes_the_good_rows_and_gives_the_rest(county: Organization, tmp_path: Path) -> None:
    file = write(tmp_path, "驿站名称,经度,纬度", "甲路驿站,102.71,25.04", "乙路驿站,1120.36237,25.04")
    rest = tmp_path / "rest.xlsx"
    code, answer = ask("stations", file, "--organization", county.code, "--apply-good", "--rest", rest)
    assert (code, answer["applied"], answer["created"]) == (1, True, 1)
    assert [row[0] for row in openpyxl.load_workbook(rest).active.iter_rows(values_only=True)][1:] == ["乙路驿站"]


def test_warnings_do_not_change_the_exit_code(county: Organization, tmp_path: Path) -> None:
    file = write(tmp_path, "驿站名称,神秘列", "甲路驿站,1")
    code, answer = ask("stations", file, "--organization", county.code)
    assert code == 0 and [found["level"] for found in answer["problems"]] == ["warning"]
    assert answer["headings"][1]["field"] is None and answer["problems"][0]["row"] is None


def test_a_mapping_is_cut_at_the_last_equals_sign(county: Organization, tmp_path: Path) -> None:
    file = write(tmp_path, "驿站名称,a=b,没用", "甲路驿站,甲路1号,x")
    code, answer = ask("stations", file, "--map", "a=b=address", "--map", "没用=", "--organization", county.code)
    assert code == 0 and answer["problems"] == []
    assert [heading["field"] for heading in answer["headings"]] == ["name", "address", None]


def test_a_list_without_headings_is_mapped_by_its_letters(county: Organization, tmp_path: Path) -> None:
    file = write(tmp_path, "甲路1号,甲路驿站", "乙路2号,乙路驿站", "丙路3号,丙路驿站")
    code, answer = ask("stations", file, "--map", "#A=address", "--map", "#B=name", "--organization", county.code)
    assert (code, answer["created"]) == (0, 3)


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (["--user", "nobody"], "account-unknown"),
        (["--organization", "000000"], "organization-out-of-reach"),
        (["--map", "驿站名称=nonsense"], "mapping-unknown"),
        (["--map", "nonsense"], "mapping-unknown"),
    ],
)
def test_what_cannot_be_done_is_said_as_json_too(
    county: Organization, tmp_path: Path, extra: list[str], expected: str
) -> None:
    code, answer = ask("stations", write(tmp_path, "驿站名称", "甲路驿站", "乙路驿站"), *extra)
    assert (code, list(answer), answer["rows"]) == (2, KEYS, 0)
    assert [found["code"] for found in answer["problems"]] == [expected]


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "file-unreadable"), (b"", "file-empty"), (b"%PDF-1.7 ...", "file-not-spreadsheet")],
)
def test_a_file_that_cannot_be_used_ends_with_two(
    county: Organization, tmp_path: Path, content: bytes | None, expected: str
) -> None:
    file = tmp_path / "x.xlsx"
    if content is not None:
        file.write_bytes(content)
    code, answer = ask("stations", file)
    assert (code, answer["problems"][0]["code"], answer["problems"][0]["row"]) == (2, expected, None)


def test_the_named_user_acts_within_his_reach(county: Organization, tmp_path: Path) -> None:
    clerk = make_account(Role.CLERK, county, username="clerk-w")
    reader = make_account(Role.READ_ONLY, county)
    file = write(tmp_path, "驿站名称", "甲路驿站", "乙路驿站")
    code, answer = ask("stations", file, "--user", clerk.username)
    assert (code, answer["problems"][0]["code"]) == (2, "organization-out-of-reach"), "the federation is not his"
    code, answer = ask("stations", file, "--user", reader.username, "--organization", county.code)
    assert (code, answer["problems"][0]["code"]) == (2, "sheet-refused")
    code, answer = ask("stations", file, "--user", clerk.username, "--organization", county.code, "--apply")
    assert code == 0 and SheetRun.objects.get().applied_by == clerk


def test_without_an_organization_it_is_the_federation(db: None, tmp_path: Path) -> None:
    federation = make_federation()
    ask("stations", write(tmp_path, "驿站名称", "甲路驿站", "乙路驿站"), "--apply")
    assert set(Station.objects.values_list("organization", flat=True)) == {federation.pk}


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_an_export_from_the_command_line_comes_back_unchanged(
    county: Organization, tmp_path: Path, suffix: str
) -> None:
    make_station(county, "甲路驿站", public_phone="0871-65123456")
    make_station(make_county("盘龙区总工会（演示）", "530103"), "乙路驿站")
    file = tmp_path / f"out.{suffix}"
    assert run("export", "stations", file, "--organization", county.code)[0] == 0
    code, answer = ask("stations", file, "--organization", county.code)
    assert (code, answer["rows"], answer["unchanged"]) == (0, 1, 1)


@pytest.mark.parametrize("kind", ["stations", "organizations"])
def test_an_empty_template_has_no_rows(county: Organization, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "template.xlsx"
    assert run("template", kind, file)[0] == 0
    code, answer = ask(kind, file)
    assert (code, answer["rows"], answer["problems"]) == (0, 0, [])


@pytest.mark.django_db(transaction=True)
def test_from_outside_stdout_is_json_alone_in_chinese(tmp_path: Path) -> None:
    """A process of its own on the test database; nothing of it is applied."""
    make_federation()
    file = write(tmp_path, "驿站名称,开门方式", "甲路驿站,飞进去", "合计,1")
    arguments = [sys.executable, "manage.py", "sheet", "import", "stations", str(file), "--format", "json"]
    name = connection.settings_dict["NAME"]
    settings_module = tmp_path / "sheet_test_settings.py"
    settings_module.write_text(f"from unionportal.settings import *\nDATABASES['default']['NAME'] = {name!r}\n")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "sheet_test_settings",
        "PYTHONPATH": str(tmp_path),
        "PYTHONIOENCODING": "utf-8",
    }
    ended = subprocess.run(
        arguments, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120
    )
    answer = json.loads(ended.stdout)
    assert (ended.returncode, answer["rows"], answer["rejected"]) == (1, 2, 1)
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in found["message"]) for found in answer["problems"])


# --- What a script must be able to count on ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["import", "nonsense", "x.csv", "--format", "json"],
        ["import", "stations", "x.csv", "--format", "jsonl"],
        ["import", "--format=json"],
        ["import", "stations", "--format", "json"],
        ["import", "stations", "x.csv", "--no-such-option", "--format", "json"],
    ],
)
def test_wrong_arguments_are_said_as_json_alone(arguments: list[str]) -> None:
    out = StringIO()
    command = SheetCommand(stdout=out, stderr=StringIO())
    with pytest.raises(SystemExit) as ended:
        command.run_from_argv(["manage.py", "sheet", *arguments])
    answer = json.loads(out.getvalue())
    assert (ended.value.code, list(answer)) == (2, KEYS)
    assert [(p["code"], list(p)) for p in answer["problems"]] == [("arguments-wrong", PROBLEM_KEYS)]


def test_every_problem_has_the_same_keys_also_where_several_sheets_were_read(
    county: Organization, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for name in ("东片", "西片"):
        sheet = book.create_sheet(name)
        sheet.append(["驿站名称", "经度", "纬度"])
        sheet.append([f"{name}驿站", "1120.36237", "25.04"])
    del book["Sheet"]
    book.save(tmp_path / "two.xlsx")
    code, answer = ask("stations", tmp_path / "two.xlsx", "--organization", county.code)
    assert (code, answer["rejected"]) == (1, 2)
    assert all(list(found) == PROBLEM_KEYS for found in answer["problems"])
    assert {"东片", "西片"} <= {
        sheet for sheet in ("东片", "西片") for p in answer["problems"] if sheet in p["message"]
    }


def test_a_mapping_of_a_heading_that_is_not_there_is_said(county: Organization, tmp_path: Path) -> None:
    file = write(tmp_path, "驿站名称,地址", "甲路驿站,甲路1号")
    code, answer = ask("stations", file, "--map", "位址=address", "--map", "#Z=theme", "--organization", county.code)
    assert code == 0 and [p["code"] for p in answer["problems"]] == ["mapping-without-heading"] * 2


def test_nothing_is_applied_where_no_row_is_good(county: Organization, tmp_path: Path) -> None:
    file = write(tmp_path, "驿站名称,经度,纬度", "乙路驿站,1120.36237,25.04")
    code, answer = ask("stations", file, "--organization", county.code, "--apply-good")
    assert (code, answer["applied"], answer["rejected"]) == (1, False, 1)
    assert not SheetRun.objects.exists()


def test_who_does_not_work_for_the_federation_is_told_so_by_its_name(county: Organization, tmp_path: Path) -> None:
    clerk = make_account(Role.CLERK, county, username="clerk-w")
    code, answer = ask("stations", write(tmp_path, "驿站名称", "甲路驿站"), "--user", clerk.username)
    federation = Organization.objects.get(depth=1)
    assert code == 2 and federation.name in answer["problems"][0]["message"]
    assert "--organization" in answer["problems"][0]["message"]


def test_what_the_system_says_of_a_file_is_said_in_chinese(county: Organization, tmp_path: Path) -> None:
    for place in (tmp_path / "none.xlsx", tmp_path, tmp_path / "none" / "x.xlsx"):
        code, answer = ask("stations", place, "--organization", county.code)
        message = answer["problems"][0]["message"]
        assert (code, answer["problems"][0]["code"]) == (2, "file-unreadable")
        assert not any(word in message for word in ("No such", "Is a directory", "Not a directory")), message


def test_the_record_keeps_why_a_file_could_not_be_used(county: Organization) -> None:
    with pytest.raises(SheetUnusable):
        hand_in(b"%PDF-1.7 ...", filename="x.xlsx", kind="stations", organization=county, by=None)
    run_ = SheetRun.objects.get()
    assert (run_.state, run_.refusal_code) == (SheetRun.State.UNUSABLE, "file-not-spreadsheet") and run_.refusal
