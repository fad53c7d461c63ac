"""Reviews in a file: what was decided stays decided."""

import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.corrections import written_key
from pipeline.posting import InputError, OutputError, Posting, Reason
from pipeline.review.review_file import ReviewFile
from pipeline.review.store import Progress, open_store
from pipeline.training_set import key_of
from tests.reviews import BAND, ids, opened, sheet, tag

TEXTS = ["wait at tables", "drive a truck", "answer the phone", "mend the machines"]
REVIEWERS = ("ana", "Bjørn")

WHAT = st.sampled_from(["front", "back", "unsure", "undo", "undo", "open anew"])
STEP = st.tuples(st.sampled_from(REVIEWERS), st.integers(0, 3), WHAT)


@given(st.lists(STEP, max_size=25))
@settings(max_examples=20, deadline=None)
def test_any_order_of_deciding_and_undoing_is_what_plain_lists_say(tmp_path_factory, steps) -> None:
    folder = tmp_path_factory.mktemp("reviews")
    store = opened(folder, TEXTS)
    names = ids(store)
    said: dict[str, list[tuple[int, str]]] = {name: [] for name in REVIEWERS}
    made = 0
    for reviewer, at, what in steps:
        if what == "open anew":
            store.close()
            store = opened(folder, TEXTS)
        elif what == "undo":
            before = said[reviewer].pop() if said[reviewer] else None
            assert store.undo(reviewer) == (names[before[0]] if before else None)
        else:
            store.decide(names[at], reviewer, what)
            said[reviewer].append((at, what))
            made += 1
    with store:
        for reviewer, own in said.items():
            decided = {names[at] for at, _ in own}
            assert store.queue(reviewer) == [
                name for name in store.queue("nobody") if name not in decided
            ]
            assert store.progress(reviewer) == Progress(4, len(decided), 4, len(decided))
        expected = []
        for at, name in enumerate(names):
            last = [dict(own)[at] for own in said.values() if at in dict(own)]
            if labels := set(last) - {"unsure"}:
                expected.append((name, labels.pop() if len(labels) == 1 else ""))
        assert sorted((each.of.id, each.label) for each in store.outcomes()) == sorted(expected)
        held = [each for each in store.decisions() if not each.undone]
        assert len(store.decisions()) == made
        assert len(held) == sum(map(len, said.values()))


def test_a_posting_comes_back_as_it_was_given(tmp_path: Path) -> None:
    posting = Posting("Kokk\u00a0\x00=1+1", "Vi søker\r\nkokk <b>nå</b> 'med' \"sitat\" 👩🏽‍🍳")
    rows = [row._replace(posting=posting) for row in sheet(["", ""], p_front=0.4321)]
    with open_store(tmp_path / "a.reviews.sqlite") as store:
        assert store.fill(rows, BAND) == 1
        (name,) = store.queue("ana")
        assert store.posting(name) == (name, (2, 3), posting, tag(0.4321))
        assert name == written_key(key_of(posting))


def test_half_a_character_is_held_as_what_stands_for_it(tmp_path: Path) -> None:
    with opened(tmp_path, ["drive \ud83d a truck"]) as store:
        (name,) = store.queue("a\udcff")
        assert store.posting(name).posting.text == "drive ? a truck"
        assert store.decide(name, "a\udcff", "back").reviewer == "a?"
        assert store.queue("a\udcff") == []


def test_rows_without_text_are_not_asked_about(tmp_path: Path) -> None:
    rows = [
        *sheet(["drive a truck"]),
        *(
            each._replace(row=each.row + 1)
            for each in sheet(["", " \n", "<p></p>"], p_front=None, reason=Reason.NO_TEXT)
        ),
    ]
    with open_store(tmp_path / "a.reviews.sqlite") as store:
        assert store.fill(rows, BAND) == 1
        assert store.progress("ana") == Progress(1, 0, 1, 0)


def test_a_sheet_that_was_sorted_tagged_anew_and_added_to_keeps_its_decisions(tmp_path) -> None:
    store = opened(tmp_path, TEXTS[:3])
    names = ids(store)
    store.decide(names[0], "ana", "front")
    store.decide(names[1], "ana", "back")
    store.close()
    with open_store(store.path) as store:
        # The second text is gone, the first is written a little differently and surely front now.
        rows = sheet(["mend the machines", "answer the phone", "Wait, at tables!"], p_front=0.9)
        assert store.fill(rows, BAND) == 3
        assert store.posting(names[0]) == (
            names[0],
            (4,),
            Posting("", "Wait, at tables!"),
            tag(0.9),
        )
        assert set(store.queue("ana")) == {names[2], written_key(key_of(rows[0].posting))}
        assert store.progress("ana") == Progress(3, 1, 0, 0)
        assert store.posting(names[1]).rows == ()
        assert [(each.of.id, each.label) for each in store.outcomes()] == [
            (names[0], "front"), (names[1], "back"),
        ]  # fmt: skip
        assert store.undo("ana") == names[1]


def test_a_sheet_that_cannot_be_taken_whole_changes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path, TEXTS) as store:
        before = [store.posting(name) for name in store.queue("ana")]
        twice = [*sheet(["paint the walls", "paint the roof"]), *sheet(["paint the doors"])]
        with pytest.raises(OutputError):
            store.fill(twice, BAND)
        assert [store.posting(name) for name in store.queue("ana")] == before


@pytest.mark.parametrize(
    ("posting", "reviewer", "decision", "sentence"),
    [
        ("p0", "ana", "front", "no posting 'p0' is in it; open it anew."),
        (None, " \t", "front", "a reviewer needs a name, of 100 letters at most."),
        (None, "a" * 101, "front", "a reviewer needs a name, of 100 letters at most."),
        (None, "ana", "Front", "'Front' is no decision; say front, back or unsure."),
    ],
)
def test_what_cannot_be_noted_is_refused(tmp_path, posting, reviewer, decision, sentence) -> None:
    with opened(tmp_path, TEXTS) as store:
        with pytest.raises(InputError) as refusal:
            store.decide(posting or ids(store)[0], reviewer, decision)
        assert str(refusal.value).endswith(sentence)
        assert store.decisions() == []


DECIDING = """
import itertools, sys
from pathlib import Path
from pipeline.review.store import open_store
store = open_store(Path(sys.argv[1]))
names = sorted(store.queue("nobody"))
print("ready", flush=True)
sys.stdin.readline()
for n in range(int(sys.argv[3])):
    name, said = names[n % len(names)], ("front", "back", "unsure")[n % 3]
    store.decide(name, sys.argv[2], said)
    print(name, said, flush=True)
"""


def deciding(store: Path, reviewer: str, times: int) -> subprocess.Popen[str]:
    """A process that decides when it is told to, and says what it has been told is decided."""
    process = subprocess.Popen(
        [sys.executable, "-c", DECIDING, str(store), reviewer, str(times)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def test_what_was_decided_before_a_kill_is_not_lost(tmp_path: Path) -> None:
    opened(tmp_path, TEXTS).close()
    path = tmp_path / "sheet.reviews.sqlite"
    with deciding(path, "ana", 1_000_000) as process:
        assert process.stdin
        assert process.stdout
        print(file=process.stdin, flush=True)
        said = [process.stdout.readline() for _ in range(20)]
        process.kill()
        said += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL or sys.platform == "win32"
    whole = [tuple(line.split()) for line in said if line.endswith("\n")]
    with open_store(path) as store:
        held = [(each.posting, each.decision) for each in store.decisions()]
    assert held[: len(whole)] == whole
    assert len(held) - len(whole) in (0, 1)  # one may have been noted and not said any more
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_two_processes_and_four_threads_decide_at_once(tmp_path: Path) -> None:
    store = opened(tmp_path, TEXTS)
    names = ids(store)
    with deciding(store.path, "ana", 40) as one, deciding(store.path, "Bjørn", 40) as other:
        for process in (one, other):
            print(file=process.stdin, flush=True)
        threads = [
            threading.Thread(target=lambda who=who: [store.decide(name, who, "back")
                                                     for name in names])
            for who in "1234"
        ]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [len(process.stdout.readlines()) for process in (one, other)] == [40, 40]
    with store:
        held = store.decisions()
        assert len(held) == 80 + 16
        for who in ("ana", "Bjørn"):
            own = [(each.posting, each.decision) for each in held if each.reviewer == who]
            assert own == [(sorted(names)[n % 4], ("front", "back", "unsure")[n % 3])
                           for n in range(40)]  # fmt: skip
        assert all(store.queue(who) == [] for who in "1234")


def test_several_that_make_the_file_at_once_make_one(tmp_path: Path) -> None:
    path, failures = tmp_path / "a.reviews.sqlite", []

    def make() -> None:
        try:
            with open_store(path) as store:
                store.fill(sheet(TEXTS), BAND)
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with open_store(path) as store:
        assert len(store.queue("ana")) == 4


def sqlite_file(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def no_database(path: Path) -> None:
    path.write_text("title,text\n" * 200)


def another_database(path: Path) -> None:
    sqlite_file(path, "CREATE TABLE job (id INTEGER)")


def of_a_newer_version(path: Path) -> None:
    open_store(path).close()
    sqlite_file(path, "PRAGMA user_version = 2")


def damaged(path: Path) -> None:
    with open_store(path) as store:
        store.fill(sheet([f"posting {n} " * 200 for n in range(50)]), BAND)
    content = bytearray(path.read_bytes())
    content[4096 : len(content) - 4096] = b"\xa5" * (len(content) - 8192)
    path.write_bytes(content)


def a_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (no_database, "this is no SQLite database; check that it is the right file."),
        (another_database, "a SQLite file, but none of reviews; name one that 'frontback review'"
         " wrote."),
        (of_a_newer_version, "written by a newer frontback; bring this one up to date with pip"
         " install -U frontback."),
        (damaged, "the file is damaged; restore it from a copy."),
        (a_folder, "the file cannot be opened; check the folder and your right to it."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_reviews_is_refused_in_a_sentence(tmp_path, spoil, sentence) -> None:
    path = tmp_path / "a.reviews.sqlite"
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises((InputError, OutputError)) as refusal, open_store(path) as store:
        store.queue("ana")
    assert str(refusal.value) == f"{path}: {sentence}"
    assert before is None or path.read_bytes() == before


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="the file cannot be opened; check the folder"):
        open_store(tmp_path / "no" / "a.reviews.sqlite")
    with pytest.raises(InputError, match="no such file; check the name and the folder"):
        ReviewFile(tmp_path / "a.reviews.sqlite", create=False)
    assert list(tmp_path.iterdir()) == []


def test_what_may_only_be_read_is_read_and_not_opened_to_decide(tmp_path, as_nobody) -> None:
    opened(tmp_path, TEXTS).close()
    (path,) = tmp_path.iterdir()
    path.chmod(0o444)
    for mode in (0o777, 0o555):
        tmp_path.chmod(mode)
        with as_nobody():
            with closing(ReviewFile(path, create=False)) as file:
                assert file.fetch("SELECT count(*) FROM posting") == [(4,)]
            with pytest.raises((InputError, OutputError), match="the file may not be changed; ask"):
                open_store(path)


def test_a_disk_that_takes_no_more_is_said_and_what_was_decided_stays(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    store = opened(tmp_path, TEXTS)
    name = ids(store)[0]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def decide_on() -> None:
        for _ in range(1_000):
            store.decide(name, "ana", "front")

    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
        with pytest.raises(OutputError, match=r"the disk (is full|refused); .*again\.$"):
            decide_on()
        held = store.decisions()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert 0 < len(held) < 1_000
    last = store.decide(name, "ana", "back")
    store.close()
    with open_store(store.path) as store:
        assert store.decisions() == [*held, last]


def test_a_store_that_another_program_holds_is_said(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.review.review_file._WAIT_SECONDS", 0.1)
    with opened(tmp_path, TEXTS) as store, closing(sqlite3.connect(store.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert len(store.queue("ana")) == 4  # who reads does not wait
        with pytest.raises(OutputError, match="another program is writing to the file; run"):
            store.decide(ids(store)[0], "ana", "front")
        other.rollback()
        store.decide(ids(store)[0], "ana", "front")
