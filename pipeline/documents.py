"""One posting from a file: plain text, Markdown, HTML, Word and PDF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.encoding import decode
from pipeline.posting import InputError

OLE_MAGIC = b"\xd0\xcf\x11\xe0"


def read_document(path: Path) -> str:
    """Return the text of a .txt, .md, .html, .docx or .pdf file, markup and all.

    Raises:
        InputError: the file is missing, a folder, empty, protected, damaged, or of another kind.
    """
    check_file(path)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path}: a {path.suffix or 'file without suffix'} is not read here; use"
            f" {', '.join(READERS)}, or pipe the text in with '-'."
        )
    return reader(path)


def check_file(path: Path) -> None:
    """Raise `InputError` unless ``path`` is a file with something in it that may be read."""
    try:
        if path.is_dir():
            raise InputError(f"{path}: this is a folder; name a file in it.")
        if path.exists() and not path.is_file():
            # Opening a pipe that no one writes to would wait for ever.
            raise InputError(
                f"{path}: this is no ordinary file; save what it gives as a file, and name that."
            )
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; check the name and the folder.") from None
    except PermissionError:
        raise InputError(f"{path}: you may not read this file; ask for access to it.") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    if size == 0:
        raise InputError(f"{path}: the file is empty; export it again.")


def _read_text(path: Path) -> str:
    return decode(path.read_bytes(), path)


def _read_docx(path: Path) -> str:
    import docx

    from pipeline.tables.excel.archive import Archive

    refuse_protected(path)
    Archive(path)  # refuses bombs and damage before the reader unpacks anything
    try:
        document = docx.Document(str(path))
        parts: list[str] = []
        for block in document.iter_inner_content():
            if hasattr(block, "rows"):
                parts.extend(" \t ".join(cell.text for cell in row.cells) for row in block.rows)
            else:
                parts.append(block.text)
    except Exception as error:  # a damaged file makes the reader raise just anything
        raise InputError(
            f"{path}: not a readable .docx; open it in Word and save it again."
        ) from error
    return "\n".join(parts)


def _read_pdf(path: Path) -> str:
    import logging

    import pypdf
    from pypdf.errors import FileNotDecryptedError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        pages = [page.extract_text() for page in pypdf.PdfReader(path).pages]
    except FileNotDecryptedError:
        raise InputError(
            f"{path}: the PDF is password-protected; save a copy without a password."
        ) from None
    except Exception as error:  # a damaged file makes the reader raise just anything
        raise InputError(f"{path}: not a readable PDF; export it again.") from error
    text = "\n".join(pages)
    if not text.strip():
        raise InputError(
            f"{path}: the PDF holds no text (a scan?); run text recognition on it first."
        )
    return text


def refuse_protected(path: Path) -> None:
    """Raise `InputError` for Office files that are encrypted, or older than 2007."""
    with path.open("rb") as file:
        head = file.read(4)
        if head != OLE_MAGIC:
            return
        file.seek(0)
        content = file.read()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise InputError(f"{path}: the file is password-protected; save a copy without a password.")
    raise InputError(
        f"{path}: an Office file of the old kind (before 2007); save it as .xlsx or .docx."
    )


READERS: dict[str, Callable[[Path], str]] = {
    ".txt": _read_text,
    ".md": _read_text,
    ".html": _read_text,
    ".htm": _read_text,
    ".docx": _read_docx,
    ".pdf": _read_pdf,
}
