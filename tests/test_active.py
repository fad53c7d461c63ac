"""What was active when, and where a rollback goes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import ModelError
from pipeline.active import Change, active_id, before, history, make_active
from pipeline.store import load_model
from tests.models import save

T = "2027-01-01T00:00:00+00:00"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """No model is needed but those of each test."""
    return tmp_path


def told(*steps: str) -> list[Change]:
    """ "a" is used, "<a" is gone back to."""
    return [Change(T, "rollback" if step[0] == "<" else "use", step.lstrip("<")) for step in steps]


@pytest.mark.parametrize(
    ("steps", "nearest_first"),
    [
        (["a"], []),
        (["a", "b", "c"], ["b", "a"]),
        (["a", "b", "c", "<b"], ["a"]),
        (["a", "b", "c", "<b", "<a"], []),
        (["a", "b", "c", "<b", "d"], ["b", "a"]),
        (["a", "b", "a"], ["b"]),
        (["a", "b", "c", "<a"], []),
        (["a", "b", "c", "<a", "b"], ["a"]),
        (["<a"], []),
        ([], []),
    ],
)
def test_a_rollback_goes_to_what_was_active_before_and_never_to_what_was_undone(
    steps: list[str], nearest_first: list[str]
) -> None:
    assert before(told(*steps)) == nearest_first


@given(st.lists(st.sampled_from(["a", "b", "c", "d", "back"]), max_size=30))
def test_going_back_and_back_ends_at_the_first_model(steps: list[str]) -> None:
    changes: list[Change] = []
    for step in steps:
        if step != "back":
            if not changes or changes[-1].model != step:
                changes += told(step)
        elif earlier := before(changes):
            changes += told(f"<{earlier[0]}")
    for _ in steps:
        earlier = before(changes)
        assert not earlier or changes[-1].model not in earlier
        changes += told(*(f"<{model}" for model in earlier[:1]))
    assert not before(changes)
    assert not changes or changes[-1].model == changes[0].model


def test_each_change_has_a_line_and_the_same_model_again_has_none(tmp_path: Path) -> None:
    ids = [save(tmp_path, seed) for seed in (0, 1, 1, 0)]
    assert [change.model for change in history(tmp_path)] == [ids[0], ids[1], ids[0]]
    lines = (tmp_path / "history").read_text().splitlines()
    assert [line.split()[1:] for line in lines] == [["use", ids[at]] for at in (0, 1, 0)]


def test_a_change_that_never_came_true_is_not_told_and_is_written_over(tmp_path: Path) -> None:
    one, two = save(tmp_path, 0), save(tmp_path, 1)
    with (tmp_path / "history").open("a") as file:
        file.write(f"{T} rollback {one}\n")
    assert [change.model for change in history(tmp_path)] == [one, two]
    three = save(tmp_path, 2)
    assert [change.model for change in history(tmp_path)] == [one, two, three]
    assert (tmp_path / "history").read_text().count("\n") == 3


def test_a_folder_without_history_begins_one_with_the_model_that_is_active(tmp_path: Path) -> None:
    one = save(tmp_path, 0)
    (tmp_path / "history").unlink()  # as frontback 0.4 left it
    (since,) = history(tmp_path)
    assert since.model == one
    two = save(tmp_path, 1)
    assert [change.model for change in history(tmp_path)] == [one, two]
    assert before(history(tmp_path)) == [one]


def test_a_pointer_set_by_another_way_is_followed(tmp_path: Path) -> None:
    one, two, three = (save(tmp_path, seed) for seed in range(3))
    make_active(tmp_path, two)
    (tmp_path / "active").write_text(f"{one}\n")
    assert load_model(tmp_path)[1]["id"] == one
    assert [change.model for change in history(tmp_path)] == [one, two, three, two, one]


@pytest.mark.parametrize("content", ["", "\n", "nonsense\n", f"{T} use ../x\n", f"{T} eat own-1\n"])
def test_lines_that_are_no_history_are_passed_over(tmp_path: Path, content: str) -> None:
    one = save(tmp_path, 0)
    file = tmp_path / "history"
    file.write_text(content + file.read_text() + content)
    assert [change.model for change in history(tmp_path)] == [one]


def test_an_unreadable_pointer_is_said_and_mended_by_use(frontback, tmp_path: Path) -> None:
    one, two = save(tmp_path, 0), save(tmp_path, 1)
    file = tmp_path / "active"
    for content in (b"\xff\xfe", bytes(2_000)):
        file.write_bytes(content)
        with pytest.raises(ModelError, match=r"active: cannot be read.*'frontback models use ID'"):
            active_id(tmp_path)
        assert frontback("models", "rollback", "--models", tmp_path).code == 1
        assert frontback("models", "use", one, "--models", tmp_path).code == 0
        assert active_id(tmp_path) == one
    assert before(history(tmp_path)) == [two]


def test_a_history_that_cannot_be_read_is_said_with_what_helps(tmp_path: Path) -> None:
    one = save(tmp_path, 0)
    (tmp_path / "history").rename(tmp_path / "away")
    (tmp_path / "history").mkdir()
    with pytest.raises(ModelError, match=r"history: .* no ordinary file; move it away, and a new"):
        save(tmp_path, 1)
    (tmp_path / "history").rmdir()
    two = save(tmp_path, 1)
    assert [change.model for change in history(tmp_path)] == [one, two]
