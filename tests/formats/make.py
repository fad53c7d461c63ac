"""Keep a small model of the format that frontback writes now, and what it says of some postings.

    python -m tests.formats.make

tests/formats/N/ is a models folder with one model of format N, and `answers.json`, what it says of
`QUESTIONS`. A folder stays as it is when the format changes: it is there to show that what was once
written can still be read.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline import Tagger
from pipeline.model_files import FORMAT
from pipeline.posting import Posting
from pipeline.text import clean
from pipeline.training import train
from tests.postings import BACK, FRONT

HERE = Path(__file__).parent
#: Beside the postings that were learned from, some that were not.
QUESTIONS = [
    *FRONT.values(),
    *BACK.values(),
    "You sit at the desk, greet the guests of the house and answer what they ask by phone.",
    "Du kjører truck på lageret om natten og teller varer; kunder betjener du ikke i det hele tatt",
    "Escribir consultas, documentar los procesos y resolver las dudas de clientes en la tienda.",
]


def answers(tagger: Tagger) -> dict[str, list[float] | list[str]]:
    """Return what a model says of `QUESTIONS`: p_front, not rounded as tags have it; offices."""
    postings = [Posting("", clean(text)) for text in QUESTIONS]
    p_front = tagger.scorer.probabilities(tagger.scorer.sums(postings))
    offices = [tag.office for tag in tagger.tag(QUESTIONS)]
    return {"p_front": p_front.tolist(), "offices": offices}


def lessons() -> list[dict[str, object]]:
    """Return postings to learn from: each of `tests.postings` six times, without one part each.

    One in eighteen has the wrong label, so that no model is certain of everything.
    """
    made: list[dict[str, object]] = []
    for right, wrong, texts in (("front", "back", FRONT), ("back", "front", BACK)):
        for language, text in texts.items():
            words = text.split()
            for k in range(6):
                kept = [word for at, word in enumerate(words) if at % 6 != k]
                label = wrong if language == "no" and k == 0 else right
                share = 80 - k if label == "front" else k
                posting = {"title": "", "text": " ".join(kept), "share": share}
                made.append(posting | {"label": label, "language": language})
    return made


def main() -> None:
    """Write the folder of the current format anew."""
    home = HERE / str(FORMAT)
    with TemporaryDirectory() as folder:
        (Path(folder) / "postings").mkdir()
        lines = "".join(f"{json.dumps(lesson)}\n" for lesson in lessons())
        (Path(folder) / "postings" / "all.jsonl").write_text(lines, encoding="utf-8")
        shutil.rmtree(home, ignore_errors=True)
        model = train([Path(folder)], home)["id"]
    for name in (".lock", "active", "history"):
        (home / name).unlink()
    text = json.dumps({"model": model} | answers(Tagger.load(model, models=home)), indent=2)
    (home / "answers.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
