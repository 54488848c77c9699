"""What a file is, by its content: names lie, and old systems call a web page .xls."""

import re
import zipfile
from typing import BinaryIO

from ..problems import refuse

OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

FOREIGN_SIGNATURES = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"RIFF": "RIFF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"{\\rtf": "RTF",
    b"\x7fELF": "ELF",
    b"MZ": "EXE",
    b"SQLite format 3": "SQLite",
    b'{"': "JSON",
    b"[{": "JSON",
    b"MIME-Version:": "MHTML",
}

# A list of 1.1 million rows of 12 columns unpacks to about 900 MB of XML at a ratio of 20 to 40.
MAX_UNPACKED_BYTES = 1024**3
RATIO_FREE_BYTES = 64 * 1024**2
MAX_RATIO = 200
MAX_ENTRIES = 20_000
DOCTYPE_WINDOW = 64 * 1024

TEXT_STARTS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def detect_kind(file: BinaryIO) -> str:
    """Say what the file is: xlsx, xlsb, xls, ods, html, xml or csv; leaves the file at its start.

    Raises ``SheetFileError`` for what is no spreadsheet, is encrypted, damaged or unsafe to unpack.
    """
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if head.startswith(ZIP_SIGNATURES):
        return _kind_of_zip(file)
    if head.startswith(OLE_SIGNATURE):
        return _kind_of_ole(file)
    for signature, kind in FOREIGN_SIGNATURES.items():
        if head.startswith(signature):
            raise refuse("file-not-spreadsheet", kind=kind)
    return _kind_of_text(head)


def _kind_of_text(head: bytes) -> str:
    text = head
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", errors="ignore").encode()
    start = text.removeprefix(b"\xef\xbb\xbf").lstrip()[:2048].lower()
    if not start.startswith(b"<"):
        return "csv"
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        return "xml"
    if re.search(rb"<(!doctype html|html|table|head|meta|body|style|div|script)\b", start):
        return "html"
    if start.startswith((b"<?xml", b"<!doctype")):
        raise refuse("file-not-spreadsheet", kind="XML")
    return "csv"


def _kind_of_ole(file: BinaryIO) -> str:
    """The streams' names stand in UTF-16 in the directory of the compound file."""
    content = file.read()
    file.seek(0)

    def has(stream: str) -> bool:
        return (stream + "\0").encode("utf-16-le") in content

    if has("EncryptedPackage"):
        raise refuse("file-encrypted")
    if has("Workbook") or has("Book"):
        return "xls"
    if has("WordDocument"):
        raise refuse("file-not-spreadsheet", kind="Word")
    if has("PowerPoint Document"):
        raise refuse("file-not-spreadsheet", kind="PowerPoint")
    raise refuse("file-damaged")


def _kind_of_zip(file: BinaryIO) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            _check_size(archive)
            kind = _kind_of_package(archive)
            _check_doctype(archive)
    # Damaged archives raise almost anything: struct.error, zlib.error, UnicodeDecodeError, RuntimeError …
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, ValueError, RuntimeError) as error:
        raise refuse("file-damaged") from error
    except Exception as error:
        if hasattr(error, "problem"):
            raise
        raise refuse("file-damaged") from error
    file.seek(0)
    return kind


def _check_size(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED_BYTES:
        raise refuse("file-too-complex")
    if unpacked > RATIO_FREE_BYTES and unpacked / packed > MAX_RATIO:
        raise refuse("file-too-complex")


def _kind_of_package(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(name.lower().startswith("xl/") for name in names):
        return "xlsx"
    if any(name.startswith("word/") for name in names):
        raise refuse("file-not-spreadsheet", kind="Word")
    if any(name.startswith("ppt/") for name in names):
        raise refuse("file-not-spreadsheet", kind="PowerPoint")
    if "mimetype" in names and b"opendocument" in archive.read("mimetype"):
        if b"spreadsheet" not in archive.read("mimetype"):
            raise refuse("file-not-spreadsheet", kind="OpenDocument")
        if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise refuse("file-encrypted")
        return "ods"
    raise refuse("file-not-spreadsheet", kind="ZIP")


def _check_doctype(archive: zipfile.ZipFile) -> None:
    """An office document never has a DOCTYPE; one that has wants entities expanded."""
    for entry in archive.infolist():
        if entry.filename.endswith((".xml", ".rels", ".vml")):
            with archive.open(entry) as part:
                if b"<!DOCTYPE" in part.read(DOCTYPE_WINDOW).replace(b"\0", b""):
                    raise refuse("file-unsafe")
