"""What a file is that claims to be a workbook: job systems call many things .xls."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.posting import InputError
from pipeline.tables.excel.old import OldBook

ZIP_MAGIC = b"PK\x03\x04"
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"
_HEAD = 4096
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body|meta|table|div|style)\b", re.IGNORECASE)
_BEFORE_97 = re.compile(rb"\x09[\x00\x02\x04][\x04\x06\x08]\x00")


def old_book(path: Path) -> OldBook | None:
    """Return what an .xls says of itself; None for a zip.

    Raises:
        InputError: it is neither, the sentence says what it is instead; or it is protected.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith(ZIP_MAGIC):
            return None
        if not head.startswith(_OLE_MAGIC):
            raise InputError(f"{path}: {_other(head, path)}.")
        content = head + file.read()
    # Looked for as bytes, so that it is found in a container that is damaged as well.
    locked = "EncryptedPackage".encode("utf-16-le") in content
    try:
        book = None if locked else OldBook(content)
    except ValueError as error:
        raise InputError(
            f"{path}: an Office file of the old kind and no readable workbook; open it and save it"
            " as .xlsx."
        ) from error
    if book is None or book.locked:
        raise InputError(f"{path}: the file is password-protected; save a copy without a password.")
    return book


def _other(head: bytes, path: Path) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe\r\n\t ")
    if _BEFORE_97.match(head):
        return "a workbook of Excel before 97; open it in Excel and save it as .xlsx"
    if _HTML.match(text) or (text.startswith(b"<") and _HTML.search(text)):
        return "really a web page (HTML), whatever its name; open it in Excel and save it as .xlsx"
    if b"urn:schemas-microsoft-com:office:spreadsheet" in text:
        return "really an Excel 2003 XML file; open it in Excel and save it as .xlsx"
    if text[:13].lower() == b"mime-version:":
        return "really a web archive (.mht); open it in Excel and save it as .xlsx"
    line = text.splitlines()[0] if text else b""
    printable = not any(byte < 32 and byte not in b"\t\r\n\f" for byte in text)
    if printable and any(sign in line for sign in b"\t;,"):
        suffix = ".tsv" if b"\t" in line else ".csv"
        return f"really a text table, whatever its name; rename it to {suffix}"
    kind = path.suffix.lower() or "workbook"
    return f"not a readable {kind}; open it in Excel and save it again"
