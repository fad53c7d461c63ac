"""An explanation as JSON."""

from __future__ import annotations

import json
from typing import Any

from pipeline.explanation import Explanation


def to_json(name: str, explanation: Explanation) -> str:
    """Return an explanation as one line of JSON; weights are not rounded, so that sums hold.

    Args:
        name: of the file; empty for a text.
        explanation: what is to be written.
    """
    title, text = explanation.posting
    content: dict[str, Any] = {"source": name, **explanation.tag._asdict()}
    content |= {
        "why": explanation.why,
        "bias": explanation.bias,
        "logit": explanation.logit,
        "title": title,
        "text": text,
        "words": [
            {
                "part": span.part,
                "start": span.start,
                "end": span.end,
                "word": explanation.text_of(span),
                "weight": span.weight,
            }
            for span in explanation.words
        ],
        "lines": [span._asdict() for span in explanation.lines],
        "without": _without(explanation),
        "languages": [
            each._asdict() | {"words": [word._asdict() for word in each.words]}
            for each in explanation.languages
        ],
    }
    return json.dumps(content, ensure_ascii=False)


def _without(explanation: Explanation) -> dict[str, Any] | None:
    if explanation.without is None:
        return None
    lines = explanation.text_lines()
    removed = [lines[place] for place in explanation.without.lines]
    return {
        "lines": [{"start": line.start, "end": line.end} for line in removed],
        "office": explanation.without.office,
        "p_front": explanation.without.p_front,
    }
