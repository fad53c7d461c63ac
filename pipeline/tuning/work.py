"""Who does the work: joblib's processes on the cores of this machine, or the workers of Dask."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import BrokenProcessPool

from pipeline.cluster.dask import check_workers, connected, cores
from pipeline.cluster.model import versions
from pipeline.material import Material
from pipeline.posting import ClusterError
from pipeline.tuning.grid import Candidate

if TYPE_CHECKING:
    from distributed import Client

#: Given what is to be done to each candidate, the material, the candidates and the seed, yields
#: results as they come.
Pool = Callable[[Callable[..., Any], Material, Sequence[Candidate], int], Generator[Any]]


@contextmanager
def pool_of(workers: int | None, scheduler: str | None) -> Iterator[Pool]:
    """Yield what does the work, both with the same results.

    Args:
        workers: processes on this machine; one a core for None.
        scheduler: address of a scheduler of Dask.

    Raises:
        ClusterError: Dask is not installed, the scheduler is not reached, or a worker is not like
            this machine.
    """
    if scheduler is None:
        yield lambda *work: _on_cores(workers or cores(), *work)
        return
    with connected(scheduler, again="begin the same search again") as client:
        check_workers(client, versions())
        yield lambda *work: _on_cluster(client, *work)


def _on_cores(
    workers: int,
    act: Callable[..., Any],
    material: Material,
    candidates: Sequence[Candidate],
    seed: int,
) -> Generator[Any]:
    # Arrays go to a file that all processes map: in memory once, however many there are.
    parallel = Parallel(
        min(workers, len(candidates)), return_as="generator_unordered", batch_size=1
    )
    try:
        yield from parallel(delayed(act)(material, each, seed) for each in candidates)
    except BrokenProcessPool as error:
        raise ClusterError(
            "a process that tried a candidate died, most often for want of memory; go on with fewer"
            " --workers: what is done is kept."
        ) from error


def _on_cluster(
    client: Client,
    act: Callable[..., Any],
    material: Material,
    candidates: Sequence[Candidate],
    seed: int,
) -> Generator[Any]:
    # Without joblib's own backend for Dask: where a worker dies, it waits for ever, and of a
    # cluster with one thread it makes no use (joblib 1.6).
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    # A task, not scattered data: where all workers that have it die, it is sent again.
    shared = client.submit(_same, material, pure=False)
    futures = [client.submit(act, shared, each, seed, pure=False) for each in candidates]
    try:
        for future in as_completed(futures, loop=client.loop):
            yield future.result()
            future.release()
    except KilledWorker as error:
        raise ClusterError(
            "the workers that tried a candidate died, most often for want of memory; give workers"
            " more, and begin the same search again: what is done is kept."
        ) from error
    finally:
        client.cancel(futures)


def _same(material: Material) -> Material:
    return material
