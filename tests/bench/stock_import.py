"""Members through django-import-export as its admin does it: openpyxl, a preview in a transaction that is rolled back,
then the confirmation, which reads and works through the file again. Nothing of it is tuned.

It does less than the portal: it checks no ID number, finds nobody outside the branch, gives no card number. The
translations that the portal's widgets make (男, 农村) are made here in `before_import_row`, and so is the hash, for
members cannot be looked up by a sealed number.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from import_export.fields import Field
from import_export.formats.base_formats import XLSX
from import_export.resources import ModelResource
from import_export.widgets import DateWidget, ForeignKeyWidget

from members.models import Member, OccupationGroup
from unionportal.organizations.models import Organization
from unionportal.privacy import lookup_hash

WORDS = {
    "证件类型": {"居民身份证": "resident_id"},
    "性别": {"男": "M", "女": "F"},
    "户籍类型": {"农村": "rural", "城镇": "urban"},
}


class StockMembers(ModelResource):
    """A ModelResource as its documentation shows one."""

    name = Field("name", "姓名")
    id_type = Field("id_type", "证件类型")
    id_number = Field("id_number", "证件号码")
    id_hash = Field("id_hash", "id_hash")
    phone = Field("phone", "手机号码")
    gender = Field("gender", "性别")
    ethnic_group = Field("ethnic_group", "民族")
    household = Field("household", "户籍类型")
    occupation_group = Field("occupation_group", "职业类别", ForeignKeyWidget(OccupationGroup, "name"))
    employer_name = Field("employer_name", "工作单位")
    organization = Field("organization", "所属工会", ForeignKeyWidget(Organization, "name"))
    joined_on = Field("joined_on", "入会时间", DateWidget("%Y-%m-%d"))
    remarks = Field("remarks", "备注")

    class Meta:
        model = Member
        import_id_fields = ("id_type", "id_hash")

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        for heading, words in WORDS.items():
            row[heading] = words[row[heading]]
        row["id_hash"] = lookup_hash(row["证件号码"], "id_number")
        row["职业类别"] = self.groups[row["职业类别"]]
        row["备注"] = row["备注"] or ""

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        dataset.append_col([""] * len(dataset), header="id_hash")
        self.groups = {
            word: group.name for group in OccupationGroup.objects.all() for word in (group.name, *group.synonyms)
        }


def preview_and_confirm(file: Path) -> int:
    """Import the workbook; returns the number of new members."""
    for dry_run in (True, False):
        dataset = XLSX().create_dataset(file.read_bytes())
        result = StockMembers().import_data(dataset, dry_run=dry_run, file_name=file.name)
        assert not result.has_errors(), result.row_errors()[:1]
    return int(result.totals["new"])
