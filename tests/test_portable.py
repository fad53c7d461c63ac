"""A model as one file: the same bytes every time, and nothing hidden in it gets in."""

import io
import json
import os
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import ModelError
from pipeline.active import active_id
from pipeline.model_files import MANIFEST, MODEL, SIGNATURE
from pipeline.portable import export_model, import_model, read_portable
from pipeline.signature import sign_model
from pipeline.signing_keys import read_private_key, write_keys
from pipeline.store import list_models, load_model, save_model
from tests.models import damage, refused, save, small_state


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a small model."""
    folder = tmp_path_factory.mktemp("sent")
    model = save(folder / "models", 0)
    export_model(folder / "models", model, folder / "model.zip")
    return folder / "model.zip"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """No model is needed but those of each test."""
    return tmp_path / "none"


def parts_of(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def test_a_model_goes_out_and_comes_in_the_same(frontback, sent: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    own = save(folder, 1)
    result = frontback("models", "import", sent, "--models", folder)
    model = read_portable(sent).manifest["id"]
    assert (result.code, result.out) == (0, f"{model}\n")
    assert f"'frontback models use {model}' makes it the active one" in result.err
    assert active_id(folder) == own
    assert load_model(folder, model)[1] == load_model(sent.parent / "models", model)[1]
    again = tmp_path / "again.zip"
    assert frontback("models", "export", model, again, "--models", folder).code == 0
    assert again.read_bytes() == sent.read_bytes()
    twice = frontback("models", "import", sent, "--models", folder)
    assert (twice.code, twice.out, "there already" in twice.err) == (0, f"{model}\n", True)


def test_the_file_is_a_plain_zip_of_two_files_without_a_date(sent: Path) -> None:
    with zipfile.ZipFile(sent) as archive:
        assert [entry.filename for entry in archive.infolist()] == [MANIFEST, MODEL]
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


def test_an_existing_file_is_only_replaced_where_that_is_asked(frontback, sent, tmp_path) -> None:
    folder, out = sent.parent / "models", tmp_path / "out.zip"
    out.write_text("precious")
    export = ("models", "export", "active", out, "--models", folder)
    refused(frontback(*export), f"{out}: exists already", "--overwrite")
    assert out.read_text() == "precious"
    assert frontback(*export, "--overwrite").code == 0
    assert out.read_bytes() == sent.read_bytes()
    inside = folder / active_id(folder) / MODEL
    refused(frontback(*export[:3], inside, *export[4:], "--overwrite"), "this is the input itself")


def test_verify_looks_into_a_file_and_stores_nothing(frontback, sent: Path, tmp_path) -> None:
    result = frontback("models", "verify", sent, "--models", tmp_path / "none")
    assert result.code == 0
    assert "coef  <f4  (9,)\n" in result.out
    assert "sound" in result.err
    assert not (tmp_path / "none").exists()


def test_import_mends_a_damaged_model_even_the_active_one(sent: Path, tmp_path: Path) -> None:
    model, is_new = import_model(tmp_path, sent)
    damage(tmp_path, model)
    assert list_models(tmp_path)[0].problem
    assert import_model(tmp_path, sent) == (model, is_new)
    assert not list_models(tmp_path)[0].problem


def test_another_model_with_the_same_id_is_not_written_over(sent: Path, tmp_path: Path) -> None:
    """Ten digits of a sha256 can be forged with patience."""
    model = read_portable(sent).manifest["id"]
    there = save_model(tmp_path, "own", small_state(5), {})["id"]
    (tmp_path / there).rename(tmp_path / model)
    manifest = tmp_path / model / MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"id": model}))
    before = (tmp_path / model / MODEL).read_bytes()
    with pytest.raises(ModelError, match=f"another model has this id; .*delete {model}'"):
        import_model(tmp_path, sent)
    assert (tmp_path / model / MODEL).read_bytes() == before


def _zip(entries, compression=zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in entries:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            entry.compress_type = compression
            archive.writestr(entry, content)
    return stream.getvalue()


def _tar(entries) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in entries:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def _link(parts) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        entry = zipfile.ZipInfo(MODEL)
        entry.external_attr = 0o120777 << 16
        archive.writestr(MANIFEST, parts[MANIFEST])
        archive.writestr(entry, "/etc/passwd")
    return stream.getvalue()


def _manifest(parts, **changed) -> bytes:
    manifest = json.loads(parts[MANIFEST]) | changed
    return _zip([(MANIFEST, json.dumps(manifest)), (MODEL, parts[MODEL])])


def _nested(parts, deep: int) -> bytes:
    text = json.dumps(json.loads(parts[MANIFEST]) | {"parameters": {"C": "?"}})
    manifest = text.replace('"?"', "[" * deep + "3" + "]" * deep)
    return _zip([(MANIFEST, manifest), (MODEL, parts[MODEL])])


NO_PORTABLE = "no model as frontback exports one, or damaged; ask for the file again"
FORGERIES = {
    "empty": (lambda p: b"", NO_PORTABLE),
    "text": (lambda p: b"PK is no zip", NO_PORTABLE),
    "tar": (lambda p: _tar(p.items()), NO_PORTABLE),
    "manifest alone": (lambda p: _zip([(MANIFEST, p[MANIFEST])]), NO_PORTABLE),
    "other order": (lambda p: _zip(reversed(p.items())), NO_PORTABLE),
    "one more": (lambda p: _zip([*p.items(), ("run.py", b"")]), NO_PORTABLE),
    "way out": (lambda p: _zip([("../" + MANIFEST, p[MANIFEST]), *p.items()]), NO_PORTABLE),
    "absolute": (lambda p: _zip([("/tmp/" + n, c) for n, c in p.items()]), NO_PORTABLE),
    "folder": (lambda p: _zip([("own/" + n, c) for n, c in p.items()]), NO_PORTABLE),
    "compressed": (lambda p: _zip(p.items(), zipfile.ZIP_DEFLATED), NO_PORTABLE),
    "bomb": (lambda p: _zip([(MANIFEST, bytes(1 << 22))], zipfile.ZIP_LZMA), NO_PORTABLE),
    "link": (_link, NO_PORTABLE),
    "bytes before": (lambda p: b"#!/bin/sh\n" + _zip(p.items()), NO_PORTABLE),
    "bytes after": (lambda p: _zip(p.items()) + b"\0", NO_PORTABLE),
    "two in one": (lambda p: _zip(p.items()) + _zip(p.items()), NO_PORTABLE),
    "no JSON": (lambda p: _zip([(MANIFEST, b"{"), (MODEL, p[MODEL])]), "it is no JSON"),
    "deep JSON": (lambda p: _zip([(MANIFEST, b"[" * 90_000), (MODEL, b"")]), "it is no JSON"),
    "nested": (lambda p: _nested(p, 200), "is not that of a model"),
    "very nested": (lambda p: _nested(p, 900), "forged.zip"),
    "long manifest": (lambda p: _manifest(p, note="x" * (1 << 20)), NO_PORTABLE),
    "long signature": (lambda p: _zip([*p.items(), (SIGNATURE, bytes(1_001))]), NO_PORTABLE),
    "end before": (lambda p: _zip(p.items())[-22:] + _zip(p.items()), NO_PORTABLE),
    "half an entry": (lambda p: _zip(p.items())[:20], NO_PORTABLE),
    "a list": (lambda p: _zip([(MANIFEST, b"[]"), (MODEL, p[MODEL])]), "is not that of a model"),
    "other model": (lambda p: _zip([(MANIFEST, p[MANIFEST]), (MODEL, b"x")]), "sha256"),
    "other id": (lambda p: _manifest(p, id="own-0123456789"), "is not that of its content"),
    "id leads out": (lambda p: _manifest(p, id="../../own-0"), "is not that of its content"),
    "no id": (lambda p: _manifest(p, id=None), "is not that of its content"),
    "id of a file": (lambda p: _manifest(p, id="active"), "is not that of its content"),
    "format": (lambda p: _manifest(p, format=2), "format 2, and this frontback reads 3 and 4"),
    "newer": (lambda p: _manifest(p, format=5), "format 5, and this frontback reads 3 and 4; upgr"),
    "no sha256": (lambda p: _manifest(p, sha256=None), "its sha256 is not the manifest's"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_file_that_export_did_not_make_is_refused_and_leaves_nothing(
    frontback, sent: Path, tmp_path: Path, name: str
) -> None:
    forge, told = FORGERIES[name]
    file, folder = tmp_path / "forged.zip", tmp_path / "models"
    file.write_bytes(forge(parts_of(sent)))
    result = frontback("models", "import", file, "--models", folder)
    refused(result, told)
    assert not folder.exists()
    if file.read_bytes()[:2] == b"PK":
        assert frontback("models", "verify", file, "--models", folder).err == result.err


def test_a_file_of_very_many_entries_is_refused_before_they_are_listed(
    tmp_path: Path, monkeypatch
) -> None:
    """A million of them, 46 MB, took eight seconds and 450 MB."""
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 3, 20, *[0] * 15)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0, 0, 1_000 * len(entry), 0, 0)
    file = tmp_path / "many.zip"
    file.write_bytes(entry * 1_000 + end)
    listed: list[object] = []
    monkeypatch.setattr(zipfile.ZipInfo, "__init__", lambda *arguments: listed.append(arguments))
    with pytest.raises(ModelError, match=NO_PORTABLE):
        read_portable(file)
    assert not listed


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_refused_and_not_waited_for(start, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for command in ("import", "verify"):
        run = start("models", command, tmp_path / "pipe")
        try:
            err = run.communicate(timeout=20)[1]
        finally:
            run.kill()
        assert run.returncode == 1
        assert "pipe is no ordinary file" in err


def test_a_manifest_from_elsewhere_takes_the_place_of_none(tmp_path: Path) -> None:
    """An older frontback may have stored the very same bytes, and somebody have signed them."""
    write_keys(tmp_path / "team")
    folder = tmp_path / "mine"
    model = save_model(folder, "own", small_state(), {"format": 3})["id"]
    sign_model(folder, model, read_private_key(tmp_path / "team.key"))
    before = {path: path.read_bytes() for path in (folder / model).iterdir()}
    theirs = json.loads((folder / model / MANIFEST).read_text()) | {"format": 4, "metrics": {}}
    parts = [(MANIFEST, json.dumps(theirs)), (MODEL, (folder / model / MODEL).read_bytes())]
    (tmp_path / "sent.zip").write_bytes(_zip(parts))
    assert import_model(folder, tmp_path / "sent.zip") == (model, False)
    assert {path: path.read_bytes() for path in (folder / model).iterdir()} == before


def test_a_model_that_would_run_code_is_refused_by_import(sent: Path, tmp_path: Path) -> None:
    import hashlib
    import pickle

    class Runs:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    content = pickle.dumps({"a": Runs()})
    sha256 = hashlib.sha256(content).hexdigest()
    manifest = {"id": f"own-{sha256[:10]}", "format": 3, "sha256": sha256}
    file = tmp_path / "evil.zip"
    file.write_bytes(_zip([(MANIFEST, json.dumps(manifest)), (MODEL, content)]))
    with pytest.raises(ModelError, match=f"{file}: refused"):
        import_model(tmp_path / "models", file)
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "models").exists()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_change_of_a_byte_and_no_cut_gets_in(sent: Path, data) -> None:
    content = bytearray(sent.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[at] ^= data.draw(st.integers(1, 255))
    else:
        del content[at:]
    file = sent.with_name("torn.zip")
    file.write_bytes(content)
    with pytest.raises(ModelError):
        read_portable(file)
