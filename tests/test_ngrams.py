"""What an n-gram is: the kernels and numpy against a plain Python reading."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.letters import codes_of, fold
from pipeline.ngrams import (
    BUCKETS,
    MAX_LETTERS,
    buckets_of,
    hash_inside,
    hash_pairs,
    hash_words,
    split_words,
)
from pipeline.ngrams_compiled import collect, collect_words
from pipeline.reading_compiled import texts_of

_64 = 2**64 - 1
LETTERS = st.characters(max_codepoint=0x2FFF, exclude_categories=["Cs"])
TEXTS = st.lists(
    st.text(LETTERS | st.sampled_from("ab é"), max_size=80).map(fold),
    max_size=5,
)


def words_much(texts: list[str]) -> list[Counter[int]]:
    found = collect_words(texts_of(texts), 2)
    bounds = zip(found.starts, found.starts[1:], strict=False)
    return [
        Counter(dict(zip(found.hashes[a:b].tolist(), found.counts[a:b].tolist(), strict=True)))
        for a, b in bounds
    ]


def words_little(texts: list[str]) -> list[Counter[int]]:
    rows = [hash_words(*split_words(codes_of(text))) for text in texts]
    return [Counter([*row.tolist(), *hash_pairs(row).tolist()]) for row in rows]


def chars_much(texts: list[str], shortest: int, longest: int) -> list[Counter[int]]:
    found = collect(texts_of(texts), shortest, longest)
    bounds = zip(found.starts, found.starts[1:], strict=False)
    return [
        Counter(dict(zip(found.buckets[a:b].tolist(), found.counts[a:b].tolist(), strict=True)))
        for a, b in bounds
    ]


def chars_little(texts: list[str], shortest: int, longest: int) -> list[Counter[int]]:
    rows = []
    for text in texts:
        letters, starts, _ = split_words(codes_of(text))
        rows.append(
            Counter(buckets_of(hash_inside(letters, starts, shortest, longest)[1]).tolist())
        )
    return rows


WORDS = pytest.mark.parametrize("words", [words_little, words_much])
CHARS = pytest.mark.parametrize("chars", [chars_little, chars_much])


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
    found = Counter(hashed(word) for word in words)
    for first, second in pairwise(words):
        pair = ((hashed(first) ^ 0x9E3779B97F4A7C15) * 0x100000001B3) & _64
        found[pair ^ hashed(second)] += 1
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


@settings(max_examples=200, deadline=None)
@given(TEXTS)
@WORDS
def test_words_and_pairs_are_those_of_a_plain_reading(words, texts: list[str]) -> None:
    assert words(texts) == [expected_words(text) for text in texts]


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.sampled_from([(2, 5), (4, 6), (5, 7), (2, 2), (3, 3), (6, 8)]))
@CHARS
def test_character_ngrams_are_those_of_a_plain_reading(chars, texts, lengths) -> None:
    assert chars(texts, *lengths) == [expected_chars(text, *lengths) for text in texts]


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_buckets_ascend_in_each_row_each_once(texts: list[str]) -> None:
    found = collect(texts_of(texts), 2, 4)
    for start, end in zip(found.starts, found.starts[1:], strict=False):
        assert (np.diff(found.buckets[start:end]) > 0).all()
    assert found.buckets.dtype == found.counts.dtype == np.int32


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_a_word_stands_where_it_is_said_to_stand(texts: list[str]) -> None:
    together = texts_of(texts)
    found = collect_words(together)
    for begin, end, number in zip(found.begins, found.ends, found.hashes, strict=True):
        word = together.data[begin:end].tobytes().decode()
        assert hashed(word[:MAX_LETTERS]) == number


def test_no_texts_and_empty_ones_have_no_ngrams() -> None:
    assert chars_much([], 4, 6) == words_much([]) == []
    assert chars_much(["", " ", "-"], 4, 6) == words_much(["", " ", "-"]) == [{}, {}, {}]
    with pytest.raises(ValueError, match="2 letters at least, not 1"):
        chars_much(["a"], 1, 2)


@pytest.mark.parametrize("text", ["日本語 東京", "🙂👍", "a🙂b", "x" * 500, "e\u0301", "\x00a\x00"])
@CHARS
def test_other_scripts_pictures_and_endless_words_are_read(chars, text: str) -> None:
    (found,) = chars([text], 2, 3)
    assert found == expected_chars(text, 2, 3)
    assert (found == {}) == (text == "🙂👍")


def test_a_text_gives_the_same_in_every_company() -> None:
    texts = ["Vi søker kokk", "Buscamos camarero", "We need a cook"] * 40
    alone = [chars_much([text], 4, 6)[0] for text in texts]
    assert chars_much(texts, 4, 6) == alone


def test_threads_may_ask_at_once() -> None:
    texts = texts_of(["Vi søker kokk til kantina vår", "Buscamos camarero para barra"] * 500)
    expected = collect(texts, 4, 6)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: collect(texts, 4, 6), range(40)):
            assert np.array_equal(found.buckets, expected.buckets)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.sampled_from(["İSTANBUL", "ΟΔΟΣ ΣΟΦΟΣ", "ǅ ẞ Ω K", "ＦＵＬＬ"]))
def test_letters_are_lowered_one_by_one(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)
    if text.isascii():
        assert fold(text) == text.lower()
