import io
import json
import multiprocessing
import os
import pickle
from pathlib import Path

import joblib
import numpy as np
import pytest

from pipeline import ModelError, OutputError, Tagger
from pipeline.active import active_id
from pipeline.places import models_folder
from pipeline.safeload import load_arrays
from pipeline.store import list_models, load_model, save_model
from pipeline.training import ensure_model, train

STATE = {"numbers": {"a": 1, "b": 2.5}, "text": "æøå\nñ", "array": np.arange(6, dtype=np.float32)}


def test_what_is_stored_comes_back_and_is_active(tmp_path: Path) -> None:
    manifest = save_model(tmp_path, "own", STATE, {"created": "2027-01-01"})
    state, read = load_model(tmp_path)
    assert read == manifest
    assert active_id(tmp_path) == manifest["id"]
    assert state["numbers"] == STATE["numbers"]
    assert state["text"] == STATE["text"]
    assert np.array_equal(state["array"], STATE["array"])
    there = {path.name for path in tmp_path.iterdir()}
    assert there == {".lock", "active", "history", manifest["id"]}


def test_the_same_training_twice_is_the_same_model_byte_for_byte(
    small_corpus: Path, tmp_path: Path
) -> None:
    ids = [train([small_corpus], tmp_path / folder)["id"] for folder in ("one", "two")]
    assert ids[0] == ids[1]
    files = [tmp_path / folder / ids[0] / "model.joblib" for folder in ("one", "two")]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert train([small_corpus], tmp_path / "one")["id"] == ids[0]
    assert len(list_models(tmp_path / "one")) == 1


def test_the_manifest_says_what_the_model_was_made_of(models: Path) -> None:
    (stored,) = list_models(models)
    manifest = stored.manifest
    assert stored.problem == ""
    assert stored.id == manifest["id"]
    assert manifest["id"].startswith("default-")
    assert set(manifest["versions"]) == {"frontback", "python", "scikit-learn", "numpy", "joblib"}
    assert manifest["corpus"]["counts"]["postings"] >= 2_400
    assert len(manifest["corpus"]["sha256"]) == len(manifest["sha256"]) == 64
    assert manifest["metrics"]["all"]["accuracy"] > 0.9


def test_no_model_an_unknown_one_and_a_strange_name_are_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model here yet; train one with 'frontback train'"):
        load_model(tmp_path)
    with pytest.raises(ModelError, match="no model own-1 here; 'frontback models list'"):
        load_model(tmp_path, "own-1")
    for name in ("../own", "/etc", "OWN", ".own", ""):
        with pytest.raises(ModelError):
            load_model(tmp_path, name)


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    model = save_model(tmp_path, "own", STATE, {})["id"]
    file = tmp_path / model / "model.joblib"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(ModelError, match="damaged, its sha256 is not the manifest's"):
        load_model(tmp_path)


def test_a_model_of_another_format_is_refused(tmp_path: Path) -> None:
    model = save_model(tmp_path, "own", STATE, {"format": 99})["id"]
    with pytest.raises(ModelError, match=f"{model}: format 99, .* upgrade it with 'pip "):
        load_model(tmp_path)
    (stored,) = list_models(tmp_path)
    assert stored.problem == "format 99, newer than this frontback"


@pytest.mark.parametrize(
    ("name", "content"),
    [("manifest.json", b"[]"), ("manifest.json", b"{}"), ("manifest.json", b"\xff\xfe"),
     ("../active", b"\xff\xfe")],
)  # fmt: skip
def test_files_of_the_models_folder_that_are_no_such_files_are_refused(tmp_path, name, content):
    home = tmp_path / save_model(tmp_path, "own", STATE, {})["id"]
    (home / name).write_bytes(content)
    with pytest.raises(ModelError, match=f"{Path(name).name}: .*'frontback train'"):
        load_model(tmp_path)
    (stored,) = list_models(tmp_path)
    assert bool(stored.problem) == ("active" not in name)


def test_a_models_folder_may_be_named_from_home(monkeypatch) -> None:
    monkeypatch.setenv("FRONTBACK_MODELS", "~/models")
    assert models_folder() == models_folder("~/models") == Path.home() / "models"


def test_a_model_file_that_lacks_its_parts_is_refused(tmp_path: Path) -> None:
    save_model(tmp_path, "own", STATE, {})
    with pytest.raises(ModelError, match="the file lacks what a model needs"):
        Tagger.load(models=tmp_path)


class _Runs:
    def __init__(self, flag: Path) -> None:
        self.flag = flag

    def __reduce__(self):
        return os.mkdir, (str(self.flag),)


def test_a_model_file_cannot_run_code(tmp_path: Path) -> None:
    flag = tmp_path / "ran"
    stream = io.BytesIO()
    joblib.dump({"a": _Runs(flag)}, stream)
    for content in (stream.getvalue(), pickle.dumps(_Runs(flag))):
        with pytest.raises(ModelError, match=r"refused, it names \w+\.mkdir"):
            load_arrays(content, Path("model.joblib"))
    assert not flag.exists()


@pytest.mark.parametrize("content", [b"", b"\x80", b"nonsense", pickle.dumps([1, 2])])
def test_bytes_that_are_no_model_are_refused(content: bytes) -> None:
    with pytest.raises(ModelError):
        load_arrays(content, Path("model.joblib"))


def test_a_folder_that_cannot_be_written_is_said() -> None:
    with pytest.raises(OutputError, match=r"the models folder cannot be written .*--models"):
        save_model(Path("/sys/no-such-place"), "own", STATE, {})


def test_a_folder_that_cannot_be_written_is_said_before_the_training(small_corpus) -> None:
    file = small_corpus / "postings" / "en.jsonl"
    said: list[str] = []
    with pytest.raises(OutputError, match="the models folder cannot be written"):
        train([small_corpus], file / "models", say=said.append)
    assert not said


def test_a_default_model_of_an_older_frontback_is_trained_anew_and_one_of_ones_own_is_not(
    small_corpus: Path, tmp_path: Path, monkeypatch
) -> None:
    old = save_model(tmp_path, "default", STATE, {"format": 1})["id"]
    monkeypatch.setattr("pipeline.training.corpus_folder", lambda: small_corpus)
    new = Tagger.load(models=tmp_path).model
    assert new.startswith("default-")
    assert new != old
    assert active_id(tmp_path) == new
    own = save_model(tmp_path, "own", STATE, {"format": 1})["id"]
    with pytest.raises(ModelError, match=f"{own}: format 1, and this frontback reads 3 and 4"):
        Tagger.load(models=tmp_path)


def _ensure(folder: Path, corpus: Path, messages) -> None:
    import pipeline.training

    pipeline.training.corpus_folder = lambda: corpus
    ensure_model(folder, messages.put)


def test_two_first_runs_train_once(small_corpus: Path, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    messages = context.Queue()
    models = tmp_path / "models"
    runs = [
        context.Process(target=_ensure, args=(models, small_corpus, messages)) for _ in range(2)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
        assert run.exitcode == 0
    said = [messages.get(timeout=5) for _ in range(5)]
    assert sum("first use" in message for message in said) == 1
    assert sum("waiting for it" in message for message in said) == 1
    assert messages.empty()
    assert len(list_models(models)) == 1
    assert json.loads((models / active_id(models) / "manifest.json").read_text())["id"]
