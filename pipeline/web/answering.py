"""What is answered at once: tags, languages and explanations, each in a thread of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, compress, islice
from typing import Any, TypeVar

from pipeline.explain import explain_many
from pipeline.explanation import Explanation, explain_posting
from pipeline.language import detect_languages
from pipeline.posting import Language, Tag
from pipeline.posting import Posting as Cleaned
from pipeline.text import clean
from pipeline.web.messages import Posting, Tagged
from pipeline.web.together import Together, one_thread
from pipeline.web.workplace import Workplace

Shown = TypeVar("Shown")
Answer = TypeVar("Answer")

#: Each with its weight, those that weigh most first.
Words = list[tuple[str, float]]
_WORDS = 5
_ANY = Posting(title="Cook", text="You cook for the guests of our house and order what is needed.")


class Answering:
    """Answers requests beside each other.

    Args:
        workplace: whose tagger answers.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        # What is quick does not wait behind what is not.
        self._quick, self._slow = one_thread("quick"), one_thread("slow")
        self._tags = Together(self._tag, self._quick)
        self._words = Together(self._say_words, self._slow)
        # One at a time: together they would be no quicker.
        self._explanations = Together(self._explain, self._slow, most=1)
        self._languages = Together(_detect, self._quick)

    def warm(self) -> None:
        """Have all that is loaded on first use ready before anybody asks; does not wait for it."""
        self._quick.submit(self._tag, [[_ANY]])
        self._slow.submit(self._explain, [(_ANY, str)])

    async def tag(self, postings: Sequence[Posting], explain: bool) -> list[Tagged]:
        """Return the answers to postings, with the words that weigh most where asked for."""
        answers = [Tagged(**each._asdict()) for each in await self._tags.ask(postings)]
        if explain:
            decided = [each.p_front is not None for each in answers]
            words = iter(await self._words.ask(list(compress(postings, decided))))
            for answer, is_decided in zip(answers, decided, strict=True):
                answer.words = next(words) if is_decided else []
        return answers

    async def detect(self, texts: Sequence[str]) -> list[Language]:
        """Return the languages of texts."""
        return await self._languages.ask(texts)

    async def explain(self, posting: Posting, shown: Callable[[Explanation], Shown]) -> Shown:
        """Return what is shown of why a posting gets its answer."""
        answer: Shown = await self._explanations.ask((posting, shown))
        return answer

    def _tag(self, asked: Sequence[Sequence[Posting]]) -> list[list[Tag]]:
        postings = list(chain.from_iterable(asked))
        tags = self._workplace.tagger().tag(
            [each.text for each in postings], [each.title for each in postings]
        )
        return list(_divided(tags, asked))

    def _say_words(self, asked: Sequence[Sequence[Posting]]) -> list[list[Words]]:
        postings = [Cleaned(clean(each.title), clean(each.text)) for own in asked for each in own]
        found = explain_many(self._workplace.tagger().scorer, postings) if postings else []
        words = [[(each.word, round(each.weight, 3)) for each in one[:_WORDS]] for one in found]
        return list(_divided(words, asked))

    def _explain(self, asked: Sequence[tuple[Posting, Callable[[Explanation], Any]]]) -> list[Any]:
        tagger = self._workplace.tagger()
        return [shown(explain_posting(tagger, each.text, each.title)) for each, shown in asked]


def _detect(asked: Sequence[Sequence[str]]) -> list[list[Language]]:
    return list(_divided(detect_languages(list(chain.from_iterable(asked))), asked))


def _divided(
    answers: Sequence[Answer], asked: Sequence[Sequence[object]]
) -> Iterator[list[Answer]]:
    """Yield the answers of each request, in order."""
    left = iter(answers)
    for each in asked:
        yield list(islice(left, len(each)))
