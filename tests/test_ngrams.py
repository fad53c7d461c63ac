"""The kernel against a plain Python reading of what an n-gram is."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ngrams import (
    BUCKETS,
    MAX_LETTERS,
    Ngrams,
    char_ngrams,
    collect_little,
    word_ngrams,
)
from pipeline.ngrams_compiled import collect as collect_arrays

_64 = 2**64 - 1
LETTERS = st.characters(max_codepoint=0x2FFF, exclude_categories=["Cs"])
TEXTS = st.lists(
    st.text(LETTERS | st.sampled_from("ab é"),
            max_size=80),
    max_size=5,
)  # fmt: skip


def collect_much(texts: list[str], words: int, shortest: int, longest: int) -> Ngrams:
    encoded = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    data = np.frombuffer(b"".join(encoded), np.uint8)
    return Ngrams(*collect_arrays(data, offsets, words, shortest, longest))


READERS = pytest.mark.parametrize("collect", [collect_little, collect_much])


def hashed(letters: str, start: int = 0xCBF29CE484222325) -> int:
    for letter in letters:
        start = ((start ^ ord(letter)) * 0x100000001B3) & _64
    return start


def bucket(number: int) -> int:
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        number = ((number ^ (number >> 33)) * factor) & _64
    return (number ^ (number >> 33)) % BUCKETS


def split(text: str) -> list[str]:
    inside = "".join(c if c.isalnum() or c == "_" else " " for c in text)
    return [word[:MAX_LETTERS] for word in inside.split(" ") if word]


def expected_words(text: str) -> Counter[int]:
    words = split(text)
    found = Counter(bucket(hashed(word)) for word in words)
    for first, second in pairwise(words):
        pair = ((hashed(first) ^ 0x9E3779B97F4A7C15) * 0x100000001B3) & _64
        found[bucket(pair ^ hashed(second))] += 1
    return found


def expected_chars(text: str, shortest: int, longest: int) -> Counter[int]:
    found: Counter[int] = Counter()
    for word in split(text):
        padded = f" {word} "
        for length in range(shortest, longest + 1):
            for start in range(max(len(padded) - length + 1, 1)):
                found[bucket(hashed(padded[start : start + length]))] += 1
            if len(padded) <= length:
                break
    return found


def rows(ngrams: Ngrams) -> list[dict[int, int]]:
    bounds = zip(ngrams.starts, ngrams.starts[1:], strict=False)
    return [
        dict(zip(ngrams.buckets[a:b].tolist(), ngrams.counts[a:b].tolist(), strict=True))
        for a, b in bounds
    ]


@settings(max_examples=200, deadline=None)
@given(TEXTS)
@READERS
def test_words_and_pairs_are_those_of_a_plain_reading(collect, texts: list[str]) -> None:
    assert rows(collect(texts, 2, 0, 0)) == [expected_words(text) for text in texts]


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.sampled_from([(2, 5), (4, 6), (5, 7), (2, 2), (3, 3)]))
@READERS
def test_character_ngrams_are_those_of_a_plain_reading(collect, texts, lengths) -> None:
    found = collect(texts, 0, *lengths)
    assert rows(found) == [expected_chars(text, *lengths) for text in texts]


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_buckets_ascend_in_each_row_each_once(texts: list[str]) -> None:
    found = char_ngrams(texts, 2, 4)
    for start, end in zip(found.starts, found.starts[1:], strict=False):
        assert (np.diff(found.buckets[start:end]) > 0).all()
    assert found.buckets.dtype == found.counts.dtype == np.int32


def test_no_texts_and_empty_ones_have_no_ngrams() -> None:
    assert rows(word_ngrams([])) == []
    assert rows(char_ngrams(["", " ", "-"], 4, 6)) == [{}, {}, {}]
    with pytest.raises(ValueError, match="2 letters at least, not 1"):
        char_ngrams(["a"], 1, 2)


@pytest.mark.parametrize("text", ["日本語 東京", "🙂👍", "a🙂b", "x" * 500, "e\u0301", "\x00a\x00"])
@READERS
def test_other_scripts_pictures_and_endless_words_are_read(collect, text: str) -> None:
    (found,) = rows(collect([text], 0, 2, 3))
    assert found == expected_chars(text, 2, 3)
    assert all(0 <= number < BUCKETS for number in found)
    assert (found == {}) == (text == "🙂👍")


def test_a_text_gives_the_same_in_every_company() -> None:
    texts = ["Vi søker kokk", "Buscamos camarero", "We need a cook"] * 40
    alone = [rows(char_ngrams([text], 4, 6))[0] for text in texts]
    assert rows(char_ngrams(texts, 4, 6)) == alone


def test_threads_may_ask_at_once() -> None:
    texts = ["Vi søker kokk til kantina vår", "Buscamos camarero para barra"] * 500
    expected = collect_much(texts, 0, 4, 6)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: collect_much(texts, 0, 4, 6), range(40)):
            assert np.array_equal(found.buckets, expected.buckets)
