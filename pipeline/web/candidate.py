"""A model trained on what was decided on a sheet, in a process of its own, before anyone uses it.

A training takes half a minute of all cores and may be given up: the process is ended then, and
leaves nothing but the folder that is removed here.
"""

from __future__ import annotations

import logging
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Literal, NamedTuple

from pipeline.output import cause
from pipeline.places import own_corpus_folder
from pipeline.posting import CorpusError, FrontbackError, ModelError
from pipeline.web import faults
from pipeline.web.sheet import Sheet

State = Literal["none", "training", "trained", "failed", "used"]

_log = logging.getLogger(__name__)
_context = get_context("spawn")  # a fork would copy the threads' locks as they are


class Asked(NamedTuple):
    """What the process needs to know.

    Attributes:
        name: what its user calls the sheet.
        source, form: the sheet, and how it is read.
        reviews: what was decided on it.
        models: the models folder.
        corpus: that is learned from beside.
        held: a folder of its own, for a copy of the user's corpus with these decisions added.
    """

    name: str
    source: Path
    form: dict[str, str]
    reviews: Path
    models: Path
    corpus: Path
    held: Path


@dataclass
class Candidate:
    """A model in the making, and what it would change.

    Attributes:
        sheet: id of the sheet whose reviews it learns from.
        state: how far it is.
        error: why there is none, as a sentence.
        preview: `pipeline.retraining.Preview` as JSON's own objects, once it is trained.
    """

    sheet: str = ""
    state: State = "none"
    error: str = ""
    preview: dict[str, Any] = field(default_factory=dict)


class Candidates:
    """The one candidate that there may be at a time.

    Args:
        models: the models folder.
        corpus: that is learned from beside what was decided.
    """

    def __init__(self, models: Path, corpus: Path) -> None:
        self._models, self._corpus = models, corpus
        self._now = Candidate()
        self._process: Any = None
        self._follower: Thread | None = None
        self._lock = Lock()

    def of(self, sheet: Sheet) -> Candidate:
        """Return what there is for a sheet."""
        return self._now if self._now.sheet == sheet.id else Candidate(sheet.id)

    def train(self, sheet: Sheet) -> None:
        """Begin to train on what was decided on a sheet, and on other sheets before.

        Raises:
            CorpusError: another one is being trained.
        """
        with self._lock:
            if self._now.state == "training":
                raise CorpusError("another model is being trained; wait for its end, or stop it.")
            self._forget()
            held = Path(tempfile.mkdtemp(prefix="frontback-"))
            asked = Asked(
                sheet.name,
                sheet.source,
                sheet.form,
                sheet.reviews,
                self._models,
                self._corpus,
                held,
            )
            told, telling = _context.Pipe(duplex=False)
            self._process = _context.Process(target=_work, args=(asked, telling), daemon=True)
            self._process.start()
            telling.close()
            self._now = Candidate(sheet.id, "training")
            following = (self._now, self._process, told, held)
            self._follower = Thread(target=_follow, args=following, name="candidate", daemon=True)
            self._follower.start()

    def give_up(self, sheet: Sheet) -> None:
        """End the training, or remove the model that came of it, unless it is used."""
        with self._lock:
            if self._now.sheet == sheet.id:
                self._forget()

    def use(self, sheet: Sheet) -> str:
        """Have the candidate tag from now on, and keep what it learned for later trainings.

        Returns:
            Its id.

        Raises:
            CorpusError: there is none.
            ModelError: it is not there any more.
            OutputError: the models folder, or that of the user's corpus, cannot be written.
        """
        from pipeline.retraining import accept
        from pipeline.review.own_corpus import add_reviews

        with self._lock:
            now = self.of(sheet)
            if now.state != "trained":
                raise CorpusError("there is no trained model to use; train one first.")
            add_reviews(sheet.reviews, own_corpus_folder(), lambda finding: None)
            accept(self._models, now.preview["candidate"])
            now.state = "used"
            return str(now.preview["candidate"])

    def stop(self) -> None:
        """End a training when the server ends; a trained candidate stays."""
        if self._follower:
            self._process.kill()
            # What it had said before is noted, and its folder is gone.
            self._follower.join()

    def _forget(self) -> None:
        from pipeline.retraining import discard

        self.stop()
        if self._now.state == "trained":
            with suppress(ModelError):  # somebody has deleted it
                discard(self._models, self._now.preview["candidate"])
        self._now = Candidate()


def _follow(now: Candidate, process: Any, told: Connection, held: Path) -> None:
    """Note what a training says, when it has ended and nothing is left of it."""
    state: State = "failed"
    content: Any = "the training ended before it was done; is there memory enough?"
    with suppress(EOFError, OSError):  # ended before it said anything, or while it did
        state, content = told.recv()
    process.join()
    shutil.rmtree(held, ignore_errors=True)
    if state == "failed":
        now.error = content
    else:
        now.preview = content
    now.state = state


def _work(asked: Asked, telling: Connection) -> None:
    """Train, in a process of its own; only the server ends it."""
    # Ctrl+C in a terminal reaches all processes there: the server ends this one tidily.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    telling.send(_trained(asked))


def _trained(asked: Asked) -> tuple[State, Any]:
    """Train, and return what came of it: what it would change, or why there is nothing."""
    from pipeline.retraining import preview
    from pipeline.review.own_corpus import add_reviews

    own = asked.held / "corpus"
    try:
        if own_corpus_folder().is_dir():
            shutil.copytree(own_corpus_folder(), own)
        add_reviews(asked.reviews, own, lambda finding: None)
        found = preview([asked.corpus], [own], asked.models, list(_rows(asked)))
    except FrontbackError as error:
        sentence = str(error)
        for path in (own, asked.reviews, asked.source):  # ours, of which its user knows nothing
            sentence = sentence.replace(str(path), asked.name)
        return "failed", sentence
    except OSError as error:
        return "failed", f"{asked.name}: not trained on, {cause(error)}."
    except Exception as error:  # whatever it is, its text may be of a posting
        _log.error("a training failed: %s", faults.told(error))
        fault = type(error).__name__
        return "failed", f"the training failed ({fault}); this is a fault of frontback, report it."
    return "trained", found.as_json()


def _rows(asked: Asked) -> Iterator[Any]:
    from pipeline.review.sheet_rows import postings_of
    from pipeline.sheet_changes import Row
    from pipeline.tables import open_table
    from pipeline.tables.columns import find_columns

    form = asked.form
    reader = open_table(asked.source, sheet=form.get("sheet"), text_column=form.get("text_column"))
    columns = find_columns(
        reader.schema.names, asked.source, form.get("title_column"), form.get("text_column")
    )
    for number, (title, text) in postings_of(reader, columns):
        if text:
            yield Row(number, title, text)
