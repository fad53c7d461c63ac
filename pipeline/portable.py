"""A model as one file, to send to a colleague or to keep: a zip of what makes the version.

That is manifest.json, model.joblib, and the signature where there is one.

Nothing in it is compressed, and times, order and attributes are fixed, so that the same model is
the same file to the byte. Reading makes use of that: what is found is packed again and has to give
the file that was read. A zip in which anything else is hidden (more entries, links, names that lead
elsewhere, bytes before, between or after) cannot pass.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from pathlib import Path
from typing import NamedTuple

from pipeline.card import card_files
from pipeline.model_changes import changing
from pipeline.model_files import (
    MANIFEST,
    MODEL,
    MOST_BYTES,
    SIGNATURE,
    Manifest,
    is_id,
    parse_manifest,
    read_manifest,
    read_plain,
)
from pipeline.model_folder import new_version, write_whole
from pipeline.output import appearing, check_output, claimed
from pipeline.posting import ModelError
from pipeline.signature import check_signature, read_signature
from pipeline.store import id_of, keep
from pipeline.verification import verify

_BEGINNING = b"PK"
#: What stands before each file in a zip; the third last number is how many bytes it has.
_ENTRY, _HEADER = b"PK\3\4", struct.Struct("<4s5H3L2H")
_MOST_BYTES = sum(MOST_BYTES.values()) + 1_000
#: The first moment that a zip can name.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_AGAIN = "ask for the file again, made by 'frontback models export'"


class Portable(NamedTuple):
    """A model out of a portable file, verified.

    Attributes:
        manifest: as it was where the model was exported.
        parts: its files by name: bytes.
        contents: what is in the model file, a line a value.
        signer: the public key that it is signed with; empty where it is not.
    """

    manifest: Manifest
    parts: dict[str, bytes]
    contents: list[str]
    signer: str


def is_portable(file: Path) -> bool:
    """Whether a file begins as a portable model does."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            return False  # to open a pipe is to wait for whoever writes into it
        with file.open("rb") as opened:
            return opened.read(len(_BEGINNING)) == _BEGINNING
    except OSError:
        return False


def export_model(folder: Path, model: str, output: Path, overwrite: bool = False) -> None:
    """Write a stored model into one file.

    Raises:
        ModelError: no such model, or it or its signature is damaged.
        OutputError: the file is there already, or cannot be written.
    """
    home = folder / model
    manifest = read_manifest(folder, model)
    parts = {
        MANIFEST: read_plain(home / MANIFEST, MOST_BYTES[MANIFEST]),
        MODEL: read_plain(home / MODEL, MOST_BYTES[MODEL]),
    }
    verify(parts[MODEL], manifest, home / MODEL)
    signature = read_signature(home)
    check_signature(signature, parts[MANIFEST], home)
    if signature is not None:
        parts[SIGNATURE] = signature
    check_output(output, home / MODEL, overwrite)
    with claimed(output), appearing(output, replace=overwrite) as temporary:
        temporary.write_bytes(_pack(parts))


def import_model(folder: Path, file: Path, key: bytes | None = None) -> tuple[str, bool]:
    """Store the model of a portable file, verified; the active model stays as it is.

    Args:
        key: the public key that it has to be signed with; None where it need not be signed.

    Returns:
        Its id, and whether it was not there before.

    Raises:
        ModelError: the file holds no model, or one that is not what its manifest says.
        OutputError: the folder cannot be written.
    """
    portable = read_portable(file, key)
    model = portable.manifest["id"]
    with changing(folder):
        version = new_version(folder)
        for name, content in (portable.parts | card_files(portable.manifest)).items():
            (version / name).write_bytes(content)
        is_new = keep(version, folder / model, portable.manifest)
        if not is_new:
            _take_signature(folder, model, portable.parts, key is not None)
        return model, is_new


def _take_signature(folder: Path, model: str, parts: dict[str, bytes], is_wanted: bool) -> None:
    """Give a model that was there already the signature of the file, if it has none or another.

    Another one is replaced only where the key was named that the file is signed with.
    """
    home = folder / model
    is_same = read_plain(home / MANIFEST, MOST_BYTES[MANIFEST]) == parts[MANIFEST]
    if is_wanted and not is_same:
        raise ModelError(
            f"{home}: the same model is there with another manifest, which is not the one that was"
            f" signed; remove it first with 'frontback models delete {model}'."
        )
    has_one = os.path.lexists(home / SIGNATURE)
    if is_same and SIGNATURE in parts and (is_wanted or not has_one):
        write_whole(folder, f"{model}/{SIGNATURE}", parts[SIGNATURE].decode())


def read_portable(file: Path, key: bytes | None = None) -> Portable:
    """Return the model of a portable file.

    Args:
        key: as in `import_model`.

    Raises:
        ModelError: the file holds no model, or one that is not what its manifest says, or is not
            signed as it has to be.
    """
    content = read_plain(file, _MOST_BYTES, "name one that 'frontback models export' made")
    parts = _unpack(content, file)
    signer = check_signature(parts.get(SIGNATURE), parts[MANIFEST], file, key)
    manifest = parse_manifest(parts[MANIFEST], file)
    found = verify(parts[MODEL], manifest, file)
    model = str(manifest.get("id"))
    if not is_id(model) or model != id_of(model.rpartition("-")[0], manifest["sha256"]):
        raise ModelError(f"{file}: its id {model!r:.80} is not that of its content; {_AGAIN}.")
    return Portable(manifest, parts, found, signer)


def _pack(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.create_system = 3  # as on Linux, wherever it is made
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return stream.getvalue()


def _unpack(content: bytes, file: Path) -> dict[str, bytes]:
    """Return the parts by name; `ModelError` where these are not the bytes that `_pack` makes.

    `zipfile` would list all entries of a file before one can be looked at, millions in a file of
    this size. What `_pack` makes can be read from its beginning.
    """
    parts: dict[str, bytes] = {}
    at = 0
    for name in (MANIFEST, MODEL, SIGNATURE):
        header = content[at : at + _HEADER.size]
        if header[: len(_ENTRY)] != _ENTRY or len(header) < _HEADER.size:
            break
        size = _HEADER.unpack(header)[-3]
        at += _HEADER.size + len(name)
        if size > MOST_BYTES[name]:
            raise _no_portable(file)
        parts[name] = content[at : at + size]
        at += size
    if len(parts) < 2 or _pack(parts) != content:
        raise _no_portable(file)
    return parts


def _no_portable(file: Path) -> ModelError:
    return ModelError(f"{file}: no model as frontback exports one, or damaged; {_AGAIN}.")
