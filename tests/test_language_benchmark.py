"""The benchmark of languages prints what it says, from a file of anybody's."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.language_rivals import known_rivals
from benchmarks.languages import calibration_error, main
from tests.postings import BACK, FRONT
from tests.test_language import NEIGHBOURS


def test_passages_of_a_file_are_measured(tmp_path, small_corpus) -> None:
    codes = {"es": "es", "no": "nb", "en": "en"}
    rows = [(codes[code], text) for part in (FRONT, BACK) for code, text in part.items()]
    rows += [(code, text) for code, text in NEIGHBOURS.items()]
    file = tmp_path / "passages.jsonl"
    lines = [json.dumps({"language": code, "length": 150, "text": text}) for code, text in rows]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    result = CliRunner().invoke(main, [str(file), "--corpus", str(small_corpus)])
    assert result.exit_code == 0, result.output
    for part in ("150 characters", "langdetect", "confidence", "postings of the corpus"):
        assert part in result.output


def test_every_detector_answers_in_our_words() -> None:
    texts = [*FRONT.values(), *NEIGHBOURS.values(), ""]
    for ask in known_rivals().values():
        answers = ask(texts)
        assert answers[:3] == ["es", "no", "en"]
        assert set(answers) <= {"es", "no", "en", "other", "unknown"}


def test_a_calibration_error_is_the_mean_gap() -> None:
    error = calibration_error(np.array([0.9, 0.9, 0.5, 0.5]), np.array([1, 1, 1, 0]))
    assert error == pytest.approx(0.05)
