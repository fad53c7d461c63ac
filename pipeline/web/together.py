"""Questions that wait at the same time are answered at once, by one thread.

Scoring one posting is mostly the calls that lead to the kernels, which many postings share; and
threads that score beside each other only wait for each other. The thread uses one core: on two, a
kernel of a tenth of a millisecond waits for the second to begin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


def one_thread(name: str) -> ThreadPoolExecutor:
    """Return a pool of one thread, whose kernels use one core."""

    def begin() -> None:
        from pipeline.reading_compiled import use_cores

        use_cores(1)

    return ThreadPoolExecutor(1, name, begin)


class Together(Generic[Q, A]):
    """Answers questions in the order in which they come, those that wait in one call.

    Args:
        answer: to some questions their answers, in order; called by the thread.
        thread: see `one_thread`; where several ask one thread, they take turns.
        most: questions that are answered at once; more would keep the first of them waiting.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Q]], Sequence[A]],
        thread: ThreadPoolExecutor,
        most: int = 32,
    ) -> None:
        self._answer, self._thread, self._most = answer, thread, most
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._working: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """Return the answer to a question; raises what `answer` does with this one."""
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._settle(taken)
        finally:
            self._working = None

    async def _settle(self, taken: list[tuple[Q, asyncio.Future[A]]]) -> None:
        try:
            answers = await self._in_thread([question for question, _ in taken])
        except Exception as error:
            if len(taken) > 1:  # one that fails takes no others with it
                for each in taken:
                    await self._settle([each])
            elif not taken[0][1].done():
                taken[0][1].set_exception(error)
            return
        for (_, future), answer in zip(taken, answers, strict=True):
            if not future.done():  # whoever asked may be gone
                future.set_result(answer)

    def _in_thread(self, questions: list[Q]) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._thread, self._answer, questions)
