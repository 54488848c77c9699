"""Remarks are sealed: people write ID and phone numbers into them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import migrations

import unionportal.privacy
from unionportal.privacy import seal, unseal

CONTEXT = "members.member.remarks"


def _rewrite(schema_editor: Any, change: Callable[[str, str], str]) -> None:
    """Write the remarks of members, and of their history, anew.

    The triggers rest meanwhile: the history is append-only, and sealing is no change of a member.
    """
    with schema_editor.connection.cursor() as cursor:
        # A trigger is not switched while deferred checks of its table are pending.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, key in (("members_member", "id"), ("members_memberevent", "pgh_id")):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"SELECT {key}, remarks FROM {table} WHERE remarks <> ''")
            rows = [(change(text, CONTEXT), pk) for pk, text in cursor.fetchall()]
            cursor.executemany(f"UPDATE {table} SET remarks = %s WHERE {key} = %s", rows)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def seal_remarks(apps: Any, schema_editor: Any) -> None:
    _rewrite(schema_editor, seal)


def open_remarks(apps: Any, schema_editor: Any) -> None:
    _rewrite(schema_editor, unseal)


class Migration(migrations.Migration):
    dependencies = [("members", "0003_full_names")]

    operations = [
        migrations.RunPython(seal_remarks, open_remarks),
        migrations.AlterField(
            model_name="member",
            name="remarks",
            field=unionportal.privacy.EncryptedTextField(
                blank=True, context=CONTEXT, default="", verbose_name="remarks"
            ),
        ),
        migrations.AlterField(
            model_name="memberevent",
            name="remarks",
            field=unionportal.privacy.EncryptedTextField(
                blank=True, context=CONTEXT, default="", verbose_name="remarks"
            ),
        ),
    ]
