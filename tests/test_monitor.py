"""frontback monitor: batches like what a model was trained on, others, and tables of all sorts."""

import csv
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import Tagger
from pipeline.classifier import OfficeClassifier
from pipeline.drift import JUDGED, reference
from pipeline.labelled import Corpus, Labelled
from pipeline.monitoring import monitor
from pipeline.psi import LIKE, OTHER, TOO_FEW
from pipeline.store import save_model
from pipeline.tables.columns import Columns
from pipeline.tables.rows import Reader, Rows
from tests.conftest import Result
from tests.models import refused, save
from tests.postings import BACK, FRONT

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def plain(corpus: Corpus) -> list[Labelled]:
    return [each for each in corpus.postings if each.kind == "plain"]


@pytest.fixture(scope="session")
def models(plain: list[Labelled], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with a model of every eighth posting."""
    learned = plain[::8]
    classifier = OfficeClassifier().fit(
        [each.posting for each in learned], [each.label for each in learned]
    )
    folder = tmp_path_factory.mktemp("own")
    manifest = {"created": "2027-01-01T10:00:00+00:00", "reference": reference(classifier, learned)}
    save_model(folder, "own", classifier.get_state(), manifest)
    return folder


def write(path: Path, postings: list[Labelled]) -> Path:
    rows = [{"title": each.posting.title, "text": each.posting.text} for each in postings]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def measured(frontback: Run, *arguments: object) -> dict:
    result = frontback("monitor", *arguments, "--json")
    assert result.code == 0, result.err
    return json.loads(result.out)


def verdicts(found: dict) -> dict[str, str]:
    return {aspect: found["aspects"][aspect]["verdict"] for aspect in JUDGED}


def test_new_postings_of_the_same_kind_are_like_those_trained_on(
    frontback, plain, tmp_path: Path
) -> None:
    table = write(tmp_path / "november.jsonl", plain[4::8])
    found = measured(frontback, table)
    assert verdicts(found) == dict.fromkeys(JUDGED, LIKE)
    assert found["verdict"] == LIKE
    assert found["rows"] == len(plain[4::8])
    result = frontback("monitor", table)
    assert result.code == 0
    assert f"november.jsonl: like what {found['model']} was trained on" in result.out
    assert "\x1b" not in result.out


def test_spanish_alone_is_other_in_language(frontback, plain, tmp_path: Path) -> None:
    table = write(tmp_path / "es.jsonl", [each for each in plain[4::8] if each.language == "es"])
    found = measured(frontback, table)
    assert found["aspects"]["language"]["verdict"] == OTHER
    assert found["verdict"] == OTHER
    assert "es.jsonl: other than what own-" in frontback("monitor", table).out


def test_words_that_no_training_posting_has_are_told(frontback, plain, tmp_path: Path) -> None:
    new = [
        each.posting._replace(text=each.posting.text + " Zorblat kvaxoni zorblat." * 8)
        for each in plain[4:1000:8]
    ]
    rows = [{"text": each.text} for each in new]
    table = tmp_path / "new.jsonl"
    table.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = measured(frontback, table)
    assert found["aspects"]["unknown"]["verdict"] == OTHER
    words = {each["word"]: each["postings"] for each in found["unknown_words"][:2]}
    assert words == {"zorblat": len(rows), "kvaxoni": len(rows)}
    assert f"kvaxoni {len(rows)}, zorblat {len(rows)}" in frontback("monitor", table).out


def test_a_few_rows_are_too_few_to_tell(frontback, tmp_path: Path) -> None:
    table = tmp_path / "few.csv"
    table.write_text("text\n" + "\n".join([*FRONT.values(), *BACK.values()]), encoding="utf-8")
    found = measured(frontback, table)
    assert found["aspects"]["p_front"]["verdict"] == TOO_FEW
    assert found["aspects"]["language"]["verdict"] == TOO_FEW


def test_a_table_without_rows_is_too_few_to_tell(frontback, tmp_path: Path) -> None:
    table = tmp_path / "none.csv"
    table.write_text("title,text\n", encoding="utf-8")
    found = measured(frontback, table)
    assert verdicts(found) == dict.fromkeys(JUDGED, TOO_FEW)
    assert found["aspects"]["words"]["psi"] is None
    assert "none.csv: too few rows to tell" in frontback("monitor", table).out


def test_rows_that_cannot_be_read_or_have_no_text_are_left_out(
    frontback, plain, tmp_path: Path
) -> None:
    whole = write(tmp_path / "whole.jsonl", plain[:40])
    broken = tmp_path / "broken.jsonl"
    lines = whole.read_text("utf-8").splitlines()
    lines[10:10] = ['{"title": "torn', '{"title": "Kokk", "text": ""}', '{"title": "Kokk"}', "[1]"]
    broken.write_text("\n".join(lines), encoding="utf-8")
    found, expected = measured(frontback, broken), measured(frontback, whole)
    assert (found["unreadable"], found["without_text"]) == (2, 2)
    assert found["rows"] == expected["rows"] + 4
    assert found["aspects"] == expected["aspects"]
    said = frontback("monitor", broken).err
    assert f"{broken}: rows left out because they cannot be read: 2" in said
    assert f"{broken}: rows left out because they have no text: 2" in said


def test_texts_in_another_language_count_for_language_and_not_for_their_words(
    frontback, corpus, tmp_path: Path
) -> None:
    found = measured(frontback, write(tmp_path / "other.jsonl", corpus.other_languages[:60]))
    assert found["aspects"]["language"]["verdict"] == OTHER
    assert found["aspects"]["unknown"]["verdict"] == TOO_FEW
    assert found["unknown_words"] == []


def test_a_table_that_was_tagged_is_measured_as_before(frontback, plain, tmp_path: Path) -> None:
    table = tmp_path / "jobs.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["title", "description"])
        rows.writerows(tuple(each.posting) for each in plain[:30])
    tagged = tmp_path / "tagged.parquet"
    assert frontback("batch", table, "-o", tagged).code == 0
    found, expected = measured(frontback, tagged), measured(frontback, table)
    assert found | {"input": ""} == expected | {"input": ""}


def test_columns_and_delimiter_can_be_named(frontback, plain, tmp_path: Path) -> None:
    table = tmp_path / "odd.csv"
    with table.open("w", encoding="utf-16", newline="") as file:
        rows = csv.writer(file, delimiter="|")
        rows.writerow(["a", "b"])
        rows.writerows(tuple(each.posting) for each in plain[:30])
    names = ("--title-column", "a", "--text-column", "b", "--delimiter", "|")
    found = measured(frontback, table, *names, "--encoding", "utf-16")
    expected = measured(frontback, write(tmp_path / "plain.jsonl", plain[:30]))
    assert found["aspects"] == expected["aspects"]
    refused(frontback("monitor", table, "--text-column", "c"), "there is no column 'c'")


def test_a_model_that_does_not_say_what_it_was_trained_on_is_refused(
    frontback, plain, tmp_path: Path
) -> None:
    table = write(tmp_path / "jobs.jsonl", plain[:3])
    old = save(tmp_path / "models", 0)
    result = frontback("monitor", table, "--models", tmp_path / "models")
    refused(result, old, "train it again with 'frontback train'")


def test_against_compares_with_another_model_than_the_active_one(
    frontback, models: Path, plain, tmp_path: Path
) -> None:
    table = write(tmp_path / "jobs.jsonl", plain[:30])
    own = measured(frontback, table)["model"]
    other = save(models, 1)
    try:
        refused(frontback("monitor", table), other)
        assert measured(frontback, table, "--against", own)["model"] == own
    finally:
        assert frontback("models", "use", own).code == 0
        assert frontback("models", "delete", other).code == 0
    refused(frontback("monitor", table, "--against", "own-0000000000"), "no model own-0000000000")


def test_what_is_no_table_is_refused(frontback, tmp_path: Path) -> None:
    refused(frontback("monitor", tmp_path / "none.csv"), "no such file")
    (tmp_path / "numbers.csv").write_text("a,b\n1,2\n")
    refused(frontback("monitor", tmp_path / "numbers.csv"), "--text-column")


class Blocks(Reader):
    """Postings in blocks of given sizes."""

    def __init__(self, postings: list[tuple[str, str]], sizes: list[int]) -> None:
        super().__init__(Path("blocks"))
        self.postings, self.sizes = postings, sizes
        self.rows = len(postings)
        self.schema = pa.schema([("title", pa.string()), ("text", pa.string())])

    def batches(self, size: int) -> Iterator[Rows]:
        at, turn = 0, 0
        while at < len(self.postings):
            taken = self.postings[at : at + self.sizes[turn % len(self.sizes)]]
            columns = [pa.array(column, pa.string()) for column in zip(*taken, strict=True)]
            yield Rows(pa.RecordBatch.from_arrays(columns, schema=self.schema))
            at, turn = at + len(taken), turn + 1


@settings(max_examples=15, deadline=None)
@given(numbers=st.randoms(use_true_random=False), sizes=st.lists(st.integers(1, 30), min_size=1))
def test_neither_the_order_of_the_rows_nor_how_they_are_read_changes_anything(
    models: Path, plain, numbers: random.Random, sizes: list[int]
) -> None:
    tagger = Tagger.load(models=models)
    postings = [tuple(each.posting) for each in plain[3::160]] + [("", ""), ("Kokk", "")]
    shuffled = numbers.sample(postings, len(postings))
    expected = monitor(Blocks(postings, [len(postings)]), Columns(0, 1), tagger).as_json()
    assert monitor(Blocks(shuffled, sizes), Columns(0, 1), tagger).as_json() == expected
    assert expected["without_text"] == 2
