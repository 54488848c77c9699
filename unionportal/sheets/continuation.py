"""Corrected rows that come back: the returned workbook bears the mark of its run in its document properties."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from django.core.signing import BadSignature, Signer

from unionportal.organizations.models import Organization
from unionportal.sheets.models import SheetRun

PROPERTY = "UnionPortalSheet"
_PART = "docProps/custom.xml"
_MOST_BYTES = 64 * 1024
_VALUE = re.compile(rb'<(?:\w+:)?property\b[^>]*\bname="' + PROPERTY.encode() + rb'"[^>]*>\s*<[^>]+>([^<]{1,200})<')


def _signer() -> Signer:
    return Signer(salt="unionportal.sheets.continuation")


def mark_of(run: SheetRun) -> str:
    """The text that a returned workbook carries; it names the run and can't be made up."""
    return _signer().sign(str(run.pk))


def continued_run(content: bytes, kind: str, organization: Organization, by: Any) -> SheetRun | None:
    """The run whose returned rows a file holds, of the same kind and union and visible to `by`; else None."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.getinfo(_PART).file_size > _MOST_BYTES:
                return None
            found = _VALUE.search(archive.read(_PART))
        pk = int(_signer().unsign(found[1].decode())) if found else 0
    except (zipfile.BadZipFile, KeyError, BadSignature, ValueError, RuntimeError, NotImplementedError, OSError):
        return None
    runs = SheetRun.objects.all() if by is None else SheetRun.objects.visible_to(by)
    return runs.filter(pk=pk, kind=kind, organization=organization).first()
