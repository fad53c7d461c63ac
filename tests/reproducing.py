"""Train small models and say what they say, as JSON: run by whichever Python is asked.

python -m tests.reproducing < lessons.json
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pipeline import Tagger
from pipeline.classifier import OfficeClassifier
from pipeline.heads import Aid
from pipeline.labelled import Labelled
from pipeline.parameters import ESTIMATORS
from pipeline.posting import Posting
from pipeline.streamed import fit_streamed
from tests.formats.make import HERE, answers

Answers = dict[str, list[float]]


def answered(lessons: dict[str, Any]) -> Answers:
    """Return by name what models say: of each estimator, of one taught in parts, of stored ones.

    Args:
        lessons: ``postings`` (title, text, label, share), ``lines`` (text, label), ``no_postings``
            (texts).
    """
    postings = [Posting(title, text) for title, text, _, _ in lessons["postings"]]
    labels, shares = ([each[at] for each in lessons["postings"]] for at in (2, 3))
    aids = [Aid(Posting("", text), label, "", 0.03) for text, label in lessons["lines"]]
    others = {"no_posting": [Posting("", text) for text in lessons["no_postings"]]}
    found: Answers = {}
    for name in ESTIMATORS:
        model = OfficeClassifier(estimator=name)
        model.fit(postings, labels, aids=aids, others=others, shares=shares)
        found |= _said(name, model, postings)
    every = [
        Labelled(posting, "", label, share)
        for posting, label, share in zip(postings, labels, shares, strict=True)
    ]
    for name in ("logistic", "svm", "nb"):
        model = OfficeClassifier(estimator=name, cv=2)
        fit_streamed(model, lambda seed: iter([every[:70], every[70:]]), len(every), aids, others)
        found |= _said(f"{name} in parts", model, postings)
    for folder in sorted(HERE.glob("*/answers.json")):
        told = json.loads(folder.read_text("utf-8"))
        stored = answers(Tagger.load(told["model"], models=folder.parent))
        found[f"stored in format {folder.parent.name}"] = [float(p) for p in stored["p_front"]]
    return found


def _said(name: str, model: OfficeClassifier, postings: list[Posting]) -> Answers:
    return {
        f"{name}: p_front": model.predict_proba(postings)[:, 1].tolist(),
        f"{name}: out of fold": model.out_of_fold_.tolist(),
        f"{name}: share": (model.predict_share(postings) / 100).tolist(),
        f"{name}: scale, band": [model.scale_, model.band_],
        f"{name}: sieves": [sieve.intercept for sieve in model.sieves_.values()],
    }


if __name__ == "__main__":
    json.dump(answered(json.load(sys.stdin)), sys.stdout)
