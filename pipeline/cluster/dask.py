"""A folder of Parquet files tagged by the workers of Dask."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pipeline.annotate import TAG_COLUMNS
from pipeline.batch import Summary
from pipeline.cluster.files import parquet_files, place_of
from pipeline.cluster.folder import Done, begin, check_folder, commit
from pipeline.cluster.model import Packed, check_versions, pack, versions
from pipeline.cluster.parts import look, tag_part
from pipeline.cluster.plan import Look, Part, parts_of, settings_of
from pipeline.language import Detector
from pipeline.posting import ClusterError, Reason
from pipeline.wording import words

if TYPE_CHECKING:
    from distributed import Client

LOCAL = "local"
_WAIT_SECONDS = 30

#: Told how many rows there are, gives what is told of each number of rows done.
Progress = Callable[[int], AbstractContextManager[Callable[[int], None]]]


def _silent(total: int) -> AbstractContextManager[Callable[[int], None]]:
    return nullcontext(lambda rows: None)


def run(
    inputs: Sequence[str],
    output: str,
    cluster: str,
    *,
    model: str | None = None,
    models: str | os.PathLike[str] | None = None,
    detector: Detector = "frontback",
    title_column: str | None = None,
    text_column: str | None = None,
    overwrite: bool = False,
    resume: bool = False,
    workers: int | None = None,
    say: Callable[[str], None] = lambda message: None,
    progress: Progress = _silent,
) -> Summary:
    """Tag Parquet files into a folder of Parquet files, and return what it came to.

    Args:
        inputs: paths, folders, patterns or URLs that every worker can read.
        output: the folder, which every worker can write; see `pipeline.cluster.folder`.
        cluster: address of a scheduler, or ``local`` for workers on this machine.
        model, models, detector, say: see `pipeline.tagger.Tagger.load`.
        title_column, text_column: names, where they are not to be found out.
        overwrite: whether to replace what an earlier run wrote.
        resume: whether to go on where an earlier run was stopped, which goes before ``overwrite``.
        workers: how many ``local`` starts, of one thread each; one a core where left out.
        progress: see `Progress`.

    Raises:
        ClusterError: Dask is not installed, the scheduler is not reached, or a worker is not like
            this machine.
        InputError, OutputError, ModelError: as for a batch on one machine.
    """
    _check_installed()
    output = place_of(output)
    files = parquet_files(inputs)
    check_folder(output, files, overwrite, resume)
    packed = pack(model, models, say, detector)
    with connected(cluster, workers) as client:
        check_workers(client, packed.versions)
        looks = client.gather(client.map(look, files, pure=False))
        parts = parts_of(looks, title_column, text_column)
        _tell(looks, parts, say)
        settings = settings_of(packed, parts)
        summary, begun = Summary(), time.monotonic()
        run_id = uuid4().hex
        done = begin(output, settings, run_id, overwrite, resume)
        there = {each["name"] for each in done}
        missing = [part for part in parts if part.name not in there]
        with progress(sum(part.rows for part in parts)) as advance:
            for each in done:
                _add(summary, each, advance)
            summary.recalled = summary.rows
            for each in _results(client, missing, output, packed, run_id):
                done.append(each)
                _add(summary, each, advance)
        commit(output, settings, run_id, done)
    summary.seconds = time.monotonic() - begun
    return summary


def _tell(looks: Sequence[Look], parts: Sequence[Part], say: Callable[[str], None]) -> None:
    said, rows = words(), sum(part.rows for part in parts)
    say(said("work.columns.files", files=len(looks), rows=rows, parts=len(parts)))
    read, names = parts[0].layout.read, looks[0].names
    table, text = looks[0].place, repr(names[read.text])
    if read.title is None:
        say(said("work.columns.untitled", table=table, text=text))
    else:
        say(said("work.columns.titled", table=table, text=text, title=repr(names[read.title])))
    for name, instead in zip(TAG_COLUMNS, parts[0].layout.names, strict=True):
        if name != instead and instead not in names:
            values = {"name": repr(name), "instead": repr(instead)}
            say(said("work.columns.renamed_everywhere", **values))


def _add(summary: Summary, done: Done, advance: Callable[[int], None]) -> None:
    summary.rows += done["rows"]
    summary.problems += done["counts"]["reason"].get(Reason.NO_TEXT, 0)
    for name, counts in done["counts"].items():
        summary.counts.setdefault(name, Counter()).update(counts)
    advance(done["rows"])


def _results(
    client: Client, parts: Sequence[Part], output: str, packed: Packed, run_id: str
) -> Iterator[Done]:
    """Yield what each part came to, in the order in which they are done."""
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    # A task, not scattered data: where all workers that have it die, it is sent again.
    model = client.submit(_same, packed, pure=False)
    longest_first = sorted(parts, key=lambda part: -part.rows)
    futures = client.map(
        _tag, longest_first, folder=output, packed=model, run_id=run_id, pure=False
    )
    names = dict(zip((future.key for future in futures), longest_first, strict=True))
    try:
        for future in as_completed(futures, loop=client.loop):
            try:
                yield future.result()
            except KilledWorker as error:
                part = names[future.key]
                raise ClusterError(
                    f"{part.source}: the workers that had its row groups {part.first} to"
                    f" {part.stop - 1} died, most often for want of memory; give workers more, or"
                    " write smaller row groups."
                ) from error
            future.release()
    finally:
        client.cancel(futures)


def _same(packed: Packed) -> Packed:
    return packed


def _tag(part: Part, folder: str, packed: Packed, run_id: str) -> Done:
    from distributed import get_worker

    worker = get_worker()
    name = f"worker {worker.address}"
    return tag_part(part, folder, packed, worker.state.nthreads, name, run_id)


def _check_installed() -> None:
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise ClusterError(
            "a cluster needs Dask, which is not installed; pip install 'frontback[dask]'."
        ) from error


@contextmanager
def connected(
    cluster: str, workers: int | None = None, again: str = "go on with --resume"
) -> Iterator[Client]:
    """Yield a client of a scheduler, with a worker at least.

    Args:
        cluster, workers: see `run`.
        again: what to do where the scheduler was lost and is there again.

    Raises:
        ClusterError: Dask is not installed, or no scheduler with a worker answers.
    """
    _check_installed()
    import dask
    from distributed import Client, LocalCluster

    # The model is sent once, as a task, and is larger than Dask thinks tasks should be.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        if cluster == LOCAL:
            with _undisturbed():
                local = LocalCluster(
                    n_workers=workers or cores(),
                    threads_per_worker=1,
                    dashboard_address=":0",
                    silence_logs=logging.CRITICAL,
                )
            with local, Client(local, set_as_default=False) as client:
                yield client
            return
        try:
            client = Client(cluster, timeout=_WAIT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise ClusterError(
                f"{cluster}: no scheduler of Dask answers there ({error}); check the address, or"
                " start one with 'dask scheduler'."
            ) from error
        with client:
            try:
                client.wait_for_workers(1, timeout=_WAIT_SECONDS)
            except TimeoutError as error:
                raise ClusterError(
                    f"{cluster}: the scheduler has no worker; start some with"
                    f" 'dask worker {cluster}'."
                ) from error
            try:
                yield client
            except CancelledError as error:
                raise ClusterError(
                    f"{cluster}: the scheduler is gone; start it again, and {again}."
                ) from error


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Start processes that leave Ctrl-C, which a terminal sends to all, to this one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_workers(client: Client, wanted: dict[str, str]) -> None:
    """Raise `ClusterError` where a worker has other versions than these, or not frontback."""
    answers: dict[str, Any] = client.run(versions, on_error="return")
    for worker, answer in answers.items():
        if isinstance(answer, BaseException):
            raise ClusterError(
                f"worker {worker}: frontback does not run there ({answer}); install it on every"
                " worker."
            ) from answer
        check_versions(answer, wanted, f"worker {worker}")
