"""frontback models: what is there, which one is in use, and models that travel."""

import json
import os
from pathlib import Path

import pytest

from pipeline.active import active_id, history
from pipeline.store import save_model
from tests.models import small_state


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """The folder of the three models of `ids`; the last one is active."""
    folder = tmp_path / "models"
    for seed in range(3):
        save(folder, seed)
    return folder


@pytest.fixture
def ids(folder: Path) -> list[str]:
    return [change.model for change in history(folder)]


@pytest.fixture
def models(frontback, folder: Path):
    """frontback models … on that folder."""
    return lambda *arguments: frontback("models", *arguments, "--models", folder)


def save(folder: Path, seed: int, **manifest) -> str:
    made = {"created": f"2027-01-0{seed + 1}T10:00:00+00:00"}
    return save_model(folder, "own", small_state(seed), made | manifest)["id"]


def damage(folder: Path, model: str) -> None:
    file = folder / model / "model.joblib"
    content = bytearray(file.read_bytes())
    content[-20] ^= 1
    file.write_bytes(content)


def refused(result, *parts: object) -> None:
    """One sentence on stderr with these parts, nothing on stdout, and 1."""
    assert result.code == 1, result
    assert result.out == ""
    assert result.err.startswith("frontback: ")
    assert result.err.count("\n") == 1
    assert result.err.endswith(".\n")
    for part in parts:
        assert str(part) in result.err


def test_list_shows_all_models_the_oldest_first_and_a_star_at_the_active(models, ids) -> None:
    result = models("list")
    assert result.code == 0
    shown = [line for line in result.out.splitlines() if "own-" in line]
    assert [model in line for model, line in zip(ids, shown, strict=True)] == [True] * 3
    assert ["*" in line for line in shown] == [False, False, True]
    assert "2027-01-01 10:00" in shown[0]
    assert "cannot be used" not in result.out


def test_list_as_json_is_one_object_a_line_with_the_manifest(models, ids) -> None:
    listed = [json.loads(line) for line in models("list", "--json").out.splitlines()]
    assert [each["id"] for each in listed] == ids
    assert [each["active"] for each in listed] == [False, False, True]
    assert [each["problem"] for each in listed] == ["", "", ""]
    assert all(len(each["sha256"]) == 64 and each["format"] == 3 for each in listed)


def test_an_empty_folder_and_none_are_said(frontback, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        result = frontback("models", "list", "--models", folder)
        assert (result.code, result.out) == (0, "")
        assert f"no model in {folder} yet" in result.err
    assert not (tmp_path / "none").exists()


def _garbled(folder: Path, model: str) -> str:
    (folder / model / "manifest.json").write_bytes(b"\xff{")
    return "manifest.json cannot be read (it is no JSON)"


def _without(folder: Path, model: str) -> str:
    (folder / model / "model.joblib").unlink()
    return "model.joblib is missing"


def _bit(folder: Path, model: str) -> str:
    damage(folder, model)
    return "damaged, its sha256 is not the manifest's"


def _linked_file(folder: Path, model: str) -> str:
    file = folder / model / "model.joblib"
    file.rename(folder.parent / "elsewhere")
    file.symlink_to(folder.parent / "elsewhere")
    return "model.joblib is no ordinary file"


def _linked_folder(folder: Path, model: str) -> str:
    (folder / model).rename(folder.parent / model)
    (folder / model).symlink_to(folder.parent / model)
    return "no folder of its own, and links are not followed"


def _pipe(folder: Path, model: str) -> str:
    (folder / model / "manifest.json").unlink()
    os.mkfifo(folder / model / "manifest.json")
    return "manifest.json is no ordinary file"


def _other_id(folder: Path, model: str) -> str:
    (folder / model / "manifest.json").write_text('{"id": "own-1", "format": 3}')
    return f"not the manifest of {model}"


def _odd_format(folder: Path, model: str) -> str:
    (folder / model / "manifest.json").write_text(json.dumps({"id": model, "format": ["3"]}))
    return "format ['3'], and this frontback reads format 3"


def _bomb(folder: Path, model: str) -> str:
    with (folder / model / "manifest.json").open("wb") as file:
        file.truncate(1 << 40)
    return "manifest.json is larger than the 1,048,576 bytes that are read"


DAMAGES = [_garbled, _without, _bit, _linked_file, _linked_folder, _pipe, _other_id, _odd_format,
           _bomb]  # fmt: skip


@pytest.mark.parametrize("do", DAMAGES, ids=lambda do: do.__name__)
def test_a_damaged_model_is_shown_as_such_and_neither_used_nor_exported(
    models, folder: Path, ids, tmp_path: Path, do
) -> None:
    what = do(folder, ids[0])
    listed = [json.loads(line) for line in models("list", "--json").out.splitlines()]
    problems = {each["id"]: each["problem"] for each in listed}
    assert problems == {ids[0]: what, ids[1]: "", ids[2]: ""}
    assert "cannot be used" in models("list").out
    assert what in json.loads(models("show", ids[0], "--json").out)["problem"]
    for arguments in (("use", ids[0]), ("verify", ids[0]), ("export", ids[0], tmp_path / "out")):
        refused(models(*arguments), what)
    assert not (tmp_path / "out").exists()
    assert active_id(folder) == ids[2]
    all_of_them = models("verify")
    assert all_of_them.code == 1
    lines = {f"{ids[0]}  {what}", f"{ids[1]}  sound", f"{ids[2]}  sound"}
    assert set(all_of_them.out.splitlines()) == lines
    assert f"{folder}: 1 of 3 models cannot be used; " in all_of_them.err
    assert models("delete", ids[0]).code == 0
    assert not os.path.lexists(folder / ids[0])
    if do is _linked_folder:
        assert (folder.parent / ids[0] / "model.joblib").is_file()
    assert models("verify").code == 0


def test_a_folder_whose_name_is_no_id_is_shown_and_other_folders_are_not(models, folder, ids):
    (folder / ids[0]).rename(folder / "Copy of a model")
    (folder / "Notes").mkdir()
    names = [json.loads(line)["id"] for line in models("list", "--json").out.splitlines()]
    assert sorted(names) == sorted([*ids[1:], "Copy of a model"])
    assert models("verify").code == 1


def test_a_manifest_from_elsewhere_steers_neither_terminal_nor_table(models, folder, ids) -> None:
    for odd in (
        {"created": "\x1b[31m[red]x", "corpus": [1], "metrics": {"all": 3, "[b]": {}}},
        {"created": 7, "corpus": {"counts": {"postings": "many"}}, "metrics": {"all": None}},
        {"active": True, "problem": "none", "versions": {"a": {"b": "\x07"}}, "metrics": "good"},
    ):
        file = folder / ids[0] / "manifest.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | odd))
        for arguments in (("list",), ("show", ids[0])):
            result = models(*arguments)
            assert result.code == 0
            assert not set("\x1b\x07") & set(result.out)
        told = json.loads(models("show", ids[0], "--json").out)
        assert (told["active"], told["problem"]) == (False, "")


def test_show_says_what_a_model_was_made_of_and_when_it_was_active(models, frontback, ids, folder):
    models("use", ids[0])
    told = json.loads(models("show", ids[0], "--json").out)
    assert told["active"] is True
    assert [bool(end) for _, end in told["was_active"]] == [True, False]
    shown = models("show", "active").out
    assert ids[0] in shown
    assert "to now" in shown
    assert told["sha256"] in shown


def test_show_of_a_trained_model_has_its_figures(frontback) -> None:
    shown = frontback("models", "show", "active").out
    assert "right of these" in shown
    assert "scikit-learn" in shown
    assert [line for line in shown.splitlines() if line.startswith("│ no ")]


def test_use_and_rollback_change_what_tags(models, frontback, folder, ids) -> None:
    assert models("use", ids[0]).code == 0
    assert active_id(folder) == ids[0]
    tag = json.loads(frontback("tag", "--json", "a text", "--models", folder).out)
    assert tag["model"] == ids[0]
    back = models("rollback")
    assert (back.code, back.out) == (0, "")
    assert f"{ids[2]} is the active model, as before {ids[0]}" in back.err
    assert models("rollback").code == 0
    assert active_id(folder) == ids[1]
    assert models("rollback").code == 0
    assert active_id(folder) == ids[0]
    refused(models("rollback"), f"no model was active before {ids[0]}", "models use ID")
    assert active_id(folder) == ids[0]


def test_rollback_passes_what_is_deleted_or_damaged_and_says_so(models, folder, ids) -> None:
    models("delete", ids[1])
    back = models("rollback")
    assert f"{ids[1]} was active in between and can no longer be used" in back.err
    assert active_id(folder) == ids[0]
    models("use", ids[2])
    damage(folder, ids[0])
    refused(models("rollback"), f"no model was active before {ids[2]} that can still be used")
    assert active_id(folder) == ids[2]


def test_the_active_model_is_not_deleted_another_is(models, folder, ids) -> None:
    for name in (ids[2], "active"):
        refused(models("delete", name), f"{ids[2]}: it is the active model; choose another first")
    assert models("verify", ids[2]).code == 0
    assert models("delete", ids[0]).code == 0
    assert not (folder / ids[0]).exists()
    refused(models("delete", ids[0]), f"no model {ids[0]} here")


@pytest.mark.parametrize("name", ["../models", "..", "/etc", "Own-1", "a/b", "", ".lock", "a" * 65])
@pytest.mark.parametrize("command", ["use", "delete", "show", "export"])
def test_a_name_that_leads_elsewhere_is_refused(models, folder, ids, name, command) -> None:
    before = sorted(path.name for path in folder.rglob("*"))
    arguments = [folder / "out"] if command == "export" else []
    refused(models(command, name, *arguments), "is no model id; 'frontback models list' shows them")
    assert sorted(path.name for path in folder.rglob("*")) == before


@pytest.mark.parametrize("command", ["use", "delete", "show", "verify"])
def test_an_unknown_model_is_said_and_no_folder_is_made(frontback, tmp_path, command) -> None:
    folder = tmp_path / "none"
    refused(frontback("models", command, "own-1", "--models", folder), "no model own-1 here")
    refused(frontback("models", "rollback", "--models", folder), "no model is active")
    assert not folder.exists()


def test_verify_lists_what_a_model_holds(models, ids) -> None:
    result = models("verify", "active")
    assert result.code == 0
    assert "coef  float32  9\n" in result.out
    assert "features.word.buckets  int32  3\n" in result.out
    assert "sound" in result.err
    assert f"{ids[0]}  sound\n{ids[1]}  sound\n{ids[2]}  sound\n" == models("verify").out


def test_verify_refuses_a_model_that_lacks_its_parts(models, folder, ids) -> None:
    state = small_state()
    del state["scale"]
    broken = save_model(folder, "own", state, {})["id"]
    refused(models("verify", broken), "lacks what a model needs", "scale")
    models("rollback")
    refused(models("use", broken), "lacks what a model needs")
    assert active_id(folder) == ids[2]


def test_a_model_file_alone_is_verified_without_being_trusted(models, folder, ids, tmp_path):
    file = tmp_path / "sent.joblib"
    file.write_bytes((folder / ids[0] / "model.joblib").read_bytes())
    result = models("verify", file)
    assert (result.code, "coef  float32  9\n" in result.out) == (0, True)
    assert "without a manifest nothing says which" in result.err
    file.write_bytes(b"cos\nsystem\n(S'touch ran'\ntR.")
    refused(models("verify", file), file, "refused")
    refused(models("verify", tmp_path / "no.model"), "no such file")
