"""Small models to store, that can be tagged with, without training one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pipeline.store import save_model


def small_state(seed: int = 0) -> dict[str, Any]:
    """The state of a model that knows three n-grams of each kind; another one for each seed."""
    numbers = np.random.default_rng(seed)

    def block(length: float) -> dict[str, Any]:
        return {
            "buckets": np.array([1, 2, 3], np.int32),
            "idf": np.ones(3, np.float32),
            "length": length,
        }

    return {
        "parameters": {"C": 3.0, "min_df": 2, "precision": 0.98, "seed": seed},
        "ngrams": {
            "char_ngrams": (6, 8), "title_ngrams": (5, 7), "word_length": 1.3, "word_ngrams": 2,
        },
        "features": {"word": block(1.3), "char": block(1.0), "title": block(1.0)},
        "coef": numbers.normal(size=9).astype(np.float32),
        "intercept": 0.1,
        "scale": 3.0,
        "band": 0.39,
        "share_logits": np.linspace(-3, 3, 5),
        "shares": np.linspace(0, 100, 5),
        "sieves": {
            name: {"coef": np.zeros(3, np.float32), "intercept": -1.0}
            for name in ("no_posting", "several_roles")
        },
    }  # fmt: skip


def save(folder: Path, seed: int, **manifest: object) -> str:
    """Store a small model and make it active; return its id."""
    made = {"created": f"2027-01-0{seed + 1}T10:00:00+00:00"}
    return save_model(folder, "own", small_state(seed), made | manifest)["id"]


def damage(folder: Path, model: str) -> None:
    """Turn one bit of a model file."""
    file = folder / model / "model.joblib"
    content = bytearray(file.read_bytes())
    content[-20] ^= 1
    file.write_bytes(content)


def refused(result, *parts: object) -> None:
    """One sentence on stderr with these parts, nothing on stdout, and 1."""
    assert result.code == 1, result
    assert result.out == ""
    assert result.err.startswith("frontback: ")
    assert result.err.count("\n") == 1
    assert result.err.endswith(".\n")
    for part in parts:
        assert str(part) in result.err
