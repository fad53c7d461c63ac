"""What a model is trained on: corpus folders and labelled tables, one after the other."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from pipeline.checking.finding import Finding, Report
from pipeline.corrections import Correction, read_corrections, written_key
from pipeline.labelled import Corpus, Labelled, posting_files, read_beside, read_postings
from pipeline.labelled_files import JsonLines, corpus_hash
from pipeline.layout import Layout
from pipeline.near_duplicates import words_of
from pipeline.posting import LANGUAGES, CorpusError, InputError, Posting
from pipeline.review.review_file import is_review_file
from pipeline.tables import is_table

#: Postings of each label that training asks for; of one language, what it warns of.
LEAST = 10
_AS_FOUND = Layout()


class TrainingSet:
    """Labelled postings from several sources, read as often as wanted and in any order.

    Of postings with the same words only the first is learned from, and none of them where their
    labels differ, unless a correction says which is right. Hard kinds of a corpus folder stay out:
    with many of them a model unlearns the evidence that real postings give.

    Attributes:
        sources: the folders and tables, in order.
        beside: what the folders hold beside their postings.
        sha256: over all of them, and over what corrections change.
        settled: the numbers of the postings (`key_of`) that people have decided on.
    """

    def __init__(
        self,
        sources: Sequence[Path],
        beside: Corpus,
        lines: JsonLines,
        sha256: str,
        report: Report,
        corrections: Mapping[int, Correction],
    ) -> None:
        self.sources, self.beside, self.settled = list(sources), beside, frozenset(corrections)
        self._lines = lines
        #: Labels that corrections have changed, by the number of the line.
        self._corrected: dict[int, str] = {}
        self._places, self._contested, changed = self._choose(report, corrections)
        self.sha256 = (
            hashlib.sha256(f"{sha256} {changed}".encode()).hexdigest() if changed else sha256
        )

    def __len__(self) -> int:
        return len(self._places)

    @property
    def counts(self) -> dict[str, int]:
        """How many texts there are of each part; of postings, those that are learned from."""
        return {name: len(part) for name, part in self.beside.parts.items()} | {
            "postings": len(self)
        }

    def read(self, order: Iterable[int] | None = None) -> Iterator[Labelled]:
        """Yield the postings that are learned from, one in memory at a time.

        Args:
            order: their numbers, from 0; all from the first to the last where left out.
        """
        return self._read(
            self._places if order is None else self._places[np.fromiter(order, np.int64)]
        )

    def read_contested(self) -> Iterator[Labelled]:
        """Yield the postings whose text has both labels, none of which is learned from."""
        return self._read(self._contested)

    def corpus(self) -> Corpus:
        """Return everything at once."""
        return replace(self.beside, postings=list(self.read()))

    def _read(self, places: np.ndarray) -> Iterator[Labelled]:
        for place, each in zip(places.tolist(), read_postings(self._lines, places), strict=True):
            label = self._corrected.get(place)
            # The share is of the label that was wrong.
            yield each if label is None else replace(each, label=label, share=-1)

    def _choose(
        self, report: Report, corrections: Mapping[int, Correction]
    ) -> tuple[np.ndarray, np.ndarray, str]:
        """Return the lines that are learned from, those with both labels, and what was corrected.

        Lines are int64, ascending.
        """
        # Some bytes a posting: there may be millions.
        places, keys, fronts, languages = array("q"), array("Q"), array("b"), array("b")
        changed: dict[int, str] = {}
        unused = dict(corrections)
        for place, each in enumerate(read_postings(self._lines, range(len(self._lines)))):
            if each.kind != "plain":
                continue
            key = key_of(each.posting)
            label = each.label
            if key in corrections:
                unused.pop(key, None)
                label = corrections[key].label
                if label != each.label:
                    changed[key] = label
                    self._corrected[place] = label
                if not label:
                    continue
            places.append(place)
            keys.append(key)
            fronts.append(label == "front")
            languages.append(LANGUAGES.index(each.language))
        for key, correction in unused.items():
            what = f"there is no posting {written_key(key)} any more; was its text changed?"
            report(Finding(correction.where, what))
        lines, front = np.array(places, dtype=np.int64), np.array(fronts, dtype=bool)
        by_key = np.array(keys, dtype=np.uint64)
        _, first, group = np.unique(by_key, return_index=True, return_inverse=True)
        of_front = np.bincount(group, front, len(first))
        contested = ((of_front > 0) & (of_front < np.bincount(group)))[group]
        again = first[group] != np.arange(len(group))
        self._report(report, lines[again], lines[first[group][again]], contested[again])
        kept = ~contested & ~again
        self._report_few(report, np.array(languages, dtype=np.int8)[kept], front[kept])
        said = " ".join(f"{written_key(key)} {label}" for key, label in sorted(changed.items()))
        return lines[kept], lines[contested], said

    def _report_few(self, report: Report, languages: np.ndarray, front: np.ndarray) -> None:
        """Report languages (by their place in `LANGUAGES`) with too little of a label."""
        for code in np.unique(languages):
            for label, at in (("front", front), ("back", ~front)):
                n = int((at & (languages == code)).sum())
                if n < LEAST:
                    own = f"{LANGUAGES[code]}: {n} {label} postings"
                    what = f"{own}; {LEAST} are the least to learn from"
                    report(Finding(", ".join(map(str, self.sources)), what))

    def _report(
        self,
        report: Report,
        again: np.ndarray,
        first: np.ndarray,
        contested: np.ndarray,
    ) -> None:
        """Report what stands twice: lines, those of the same text before them, whether they differ.

        Arrays of shape (n,). Two postings are in memory at a time: a table may be there twice.
        """
        twins = zip(self._read(again), self._read(first), contested.tolist(), strict=True)
        for own, earlier, differ in twins:
            if differ:
                what = f"{own.label}, and the same text is {earlier.label} at {earlier.where}"
                report(Finding(own.where, f"{what}; all with this text are left out"))
            else:
                what = f"the same text stands at {earlier.where}"
                report(Finding(own.where, f"{what}; left out"))


def key_of(posting: Posting) -> int:
    """Return the number that a posting is known by: that of its words, 64 bits."""
    words = " ".join([*words_of(posting.title), "", *words_of(posting.text)])
    return int.from_bytes(hashlib.blake2b(words.encode(errors="replace"), digest_size=8).digest())


@contextmanager
def training_set(
    sources: Sequence[Path],
    layout: Layout = _AS_FOUND,
    report: Report = lambda finding: None,
    corrections: Sequence[Path] = (),
    strict: bool = True,
) -> Iterator[TrainingSet]:
    """Bring folders and tables together; rows of tables are held on disk meanwhile.

    Args:
        sources: corpus folders (see `pipeline.labelled`), tables with a column of labels, and files
            of reviews (see `pipeline.review`); one that is named twice is read once.
        layout: how the tables are to be read.
        report: told of each posting that is left out, and where it stands.
        corrections: tables of what people have corrected: see `pipeline.corrections`.
        strict: whether a label of a table that is neither front nor back is refused; it is
            reported otherwise, and its row left out.

    Raises:
        CorpusError: a folder or table is not there, or a line of it cannot be read.
        InputError: a table cannot be read, or a label is neither front nor back.
        OutputError: there is no room for the rows of a table on the disk for temporary files.
    """
    from pipeline.table_lines import nameless, write_lines

    corrected = read_corrections(corrections, layout)
    sources = _once(sources, report)
    files: list[Path | BinaryIO] = []
    hashes: list[str] = []
    beside: list[Corpus] = []
    with ExitStack() as stack:
        for source in sources:
            if source.is_dir():
                files += _files(source)
                hashes.append(corpus_hash(source))
                beside.append(read_beside(source))
            elif is_table(source) or is_review_file(source):
                lines = stack.enter_context(nameless(source))
                hashes.append(write_lines(source, layout, lines, report, strict))
                files.append(lines)
            elif not source.exists():
                raise CorpusError(f"{source}: no such folder or file; check the name.")
            else:
                raise InputError(
                    f"{source}: no corpus folder and no table; name a folder that holds"
                    " postings/*.jsonl, or a table with a column of labels."
                )
        joined = hashlib.sha256("".join(hashes).encode()).hexdigest()
        sha256 = hashes[0] if len(hashes) == 1 else joined
        whole = _joined(sources[0], beside)
        yield TrainingSet(sources, whole, JsonLines(files), sha256, report, corrected)


def _once(sources: Sequence[Path], report: Report) -> list[Path]:
    """Return the sources without those that another name has named before."""
    found: dict[str, Path] = {}
    for source in sources:
        if (place := os.path.realpath(source)) in found:
            report(Finding(str(source), "named twice; read once"))
        else:
            found[place] = source
    return list(found.values())


def _files(folder: Path) -> list[Path]:
    if not (found := posting_files(folder)):
        raise CorpusError(
            f"{folder}: no labelled postings; a corpus folder holds postings/*.jsonl"
            " with title, text, label and language in each line."
        )
    return found


def _joined(first: Path, corpora: list[Corpus]) -> Corpus:
    """Return what several folders hold beside their postings as if it were one's.

    What a folder before holds as well is not there twice: it would weigh double.
    """
    whole = Corpus(first)
    for each in corpora:
        for name, part in each.parts.items():
            texts = getattr(whole, name)
            known = {(text.posting, text.language, text.label) for text in texts}
            texts += [
                text for text in part if (text.posting, text.language, text.label) not in known
            ]
    return whole
