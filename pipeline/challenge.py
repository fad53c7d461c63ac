"""The corpus's challenge set as labelled postings: hard cases that no model is trained on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.labelled import read_challenge
from pipeline.labelled_table import LabelledRows, LabelledTable
from pipeline.posting import CorpusError, Posting


class ChallengeSet:
    """The postings of ``challenge/*.jsonl``, read as a `LabelledTable` is.

    Rows are counted through all files in the order of their names.

    Attributes:
        path: the folder.
        unlabelled, unreadable: none, as a line that is not as it should be ends the reading.
    """

    unlabelled = unreadable = 0

    def __init__(self, corpus: Path) -> None:
        """Read the challenge set of a corpus folder.

        Raises:
            CorpusError: it has none, or a line cannot be read.
        """
        self.path = corpus / "challenge"
        self._held = read_challenge(corpus)
        if not self._held:
            raise CorpusError(f"{self.path}: no postings in it; name a labelled table with --on.")

    def __len__(self) -> int:
        return len(self._held)

    def batches(self) -> Iterator[LabelledRows]:
        """Yield all rows at once."""
        postings = [each.posting for each in self._held]
        yield LabelledRows(
            np.arange(1, len(postings) + 1),
            pa.RecordBatch.from_pylist([posting._asdict() for posting in postings]),
            np.array([each.label == "front" for each in self._held]),
            [each.language for each in self._held],
            [each.isco for each in self._held],
        )

    def postings(self, numbers: Collection[int]) -> dict[int, Posting]:
        """Return the postings of some rows by their numbers."""
        return {number: self._held[number - 1].posting for number in numbers}


#: What models can be judged by.
LabelledPostings = LabelledTable | ChallengeSet
