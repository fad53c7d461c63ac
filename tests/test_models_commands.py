"""frontback models: what is there, which one is in use, and models that travel."""

import json
import os
from pathlib import Path

import pytest

from pipeline.active import active_id, history
from pipeline.store import save_model
from pipeline.training import train
from tests.models import damage, refused, save, small_state


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the three models of `ids`; the last one is active."""
    folder = tmp_path / "models"
    for seed in range(3):
        save(folder, seed)
    return folder


@pytest.fixture
def ids(folder: Path) -> list[str]:
    return [change.model for change in history(folder)]


@pytest.fixture
def models(folder: Path) -> Path:
    """That folder is the one of every command here."""
    return folder


@pytest.fixture
def run(frontback):
    """frontback models … on that folder."""
    return lambda *arguments: frontback("models", *arguments)


def test_list_shows_all_models_the_oldest_first_and_a_star_at_the_active(run, ids) -> None:
    result = run("list")
    assert result.code == 0
    shown = [line for line in result.out.splitlines() if "own-" in line]
    assert [model in line for model, line in zip(ids, shown, strict=True)] == [True] * 3
    assert ["*" in line for line in shown] == [False, False, True]
    assert "2027-01-01 10:00" in shown[0]
    assert "problem" not in result.out


def test_list_as_json_is_one_object_a_line_with_the_manifest(run, ids) -> None:
    listed = [json.loads(line) for line in run("list", "--json").out.splitlines()]
    assert [each["id"] for each in listed] == ids
    assert [each["active"] for each in listed] == [False, False, True]
    assert [each["problem"] for each in listed] == ["", "", ""]
    assert all(len(each["sha256"]) == 64 and each["format"] == 4 for each in listed)


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
    return "format ['3']"


def _bomb(folder: Path, model: str) -> str:
    with (folder / model / "manifest.json").open("wb") as file:
        file.truncate(1 << 40)
    return "manifest.json is larger than the 1,048,576 bytes that are read"


DAMAGES = [_garbled, _without, _bit, _linked_file, _linked_folder, _pipe, _other_id, _odd_format,
           _bomb]  # fmt: skip


@pytest.mark.parametrize("do", DAMAGES, ids=lambda do: do.__name__)
def test_a_damaged_model_is_shown_as_such_and_neither_used_nor_exported(
    run, folder: Path, ids, tmp_path: Path, do
) -> None:
    what = do(folder, ids[0])
    listed = [json.loads(line) for line in run("list", "--json").out.splitlines()]
    problems = {each["id"]: each["problem"] for each in listed}
    assert problems == {ids[0]: what, ids[1]: "", ids[2]: ""}
    assert "problem" in run("list").out
    assert what in json.loads(run("show", ids[0], "--json").out)["problem"]
    for arguments in (("use", ids[0]), ("verify", ids[0]), ("export", ids[0], tmp_path / "out")):
        refused(run(*arguments), what)
    assert not (tmp_path / "out").exists()
    assert active_id(folder) == ids[2]
    all_of_them = run("verify")
    assert all_of_them.code == 1
    lines = {f"{ids[0]}  {what}", f"{ids[1]}  sound", f"{ids[2]}  sound"}
    assert set(all_of_them.out.splitlines()) == lines
    assert f"{folder}: 1 of 3 models cannot be trusted; " in all_of_them.err
    assert run("delete", ids[0]).code == 0
    assert not os.path.lexists(folder / ids[0])
    if do is _linked_folder:
        assert (folder.parent / ids[0] / "model.joblib").is_file()
    assert run("verify").code == 0


def test_a_folder_whose_name_is_no_id_is_shown_and_other_folders_are_not(run, folder, ids):
    (folder / ids[0]).rename(folder / "Copy of a model")
    (folder / "Notes").mkdir()
    names = [json.loads(line)["id"] for line in run("list", "--json").out.splitlines()]
    assert sorted(names) == sorted([*ids[1:], "Copy of a model"])
    assert run("verify").code == 1


def test_a_manifest_from_elsewhere_steers_neither_terminal_nor_table(run, folder, ids) -> None:
    for odd in (
        {"created": "\x1b[31m[red]x", "corpus": [1], "metrics": {"all": 3, "[b]": {}}},
        {"created": 7, "corpus": {"counts": {"postings": "many"}}, "metrics": {"all": None}},
        {"active": True, "problem": "none", "versions": {"a": {"b": "\x07"}}, "metrics": "good"},
    ):
        file = folder / ids[0] / "manifest.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | odd))
        for arguments in (("list",), ("show", ids[0])):
            result = run(*arguments)
            assert result.code == 0
            assert not set("\x1b\x07") & set(result.out)
        told = json.loads(run("show", ids[0], "--json").out)
        assert (told["active"], told["problem"]) == (False, "")


def test_show_says_what_a_model_was_made_of_and_when_it_was_active(run, frontback, ids, folder):
    run("use", ids[0])
    told = json.loads(run("show", ids[0], "--json").out)
    assert told["active"] is True
    assert [bool(end) for _, end in told["was_active"]] == [True, False]
    shown = run("show", "active").out
    assert ids[0] in shown
    assert "to now" in shown
    assert told["sha256"] in shown


def test_show_of_a_trained_model_has_its_figures(run, folder: Path, small_corpus: Path) -> None:
    model = train([small_corpus], folder)["id"]
    assert "right of these" in run("show", model).out
    shown = run("show", "active").out.splitlines()
    assert [line for line in shown if line.startswith("│ en ")]
    assert [line for line in shown if line.startswith("with") and "scikit-learn" in line]


def test_use_and_rollback_change_what_tags(run, frontback, folder, ids) -> None:
    assert run("use", ids[0]).code == 0
    assert active_id(folder) == ids[0]
    tag = json.loads(frontback("tag", "--json", "a text").out)
    assert tag["model"] == ids[0]
    back = run("rollback")
    assert (back.code, back.out) == (0, "")
    assert f"{ids[2]} is the active model, as before {ids[0]}" in back.err
    assert run("rollback").code == 0
    assert active_id(folder) == ids[1]
    assert run("rollback").code == 0
    assert active_id(folder) == ids[0]
    refused(run("rollback"), f"no model was active before {ids[0]}", "models use ID")
    assert active_id(folder) == ids[0]


def test_rollback_passes_what_is_deleted_or_damaged_and_says_so(run, folder, ids) -> None:
    run("delete", ids[1])
    back = run("rollback")
    assert f"{ids[1]} was active in between and can no longer be used" in back.err
    assert active_id(folder) == ids[0]
    run("use", ids[2])
    damage(folder, ids[0])
    refused(run("rollback"), f"no model was active before {ids[2]} that can still be used")
    assert active_id(folder) == ids[2]


def test_the_active_model_is_not_deleted_another_is(run, folder, ids) -> None:
    for name in (ids[2], "active"):
        refused(run("delete", name), f"{ids[2]}: it is the active model; choose another first")
    assert run("verify", ids[2]).code == 0
    assert run("delete", ids[0]).code == 0
    assert not (folder / ids[0]).exists()
    refused(run("delete", ids[0]), f"no model {ids[0]} here")


def test_nothing_but_a_model_is_deleted(run, folder, ids) -> None:
    (folder / "notes.txt").write_text("mine")
    (folder / "drafts").mkdir()
    changes = history(folder)
    for name in ("history", "notes.txt", "drafts"):
        refused(run("delete", name), f"no model {name} here")
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "drafts").is_dir()
    assert history(folder) == changes


def test_what_the_list_shows_can_be_deleted(run, folder, ids) -> None:
    (folder / ids[0] / "manifest.json").unlink()
    (folder / "own-0123456789").symlink_to(folder.parent)
    for name in (ids[0], "own-0123456789"):
        assert name in run("list").out
        assert run("delete", name).code == 0
        assert name not in run("list").out
    assert folder.parent.is_dir()


@pytest.mark.parametrize("name", ["../models", "..", "/etc", "Own-1", "a/b", "", ".lock", "a" * 65])
@pytest.mark.parametrize("command", ["use", "delete", "show", "export"])
def test_a_name_that_leads_elsewhere_is_refused(run, folder, ids, name, command) -> None:
    before = sorted(path.name for path in folder.rglob("*"))
    arguments = [folder / "out"] if command == "export" else []
    refused(run(command, name, *arguments), "is no model id; 'frontback models list' shows them")
    assert sorted(path.name for path in folder.rglob("*")) == before


@pytest.mark.parametrize("command", ["use", "delete", "show", "verify"])
def test_an_unknown_model_is_said_and_no_folder_is_made(frontback, tmp_path, command) -> None:
    folder = tmp_path / "none"
    refused(frontback("models", command, "own-1", "--models", folder), "no model own-1 here")
    refused(frontback("models", command, "active", "--models", folder), "no model is active")
    refused(frontback("models", "rollback", "--models", folder), "no model is active")
    assert not folder.exists()


def test_verify_lists_what_a_model_holds(run, ids) -> None:
    result = run("verify", "active")
    assert result.code == 0
    assert "coef  <f4  (9,)\n" in result.out
    assert "features.word.buckets  <i4  (3,)\n" in result.out
    assert "sound" in result.err
    assert f"{ids[0]}  sound\n{ids[1]}  sound\n{ids[2]}  sound\n" == run("verify").out


def test_verify_refuses_a_model_that_lacks_its_parts(run, folder, ids) -> None:
    state = small_state()
    del state["scale"]
    broken = save_model(folder, "own", state, {})["id"]
    refused(run("verify", broken), "lacks what a model needs", "scale")
    run("rollback")
    refused(run("use", broken), "lacks what a model needs")
    assert active_id(folder) == ids[2]


def test_a_model_file_alone_is_verified_without_being_trusted(run, folder, ids, tmp_path):
    file = tmp_path / "sent.joblib"
    file.write_bytes((folder / ids[0] / "model.joblib").read_bytes())
    result = run("verify", file)
    assert (result.code, "coef  <f4  (9,)\n" in result.out) == (0, True)
    assert "without a manifest nothing says which" in result.err
    file.write_bytes(b"cos\nsystem\n(S'touch ran'\ntR.")
    refused(run("verify", file), file, "refused")
    refused(run("verify", tmp_path / "no.model"), "no such file")
