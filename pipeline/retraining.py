"""What retraining on reviewed postings would change, before anyone switches to the new model.

A candidate is trained on what there is and on what people have decided, and compared with the
active model three ways: on hard postings that neither has learned from, on the reviewed postings
themselves, and on the rows of a sheet. It is stored last and active never, until `accept`: whoever
ends the process before that leaves the models folder as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pipeline.active import history
from pipeline.answers import Answers, answers_of
from pipeline.challenge import ChallengeSet
from pipeline.comparison import Comparison, Paired, compare, paired
from pipeline.fitting import Say
from pipeline.labelled import Labelled
from pipeline.layout import Layout
from pipeline.model_folder import check_writable
from pipeline.places import corpus_folder
from pipeline.posting import CorpusError, Reason
from pipeline.scoring import Scorer
from pipeline.sheet_changes import Row, SheetChanges, sheet_changes
from pipeline.tagger import Tagger
from pipeline.training import Learned, keep, learn
from pipeline.training_set import key_of, training_set
from pipeline.versions import delete_model, use_model

#: Decisions that a preview asks for, of both labels together.
LEAST_DECISIONS = 10
#: What the ids of candidates begin with.
_NAME = "reviewed"
_MOST_CHANGES = 100
_AS_FOUND = Layout()


class Preview(NamedTuple):
    """What retraining would change.

    Attributes:
        active: id of the model that is compared with.
        candidate: id of the one that was trained; stored, not active.
        decisions: how many reviewed postings are front, and back.
        challenge: both on the hard postings of the corpus, which neither has learned from.
        reviewed: both on the reviewed postings. The candidate has learned from these, so each is
            answered by a model that learned from the others and not from it, nor from what is
            nearly the same. None where no such answer is known. Postings that were chosen because
            the active model was unsure of them are harder for it than for any other model, an
            equally good one as well.
        active_knew_reviewed: whether the active model came of a preview itself, or has learned
            from a source of the same name as the reviewed ones: it has probably seen some of
            them, and looks better on them than it is.
        sheet: rows that would get another answer. Those that were reviewed are marked: of them the
            candidate knows the answer.
    """

    active: str
    candidate: str
    decisions: dict[str, int]
    challenge: Comparison
    reviewed: Paired | None
    active_knew_reviewed: bool
    sheet: SheetChanges

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON's own objects."""
        return self._asdict() | {
            "challenge": self.challenge.as_json(),
            "reviewed": self.reviewed and self.reviewed.as_json(),
            "sheet": self.sheet.as_json(),
        }


def preview(
    sources: Sequence[Path],
    reviewed: Sequence[Path],
    models: Path,
    sheet: Sequence[Row] = (),
    *,
    layout: Layout = _AS_FOUND,
    say: Say = lambda message: None,
) -> Preview:
    """Train a candidate, store it, and return what it changes; may run in a process of its own.

    Args:
        sources: what the model is trained on beside the reviewed postings, as by
            `pipeline.training.train`; most often the corpus that came with frontback.
        reviewed: what people decided: files of reviews, labelled tables, corpus folders.
        models: the models folder.
        sheet: rows to tag with both models.
        layout: how tables are to be read.
        say: told what is being done, one short line at a time.

    Raises:
        CorpusError: too few postings are decided, or all are of one label; or what `train` raises.
        InputError: a table cannot be read.
        ModelError: the active model cannot be read.
        OutputError: the models folder cannot be written.
    """
    decided = _decided(reviewed, layout)
    check_writable(models)
    active = Tagger.load(None, models, say)
    learned = learn(
        [*sources, *reviewed], layout=layout, name=_NAME, say=say, progress=_told_by(say)
    )
    candidate = Tagger(Scorer(learned.classifier.get_state()), {"id": _NAME})
    taggers = active, candidate
    say("comparing both models on hard postings")
    hard = ChallengeSet(corpus_folder())
    before, after = answers_of(hard, taggers)
    challenge = compare(hard, taggers, (before, after), _MOST_CHANGES)
    say(f"comparing both on {len(decided):,} reviewed postings")
    on_reviewed = _on_reviewed(decided, active, learned)
    if sheet:
        say(f"tagging {len(sheet):,} rows with both")
    known = {key_of(each.posting) for each in decided}
    changes = sheet_changes(sheet, taggers, known, _MOST_CHANGES)
    stored = keep(learned, models, False, say)["id"]
    return Preview(
        active.model,
        stored,
        dict(Counter(each.label for each in decided)),
        challenge._replace(second=stored),
        on_reviewed,
        _knew(active, sources, reviewed),
        changes,
    )


def accept(models: Path, candidate: str) -> None:
    """Make a candidate the active model; 'frontback models rollback' undoes it.

    Raises:
        ModelError: it is not there any more, or damaged.
        OutputError: the folder cannot be written.
    """
    use_model(models, candidate)


def discard(models: Path, candidate: str) -> bool:
    """Remove a candidate, unless it is, or has been, the active model.

    The same decisions make the same model: one that was accepted before is somebody's.

    Returns:
        Whether it was removed.

    Raises:
        ModelError: there is no such model.
        OutputError: the folder cannot be written.
    """
    if candidate in {change.model for change in history(models)}:
        return False
    delete_model(models, candidate)
    return True


def _decided(reviewed: Sequence[Path], layout: Layout) -> list[Labelled]:
    """Return the reviewed postings that are learned from; refuse where there are too few."""
    with training_set(reviewed, layout) as texts:
        decided = list(texts.read())
    called = ", ".join(map(str, reviewed))
    if len(decided) < LEAST_DECISIONS:
        raise CorpusError(
            f"{called}: {len(decided)} postings decided as front or back; review"
            f" {LEAST_DECISIONS} at least before you retrain."
        )
    labels = {each.label for each in decided}
    if len(labels) == 1:
        raise CorpusError(
            f"{called}: all {len(decided)} postings are decided as {labels.pop()}; review some of"
            " the other label, too, before you retrain."
        )
    return decided


def _on_reviewed(decided: list[Labelled], active: Tagger, learned: Learned) -> Paired | None:
    """Return both models on the reviewed postings, the candidate's answers out of fold."""
    unseen = dict(
        zip(
            (each.where for each in learned.postings),
            learned.classifier.out_of_fold_.tolist(),
            strict=True,
        )
    )
    judged = [each for each in decided if each.where in unseen]
    tags = active.tag(
        [each.posting.text for each in judged], [each.posting.title for each in judged]
    )
    # Whether a model applies at all is not learned: where this one does not, the other would not.
    pairs = [
        (each, tag.p_front) for each, tag in zip(judged, tags, strict=True)
        if tag.p_front is not None
    ]  # fmt: skip
    if not pairs:
        return None
    before = np.array([p_front for _, p_front in pairs])
    after = np.array([unseen[each.where] for each, _ in pairs])
    held = [each for each, _ in pairs]
    return paired(
        _answers(held, before, active.scorer.band), _answers(held, after, learned.classifier.band_)
    )


def _answers(held: list[Labelled], p_front: np.ndarray, band: float) -> Answers:
    office = np.where(p_front >= 0.5, "front", "back")
    close = np.abs(p_front - 0.5) < band
    return Answers(
        np.arange(1, len(held) + 1),
        np.array([each.label == "front" for each in held]),
        p_front,
        np.where(close, "review", office),
        np.where(close, Reason.CLOSE_CALL, ""),
        np.array([each.language for each in held]),
        np.array([each.isco for each in held]),
    )


def _knew(active: Tagger, sources: Sequence[Path], reviewed: Sequence[Path]) -> bool:
    corpus = active.manifest.get("corpus")
    known = corpus.get("sources") if isinstance(corpus, dict) else None
    own = {file.name for file in reviewed} - {file.name for file in sources}
    by_name = isinstance(known, list) and not own.isdisjoint(map(str, known))
    return by_name or active.model.startswith(f"{_NAME}-")


def _told_by(say: Say) -> Any:
    """Return what tells of progress in lines; see `pipeline.fitting.Progress`."""

    @contextmanager
    def progress(total: int, what: str, *, unit: str = "rows") -> Iterator[Callable[[int], None]]:
        done = 0

        def advance(some: int) -> None:
            nonlocal done
            done += some
            say(f"{what}: {done:,} of {total:,} {unit}")

        yield advance

    return progress
