"""Several tables at once, and tables that arrive in a folder."""

import errno
import json
import signal
import sys
import time
from pathlib import Path

import pytest

from pipeline import InputError, OutputError
from pipeline.sources import pairs
from pipeline.tables.delimited_writer import _Delimited
from pipeline.watch import Watch
from tests.postings import BACK, FRONT


def sheet(path: Path, *texts: str) -> Path:
    rows = "".join(f'"{text}"\n' for text in texts or (FRONT["en"], BACK["es"]))
    path.write_text("description\n" + rows, encoding="utf-8")
    return path


def names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    for name in ("b.csv", "a.csv"):
        sheet(folder / name)
    (folder / ".hidden.csv").write_text("x")
    (folder / "~$a.xlsx").write_text("Excel's lock")
    (folder / "notes.txt").write_text("x")
    return folder


def test_one_table_goes_to_the_file_and_into_a_folder_that_is_there(exports, tmp_path) -> None:
    source = exports / "a.csv"
    assert pairs([str(source)], tmp_path / "x.csv") == [(source, tmp_path / "x.csv")]
    assert pairs([str(source)], tmp_path) == [(source, tmp_path / "a.csv")]


@pytest.mark.parametrize("how", ["files", "folder", "pattern"])
def test_several_tables_go_into_a_folder_by_their_names(exports, tmp_path, how) -> None:
    inputs = {
        "files": [str(exports / "a.csv"), str(exports / "b.csv")],
        "folder": [str(exports)],
        "pattern": [str(exports / "*")],
    }[how]
    out = tmp_path / "new" / "tagged"
    assert pairs(inputs, out) == [(exports / name, out / name) for name in ("a.csv", "b.csv")]
    assert out.is_dir()
    with pytest.raises(OutputError, match="go into a folder; name one with -o"):
        pairs(inputs, tmp_path / "out.csv")


def test_what_is_read_only_is_written_as_a_workbook(exports, tmp_path: Path) -> None:
    (exports / "old.xls").write_text("x")
    tables = [str(exports / name) for name in ("a.csv", "old.xls")]
    assert [target.name for _, target in pairs(tables, tmp_path)] == ["a.csv", "old.xls.xlsx"]


def test_a_pattern_without_a_match_and_two_of_one_name_are_said(exports, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\*\.parquet: no table matches this"):
        pairs([str(exports / "*.parquet")], tmp_path)
    (tmp_path / "more").mkdir()
    sheet(tmp_path / "more" / "a.csv")
    with pytest.raises(InputError, match=r"a\.csv: 1 names stand for more than one input"):
        pairs([str(exports), str(tmp_path / "more")], tmp_path / "out")


def test_a_table_that_cannot_be_read_stops_no_other(frontback, exports, tmp_path: Path) -> None:
    (exports / "c.csv").write_bytes(b"\x89PNG" * 100)
    sheet(exports / "d.csv")
    result = frontback("batch", exports, "-o", tmp_path / "out", "--quiet")
    assert result.code == 1
    assert names(tmp_path / "out") == ["a.csv", "b.csv", "d.csv"]
    first, last = result.err.splitlines()
    assert "c.csv: this is a picture, not text" in first
    assert "1 of 4 tables were not tagged; what is wrong is above." in last


def test_each_table_that_arrives_is_tagged_once(frontback, exports, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for _ in range(2):
        result = frontback("watch", exports, "-o", out, "--once", "--every", "0.1", "--quiet")
        assert (result.code, result.err) == (0, "")
    assert names(out) == ["a.csv", "b.csv"]
    assert names(exports) == [".hidden.csv", "done/a.csv", "done/b.csv", "notes.txt", "~$a.xlsx"]
    assert (out / "a.csv").read_text("utf-8").startswith("description,office,p_front")


def test_a_second_table_of_the_same_name_replaces_nothing(frontback, exports, tmp_path) -> None:
    out = tmp_path / "out"
    frontback("watch", exports, "-o", out, "--once", "--every", "0.1")
    before = (out / "a.csv").read_bytes()
    sheet(exports / "a.csv", FRONT["no"])
    frontback("watch", exports, "-o", out, "--once", "--every", "0.1")
    assert (out / "a.csv").read_bytes() == before
    assert names(out) == ["a-2.csv", "a.csv", "b.csv"]
    assert (exports / "done" / "a-2.csv").exists()


def test_a_table_that_cannot_be_read_goes_to_failed_with_the_reason(
    frontback, exports, tmp_path
) -> None:
    (exports / "c.csv").write_bytes(b"\x89PNG" * 100)
    result = frontback("watch", exports, "-o", tmp_path / "out", "--once", "--every", "0.1", "-q")
    assert result.code == 0
    assert "this is a picture, not text" in result.err
    assert (exports / "failed" / "c.csv").exists()
    assert "this is a picture, not text" in (exports / "failed" / "c.csv.txt").read_text()
    assert names(tmp_path / "out") == ["a.csv", "b.csv"]


def test_a_table_that_still_grows_is_left_alone(exports: Path) -> None:
    taken: list[str] = []
    watched = Watch(exports, lambda path: taken.append(path.name), print)
    with watched.alone():
        assert watched.look() == 0
        with (exports / "a.csv").open("a") as file:
            file.write("more\n")
        assert watched.look() == 1
        assert taken == ["b.csv"]
        assert watched.look() == 1
        assert taken == ["b.csv", "a.csv"]
        assert watched.look() == 0


def test_what_cannot_be_written_now_is_tried_again(exports: Path) -> None:
    said: list[str] = []
    full = True

    def tag(path: Path) -> None:
        if full:
            raise OutputError(f"{path.name}: not written, the disk is full.")

    watched = Watch(exports, tag, said.append)
    with watched.alone():
        for _ in range(4):
            assert watched.look() == 0
        full = False
        assert watched.look() == 2
    assert said[0] == "a.csv: not written, the disk is full. Trying again until it works."
    assert [path.name for path in (exports / "done").iterdir()]


def test_a_table_of_which_another_model_answered_a_part_is_begun_anew(
    frontback, exports, tmp_path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.csv.journal").write_text('{"frontback journal": 1, "the model": "another"}\n')
    result = frontback("watch", exports, "-o", out, "--once", "--every", "0.1")
    assert result.code == 0
    assert "the run cannot go on, " in result.err
    assert names(out) == ["a.csv", "b.csv"]
    assert names(exports / "failed") == []


def test_what_cannot_be_taken_now_is_left_for_later(exports: Path, monkeypatch) -> None:
    said: list[str] = []
    watched = Watch(exports, lambda path: None, said.append)
    rename = Path.rename

    def locked(path: Path, target: Path) -> Path:
        if path.name == "a.csv" and path.parent == exports:
            raise PermissionError(13, "in use")
        return rename(path, target)

    with watched.alone():
        watched.look()
        monkeypatch.setattr(Path, "rename", locked)
        assert watched.look() == 1
        monkeypatch.undo()
        assert watched.look() == 1
    assert said == [
        f"{exports / 'a.csv'}: cannot be taken, you may not do that there; choose a folder of your"
        " own. Trying again until it works."
    ]


@pytest.mark.parametrize("place", ["", "done", "working", "failed", "done/deep"])
def test_tags_do_not_go_where_tables_arrive(frontback, exports: Path, place: str) -> None:
    result = frontback("watch", exports, "-o", exports / place, "--once", "--every", "0.1")
    assert result.code == 1
    assert "tables arrive here; name another folder with -o" in result.err
    assert (exports / "a.csv").exists()


def test_an_output_is_not_replaced_when_the_inputs_were_cleared_away(
    frontback, exports: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    frontback("watch", exports, "-o", out, "--once", "--every", "0.1")
    before = (out / "a.csv").read_bytes()
    (exports / "done" / "a.csv").unlink()
    sheet(exports / "a.csv", FRONT["no"])
    frontback("watch", exports, "-o", out, "--once", "--every", "0.1")
    assert (out / "a.csv").read_bytes() == before
    assert (out / "a-2.csv").exists()


def test_several_tables_are_gone_on_with(frontback, exports: Path, tmp_path: Path) -> None:
    out, close = tmp_path / "out", _Delimited.close

    def fill_up(writer: _Delimited) -> None:
        close(writer)
        if (out / "a.csv").exists():
            raise OSError(errno.ENOSPC, "full")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Delimited, "close", fill_up)
        result = frontback("batch", exports, "-o", out, "-q")
    assert "b.csv: not written, the disk is full" in result.err
    assert names(out) == ["a.csv", "a.csv.journal", "b.csv.journal"]
    before = (out / "a.csv").read_bytes()
    result = frontback("batch", exports, "-o", out, "-q", "--resume", "--json")
    assert result.code == 0
    assert [json.loads(line)["recalled"] for line in result.out.splitlines()] == [2, 2]
    assert names(out) == ["a.csv", "b.csv"]
    assert (out / "a.csv").read_bytes() == before


def test_a_list_of_errors_replaces_no_table(frontback, exports: Path, tmp_path: Path) -> None:
    before = (exports / "b.csv").read_bytes()
    for errors in (exports / "b.csv", tmp_path / "out" / "b.csv"):
        result = frontback(
            "batch", exports, "-o", tmp_path / "out", "--errors", errors, "--overwrite"
        )
        assert result.code == 1
    assert (exports / "b.csv").read_bytes() == before


def test_strict_stops_beside_a_list_and_among_several(frontback, exports, tmp_path: Path) -> None:
    sheet(exports / "a.csv", FRONT["en"], "")
    errors = tmp_path / "errors.csv"
    result = frontback("batch", exports, "-o", tmp_path / "out", "--strict", "--errors", errors)
    assert result.code == 1
    assert "row 2: no text; mend that row" in result.err
    assert names(tmp_path / "out") == []


def test_a_folder_is_watched_by_one(frontback, exports: Path, tmp_path: Path) -> None:
    with Watch(exports, print, print).alone():
        result = frontback("watch", exports, "-o", tmp_path / "out", "--once")
    assert result.code == 1
    assert "another 'frontback watch' has this folder; end it first" in result.err
    result = frontback("watch", tmp_path / "none", "-o", tmp_path / "out", "--once")
    assert "there is no such folder; create it first" in result.err


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_killed_watch_is_gone_on_with(start, exports: Path, tmp_path: Path) -> None:
    sheet(exports / "big.csv", *(f"{FRONT['en']} {n}" for n in range(60_000)))
    command = ("watch", exports, "-o", tmp_path / "out", "--every", "0.1")
    process = start(*command)
    while not (tmp_path / "out" / "big.csv.journal").exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert (exports / "working" / "big.csv").exists()
    _, err = start(*command, "--once", "-q").communicate(timeout=120)
    assert err == ""
    assert names(tmp_path / "out") == ["a.csv", "b.csv", "big.csv"]
    assert len((tmp_path / "out" / "big.csv").read_text("utf-8").splitlines()) == 60_001
    assert names(exports / "working") == []
