"""Models of every format there ever was that can be read: see tests/formats/make.py."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline import ModelError, OutputError, Tagger
from pipeline.active import active_id
from pipeline.classifier import OfficeClassifier
from pipeline.model_files import FORMAT, MANIFEST, MODEL
from pipeline.portable import export_model, import_model, read_portable
from pipeline.store import has_usable_model, list_models, load_model, save_model
from pipeline.versions import rollback, use_model
from tests.formats.make import HERE, QUESTIONS, answers
from tests.models import refused, small_state

FORMATS = ["3", "4"]


@pytest.fixture(params=FORMATS)
def models(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A models folder with the kept model of each format in turn, not active."""
    folder = tmp_path / "models"
    shutil.copytree(HERE / request.param, folder)
    return folder


@pytest.fixture
def model(models: Path) -> str:
    return json.loads((models / "answers.json").read_text())["model"]


def test_there_is_a_small_model_of_each_format_up_to_this_one() -> None:
    assert sorted(path.name for path in HERE.iterdir() if path.name.isdecimal()) == FORMATS
    assert FORMATS[-1] == str(FORMAT)
    for name in FORMATS:
        (file,) = HERE.glob(f"{name}/*/{MODEL}")
        assert file.stat().st_size < 100_000
        assert json.loads((file.parent / MANIFEST).read_text())["format"] == int(name)


def test_a_model_of_any_format_answers_as_when_it_was_made(models: Path, model: str) -> None:
    then = json.loads((models / "answers.json").read_text())
    now = answers(Tagger.load(model, models=models))
    assert now["offices"] == then["offices"]
    assert np.allclose(now["p_front"], then["p_front"], rtol=0, atol=1e-6)
    assert {"front", "back", "review"} == set(then["offices"])


def test_a_model_of_any_format_gives_back_its_estimator(models: Path, model: str) -> None:
    """Parameters that came later have their defaults."""
    state, _ = load_model(models, model)
    estimator = OfficeClassifier.from_state(state)
    assert estimator.get_params() == OfficeClassifier().get_params()
    told = json.loads((models / "answers.json").read_text())["p_front"]
    # Scores are sums of whole numbers: see pipeline.scoring.
    assert np.allclose(estimator.predict_proba(QUESTIONS)[:, 1], told, rtol=0, atol=1e-4)


def test_a_model_of_any_format_is_listed_verified_used_and_sent(
    frontback, models: Path, model: str, tmp_path: Path
) -> None:
    (listed,) = frontback("models", "list", "--json").out.splitlines()
    assert json.loads(listed)["problem"] == ""
    assert "coef  <f4" in frontback("models", "verify", model).out
    assert frontback("models", "use", model).code == 0
    assert json.loads(frontback("tag", "--json", QUESTIONS[0]).out)["office"] == "front"
    export_model(models, model, tmp_path / "sent.zip")
    assert import_model(tmp_path / "theirs", tmp_path / "sent.zip") == (model, True)
    for name in (MANIFEST, MODEL):
        there = tmp_path / "theirs" / model / name
        assert there.read_bytes() == (models / model / name).read_bytes()


def _renumber(models: Path, model: str, number: object) -> None:
    file = models / model / MANIFEST
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": number}))


def test_a_model_of_a_newer_format_asks_for_a_newer_frontback(
    frontback, models: Path, model: str, tmp_path: Path
) -> None:
    export_model(models, model, tmp_path / "old.zip")
    _renumber(models, model, FORMAT + 1)
    told = (
        f"{model}: format {FORMAT + 1}, and this frontback reads 3 and 4; upgrade it with"
        " 'pip install --upgrade frontback'."
    )
    for command in ("verify", "use"):
        refused(frontback("models", command, model), told)
    refused(frontback("models", "export", model, tmp_path / "new.zip"), told)
    (stored,) = list_models(models)
    assert stored.problem == f"format {FORMAT + 1}, newer than this frontback"
    assert active_id(models) is None


@pytest.mark.parametrize("number", [2, 0, -1, True, None, "4", [4], 4.0, 10**4000])
def test_what_is_no_format_that_is_read_is_one_short_sentence(
    models: Path, model: str, number: object
) -> None:
    _renumber(models, model, number)
    with pytest.raises(
        ModelError, match=f"^{model}: format .*this frontback reads 3 and 4"
    ) as told:
        load_model(models, model)
    assert len(str(told.value)) < 200


def test_only_a_default_model_of_an_older_format_is_trained_anew(tmp_path: Path) -> None:
    """`Tagger.load` trains the default model where none is usable."""
    for number, is_usable in ((FORMAT - 1, False), (FORMAT, True), (FORMAT + 1, True)):
        for name in ("default", "own", "default-mine"):
            folder = tmp_path / f"{name}{number}"
            model = f"{name}-0123456789"
            (folder / model).mkdir(parents=True)
            manifest = {"id": model, "format": number}
            (folder / model / MANIFEST).write_text(json.dumps(manifest))
            (folder / "active").write_text(model)
            assert has_usable_model(folder) == (is_usable or name != "default")


@pytest.mark.parametrize("go_back", [lambda to, old: rollback(to), use_model])
def test_who_goes_back_to_an_older_default_model_stays_there(tmp_path: Path, go_back) -> None:
    old = save_model(tmp_path, "default", small_state(), {"format": FORMAT - 1})["id"]
    assert not has_usable_model(tmp_path)
    save_model(tmp_path, "default", small_state(1), {})  # as the next tag does
    go_back(tmp_path, old)
    assert active_id(tmp_path) == old
    assert has_usable_model(tmp_path)
    assert Tagger.load(models=tmp_path).model == old


def test_a_rollback_to_an_older_default_model_holds_without_a_successor(tmp_path: Path) -> None:
    old = save_model(tmp_path, "default", small_state(), {"format": FORMAT - 1})["id"]
    save_model(tmp_path, "own", small_state(1), {})
    assert rollback(tmp_path).model == old
    assert has_usable_model(tmp_path)


def test_a_successor_that_never_became_active_is_none(tmp_path: Path) -> None:
    save_model(tmp_path, "default", small_state(), {"format": FORMAT - 1})
    new = save_model(tmp_path, "default", small_state(1), {}, activate=False)["id"]
    (tmp_path / ".becoming").write_text(f"{new} 1\n")  # killed just before
    assert not has_usable_model(tmp_path)


@pytest.mark.parametrize(("format_", "is_read"), [(FORMAT - 1, True), (1, False)])
def test_where_nothing_can_be_written_an_older_default_model_that_can_be_read_tags(
    tmp_path: Path, monkeypatch, format_: int, is_read: bool
) -> None:
    old = save_model(tmp_path, "default", small_state(), {"format": format_})["id"]

    def read_only(*arguments, **options) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("pipeline.training.FileLock.acquire", read_only)
    said: list[str] = []
    if is_read:
        assert Tagger.load(models=tmp_path, say=said.append).model == old
        assert said == [f"{tmp_path} cannot be written: tagging with {old} of an older frontback"]
    else:
        with pytest.raises(OutputError, match=r"cannot be written \(Read-only file system\)"):
            Tagger.load(models=tmp_path)


def test_the_same_bytes_stored_by_an_older_frontback_get_a_new_manifest_and_stay(
    tmp_path: Path,
) -> None:
    """Else a default model of an older format would be trained anew at each tag."""
    state = small_state()
    old = save_model(tmp_path, "default", state, {"format": FORMAT - 1})["id"]
    file = (tmp_path / old / MODEL).stat().st_ino
    assert not has_usable_model(tmp_path)
    assert save_model(tmp_path, "default", state, {})["id"] == old
    assert has_usable_model(tmp_path)
    assert (tmp_path / old / MODEL).stat().st_ino == file


def test_a_portable_file_of_format_3_is_read(tmp_path: Path) -> None:
    """It was made by frontback 0.4, and has no third part."""
    model = json.loads((HERE / "3" / "answers.json").read_text())["model"]
    export_model(HERE / "3", model, tmp_path / "old.zip")
    assert list(read_portable(tmp_path / "old.zip").parts) == [MANIFEST, MODEL]
