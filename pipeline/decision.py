"""From what the models say of n postings to their tags: one rule for one posting and a million."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from pipeline.language import CODES, Languages
from pipeline.posting import Office, Reason, Tag
from pipeline.scoring import Scorer, Sums, sigmoid

#: Fewer words than this, title and text together, are too short to tag.
MIN_WORDS = 5
#: Fewer words than this do not show whether an ad is for several roles: its few words look alike.
ROLES_WORDS = 60
OFFICES: Final[tuple[Office, Office, Office]] = ("front", "back", "review")
REASONS = (
    "",
    Reason.NO_TEXT,
    Reason.TOO_SHORT,
    Reason.UNKNOWN_LANGUAGE,
    Reason.OTHER_LANGUAGE,
    Reason.NO_POSTING,
    Reason.SEVERAL_ROLES,
    Reason.CLOSE_CALL,
)


class Decision(NamedTuple):
    """The answers for n postings: `Tag` by columns.

    Attributes:
        offices: places in `OFFICES`, int8, shape (n,).
        p_front: float64, shape (n,); NaN where no model applies.
        shares: float64, shape (n,), whole numbers; NaN where there is none.
        languages: of the texts.
        reasons: places in `REASONS`, int8, shape (n,).
    """

    offices: np.ndarray
    p_front: np.ndarray
    shares: np.ndarray
    languages: Languages
    reasons: np.ndarray


def decide(scorer: Scorer, sums: Sums, languages: Languages, is_empty: np.ndarray) -> Decision:
    """Return the answers, review where nobody should guess.

    Args:
        sums, languages: of n postings.
        is_empty: whether there is no text at all, bool, shape (n,).
    """
    logits = scorer.logits(sums)
    p_front = np.round(sigmoid(logits), 4)
    reasons = np.select(
        [
            is_empty,
            sums.words < MIN_WORDS,
            languages.codes == CODES.index("unknown"),
            languages.codes == CODES.index("other"),
            ~scorer.passes("no_posting", sums),
            ~scorer.passes("several_roles", sums) & (sums.words >= ROLES_WORDS),
            np.abs(p_front - 0.5) < scorer.band,
        ],
        range(1, len(REASONS)),
        0,
    )
    unscored = (reasons > 0) & (reasons <= REASONS.index(Reason.OTHER_LANGUAGE))
    offices = np.where(reasons > 0, OFFICES.index("review"), (p_front < 0.5).astype(int))
    return Decision(
        offices.astype(np.int8),
        np.where(unscored, np.nan, p_front),
        np.where(unscored, np.nan, np.round(scorer.shares(logits))),
        languages,
        reasons.astype(np.int8),
    )


def to_tags(decision: Decision, model: str) -> list[Tag]:
    """Return the answers one by one."""
    columns = (
        decision.offices,
        decision.p_front,
        decision.shares,
        *decision.languages,
        decision.reasons,
    )
    return [
        Tag(
            OFFICES[office],
            None if p != p else p,
            None if share != share else int(share),
            CODES[code],
            confidence,
            mixed,
            REASONS[reason],
            model,
        )
        for office, p, share, code, confidence, _, mixed, reason in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]
