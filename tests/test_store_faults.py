"""The models folder under fire: killed at every step, and changed by several at once."""

import multiprocessing
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline import ModelError, OutputError
from pipeline.active import active_id, before, history
from pipeline.model_changes import changing
from pipeline.portable import export_model
from pipeline.signature import check_stored_signature
from pipeline.signing_keys import write_keys
from pipeline.store import list_models, save_model
from pipeline.versions import delete_model, rollback, use_model
from tests.models import small_state

# Does one change in a copy of a folder, killed before the first step that touches the folder, then
# before the second, and so on until none is left; Python tells of each step by an audit event.
_KILLED = """
import os, shutil, signal, sys
from pathlib import Path
import joblib, filelock, pipeline.output
from pipeline import portable, signature, signing_keys, store, versions
from tests.models import small_state

start, copies, action = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
ids = sys.argv[4:]
key = signing_keys.read_private_key(start.parent / "team.key")
ACTIONS = {
    "train": lambda to: store.save_model(to, "own", small_state(7), {}),
    "train_first": lambda to: store.save_model(to, "own", small_state(7), {}),
    "train_again": lambda to: store.save_model(to, "own", small_state(0), {}),
    "train_stored": lambda to: store.save_model(to, "own", small_state(0), {}),
    "mend": lambda to: store.save_model(to, "own", small_state(0), {}),
    "use": lambda to: versions.use_model(to, ids[0]),
    "rollback": lambda to: versions.rollback(to),
    "delete": lambda to: versions.delete_model(to, ids[0]),
    "sign": lambda to: signature.sign_model(to, ids[0], key),
    "import": lambda to: portable.import_model(to, start.parent / "sent.zip"),
}
STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.listdir", "os.scandir"}

def kill_at(step, place):
    left = [step]
    def hook(event, arguments):
        if event in STEPS and (event in ("os.remove", "os.rmdir") or place in str(arguments[0])):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

for step in range(1000):
    to = copies / str(step)
    if start.exists():
        shutil.copytree(start, to, symlinks=True)
    child = os.fork()
    if not child:
        kill_at(step, str(to))
        ACTIONS[action](to)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if not os.WIFSIGNALED(status):
        sys.exit(status)
    assert os.WTERMSIG(status) == signal.SIGKILL
"""


def _save(folder: Path, seed: int) -> str:
    return save_model(folder, "own", small_state(seed), {})["id"]


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """A folder of three models, the last one active; beside it a file with a fourth, and keys."""
    for seed in range(3):
        _save(tmp_path / "start", seed)
    sent = _save(tmp_path / "other", 9)
    export_model(tmp_path / "other", sent, tmp_path / "sent.zip")
    write_keys(tmp_path / "team")
    return tmp_path / "start"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills are tried in forks")
@pytest.mark.parametrize(
    "action",
    [
        "train", "train_first", "train_again", "train_stored", "mend", "use", "rollback", "delete",
        "import", "sign",
    ],
)  # fmt: skip
def test_a_change_killed_at_any_step_leaves_the_folder_as_it_was_or_is_done(
    start: Path, tmp_path: Path, action: str
) -> None:
    ids = [change.model for change in history(start)]
    if action == "train_first":
        shutil.rmtree(start)
    elif action == "train_again":
        delete_model(start, ids[0])
    elif action == "mend":
        (start / ids[0] / "model.joblib").write_bytes(b"torn")
    (tmp_path / "copies").mkdir()
    command = [sys.executable, "-c", _KILLED, str(start), str(tmp_path / "copies"), action, *ids]
    subprocess.run(command, check=True, timeout=60, cwd=Path(__file__).parents[1])
    copies = sorted((tmp_path / "copies").iterdir(), key=lambda path: int(path.name))
    done = copies[-1]
    signers = [check_stored_signature(copy, ids[0]) for copy in copies if action == "sign"]
    assert len(set(signers)) == (2 if action == "sign" else 0)  # not signed, or by this key
    was_active = active_id(start) if start.exists() else None
    was_there = {each.id for each in list_models(start)}
    becomes = {was_active: history(start) if start.exists() else []}
    becomes[active_id(done)] = history(done)
    assert len(copies) > 5
    for copy in copies:
        active = active_id(copy)
        assert active in becomes
        assert before(history(copy)) == before(becomes[active])
        listed = list_models(copy)
        sound = {each.id for each in listed if not each.problem}
        assert active is None or active in sound
        lost = was_there - sound
        assert not lost or (action in ("delete", "mend") and lost == {ids[0]})
        if action.startswith("train"):
            assert sound == was_there | ({active} if active and active != was_active else set())
        again = _save(copy, 8)  # whatever was left behind, the next change works and removes it
        assert active_id(copy) == again
        hidden = {path.name for path in copy.iterdir() if path.name.startswith(".")}
        assert hidden == {".lock"}
        kept = {path.name for path in copy.iterdir() if path.is_dir()}
        assert kept == {each.id for each in listed} | {again}
        if active:
            assert rollback(copy).model == active


def _work(folder: Path, worker: int, rounds: int, faults) -> None:
    try:
        ids = [_save(folder, 100 + 10 * worker + k) for k in range(rounds)]
        for model in ids:
            use_model(folder, model)
        for model in ids[1:]:
            try:
                delete_model(folder, model)
            except ModelError as error:
                if "it is the active model" not in str(error):
                    raise
    except BaseException as error:
        faults.put(repr(error))
        raise


def test_trainings_uses_and_deletions_at_once_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    faults = context.Queue()
    workers, rounds = 3, 5
    runs = [
        context.Process(target=_work, args=(tmp_path, worker, rounds, faults))
        for worker in range(workers)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    assert [run.exitcode for run in runs] == [0] * workers, faults.get(timeout=1)
    changes = history(tmp_path)
    assert changes[-1].model == active_id(tmp_path)
    used = {change.model for change in changes}
    assert len(used) == workers * rounds  # each training became active once
    assert all(one.model != two.model for one, two in pairwise(changes))
    stored = list_models(tmp_path)
    assert not any(each.problem for each in stored)
    assert active_id(tmp_path) in {each.id for each in stored}
    # The first of each worker is never deleted; of the others the one that was active then.
    assert workers <= len(stored) <= 2 * workers


def test_whoever_waits_too_long_for_another_change_is_told(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.model_changes._SECONDS", 0.1)
    with (
        changing(tmp_path),
        pytest.raises(OutputError, match="another frontback has been changing"),
    ):
        _save(tmp_path, 0)
    assert list_models(tmp_path) == []


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.rename", "pathlib.Path.replace"])
def test_a_disk_that_refuses_leaves_the_active_model_and_nothing_beside_it(
    start: Path, monkeypatch, step: str
) -> None:
    was = sorted(str(path) for path in start.rglob("*"))
    active = active_id(start)

    def full(*arguments) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(step, full)
        with pytest.raises(OutputError, match=r"cannot be written \(No space left on device\)"):
            _save(start, 7)
    there = sorted(str(path) for path in start.rglob("*"))
    new = {Path(path).name for path in set(there) - set(was)}
    assert active_id(start) == active
    assert not any(name.startswith(".") for name in new)


@pytest.mark.parametrize(
    ("step", "at"), [("replace", 0), ("rename", 0), ("replace", 1), ("replace", 2)]
)
def test_a_training_that_cannot_be_made_active_is_taken_back(
    start: Path, monkeypatch, step: str, at: int
) -> None:
    """The steps are: what is about to happen, the version in its place, the history, the id."""
    was = {path: path.is_dir() or path.read_bytes() for path in start.rglob("*")}
    real, left = getattr(Path, step), [at]

    def once(self, target):
        left[0] -= 1
        if left[0] == -1:
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, step, once)
    with pytest.raises(OutputError, match=r"cannot be written \(No space left on device\)"):
        _save(start, 7)
    now = {path: path.is_dir() or path.read_bytes() for path in start.rglob("*")}
    # Its last line may be one that never came true.
    assert now.pop(start / "history").startswith(was.pop(start / "history"))
    assert now == was


@pytest.mark.parametrize(
    "content",
    [b"", b"{id}", b"{id} x", b"../start 0", b"\xff\xfe", b"{id} 99", b"own-0123456789 0",
     b"x" * 2_000],
)  # fmt: skip
def test_a_note_of_what_was_to_happen_that_is_none_removes_nothing(
    start: Path, content: bytes
) -> None:
    active = active_id(start)
    was = [each.id for each in list_models(start)]
    (start / ".becoming").write_bytes(content.replace(b"{id}", active.encode()))
    assert [each.id for each in list_models(start)] == was
    with changing(start):
        pass
    assert [each.id for each in list_models(start)] == was
    assert not (start / ".becoming").exists()


def test_a_model_that_became_active_stays_whatever_was_chosen_since(start: Path) -> None:
    """An older frontback may have changed the folder since, and left the note where it was."""
    ids = [change.model for change in history(start)]
    use_model(start, ids[0])
    (start / ".becoming").write_text(f"{ids[2]} 2\n")
    with changing(start):
        pass
    assert {each.id for each in list_models(start)} == set(ids)


def test_what_a_killed_process_left_is_no_link_out_of_the_folder(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("kept")
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / ".gone-x").symlink_to(precious)
    (folder / ".new-version").symlink_to(precious)
    _save(folder, 0)
    assert (precious / "file").read_text() == "kept"
    assert sorted(path.name[0] for path in folder.iterdir()) == [".", "a", "h", "o"]
