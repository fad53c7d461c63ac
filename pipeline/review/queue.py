"""In which order postings are asked about: the doubtful first, and no two alike near the top.

Among postings of the same standing the next is the one of most worth: how uncertain its tag is,
less how much it is like one that comes before it. This is maximal marginal relevance, Carbonell
and Goldstein 1998, "The use of MMR, diversity-based reranking for reordering documents and
producing summaries", with their 0.3 for a first look around, and with uncertainty (Lewis and Gale
1994, "A sequential algorithm for training text classifiers") for relevance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import scipy.sparse as sp

from pipeline.letters import fold
from pipeline.posting import Posting, Reason, Tag
from pipeline.text import clean

#: What uncertainty weighs; being unlike those before weighs the rest.
_UNCERTAINTY = 0.3
#: So many are chosen to be unlike each other, out of so many most uncertain; nobody reviews more
#: in a day, and the others follow by their uncertainty alone.
SPREAD, _POOL = 300, 5_000

#: Which reasons come before which. Where no model applies there is no uncertainty to go by; what is
#: no posting, or in another language, teaches a model nothing.
STANDING: Final = {
    Reason.CLOSE_CALL: 0,
    Reason.SEVERAL_ROLES: 0,
    Reason.TOO_SHORT: 1,
    Reason.UNKNOWN_LANGUAGE: 1,
    Reason.NO_POSTING: 2,
    Reason.OTHER_LANGUAGE: 2,
    "": 3,
}

PostingsAt = Callable[[Sequence[int]], Sequence[Posting]]


def review_order(tags: Sequence[Tag], band: float, postings: PostingsAt) -> np.ndarray:
    """Return the places of the postings in the order in which to ask about them: int64.

    Those in review come first, with what is no posting or in another language at their end, then
    those with an answer. What has no text is left out. The same tags and texts give the same order.

    Args:
        tags: of n postings.
        band: how far from 0.5 the model leaves a posting in review (`Scorer.band`).
        postings: gives those at some places; called once, with a few thousand places at most.
    """
    asked = np.array([at for at, tag in enumerate(tags) if tag.reason in STANDING], dtype=np.int64)
    if not len(asked):
        return asked
    standing = np.array([STANDING[tags[at].reason] for at in asked])
    uncertain = uncertainty(
        np.array([tags[at].p_front for at in asked], dtype=float), standing < 3, band
    )
    order = np.lexsort((asked, -uncertain, standing))
    pool = order[:_POOL]
    places = asked[pool].tolist()
    languages = np.array([tags[at].language for at in places])
    first = pool[_spread(standing[pool], uncertain[pool], languages, _words(postings(places)))]
    return asked[np.concatenate([first, order[~np.isin(order, first)]])]


def uncertainty(p_front: np.ndarray, in_review: np.ndarray, band: float) -> np.ndarray:
    """Return how uncertain tags are, 1 to 0: float64, shape (n,); 0 where p_front is NaN.

    In review from 1 at 0.5 down to 0 at the band's edge; with an answer from 1 there down to 0
    where the model is sure.

    Args:
        p_front: shape (n,), in_review: bool, shape (n,), band: see `review_order`.
    """
    away = np.abs(np.nan_to_num(p_front, nan=0.0) - 0.5)
    inside = 1 - away / max(band, 1e-9)
    outside = (0.5 - away) / max(0.5 - band, 1e-9)
    return np.where(np.isnan(p_front), 0.0, np.clip(np.where(in_review, inside, outside), 0, 1))


def _spread(
    standing: np.ndarray, uncertain: np.ndarray, languages: np.ndarray, words: sp.csr_matrix
) -> np.ndarray:
    """Return which of the pool come first, in order: int64, `SPREAD` of them at most.

    Languages take turns, each as often as the root of its postings: the most frequent one does not
    fill the top, and three rows of another are not asked about at once.
    """
    chosen: list[int] = []
    likest = np.zeros(len(standing))
    left = np.ones(len(standing), dtype=bool)
    for level in np.unique(standing):
        codes, language = np.unique(languages, return_inverse=True)
        size = np.bincount(language[standing == level], minlength=len(codes))
        turns = np.zeros(len(codes))
        for _ in range(min(int(size.sum()), SPREAD - len(chosen))):
            waits = np.where(turns < size, (turns + 1) / np.sqrt(np.maximum(size, 1)), np.inf)
            turn = int(waits.argmin())
            worth = _UNCERTAINTY * uncertain - (1 - _UNCERTAINTY) * likest
            free = left & (standing == level) & (language == turn)
            next_one = int(np.where(free, worth, -np.inf).argmax())
            chosen.append(next_one)
            left[next_one] = False
            turns[turn] += 1
            likest = np.maximum(likest, words @ words[[next_one]].toarray()[0])
    return np.array(chosen, dtype=np.int64)


def _words(postings: Sequence[Posting]) -> sp.csr_matrix:
    """Return the postings' words by tf-idf, rows of length 1 or empty: float64, shape (n, words).

    Weighed as `pipeline.features.Block` weighs words, by how rare they are among these postings.
    """
    from pipeline.ngrams_compiled import collect_words
    from pipeline.reading_compiled import texts_of

    texts = [fold(f"{clean(title)}\n{clean(text)}") for title, text in postings]
    words = collect_words(texts_of(texts))
    different, column = np.unique(words.hashes, return_inverse=True)
    shape = len(postings), len(different)
    used = sp.csr_matrix((1 + np.log(words.counts), column, words.starts), shape=shape)
    df = np.bincount(column, minlength=len(different))
    rare = used @ sp.diags_array(np.log((1 + len(postings)) / (1 + df)) + 1)
    lengths = np.sqrt(np.asarray(rare.multiply(rare).sum(axis=1)).ravel())
    return (sp.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ rare).tocsr()
