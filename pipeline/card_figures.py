"""What a model card says that was measured: figures, reliability, mistakes."""

from __future__ import annotations

from pipeline.card_blocks import Bin, Block, Cell, Diagram, Paragraph, Table
from pipeline.intervals import Estimate
from pipeline.manifest_values import count, inside, items, listed, number, share, text
from pipeline.model_files import Manifest

_LANGUAGES = {"es": "Spanish", "no": "Norwegian", "en": "English"}
_PARTS, _MISTAKES, _WORDS, _BINS = 40, 40, 5, 10
_FIGURES = {
    "accuracy": "accuracy",
    "auc": "AUC",
    "calibration_error": "calib. error",
    "coverage": "decided",
    "precision": "right of these",
}
_UNSEEN = {
    "occupations": "Each posting was judged by a model that had learned from no posting of its"
    " occupation (ISCO-08 sub-major group).",
    "postings": "Each posting was judged by a model that had learned from a part of the postings"
    " that it was not in. Postings of its occupation, and some much like it, may have been in that"
    " part, which flatters the figures.",
    "kept out": "They were drawn by chance, kept out of the training and judged by the model as"
    " it is. Postings much like them were learned from, which flatters the figures.",
}


def figures(manifest: Manifest) -> list[Block]:
    """Return how good a model is; nothing where its manifest does not say."""
    # Before there were cards, there were figures without intervals.
    given = inside(manifest, "card", "figures") or manifest.get("metrics")
    rows = [_row(name, figures) for name, figures in items(given, _PARTS)]
    rows = [row for row in rows if row]
    if not rows:
        return []
    unseen = _UNSEEN.get(text(inside(manifest, "card", "unseen")), "")
    found: list[Block] = [
        *(Paragraph(told) for told in (_in_a_hundred(inside(given, "all")),) if told),
        Paragraph(
            f"Measured on postings of the training data. {unseen} The figures say little of"
            " postings of another kind or another employer: label a few hundred of your own and"
            " run 'frontback evaluate'."
        ),
        Table(["postings in", "postings", *_FIGURES.values()], rows, numbers=True),
        Paragraph(
            "accuracy: share on the right side of p_front 0.5, review or not. AUC: share of pairs"
            " of a front and a back posting that it puts in the right order. calib. error: how far"
            " probabilities are from what was so, in the mean over ten bins. decided: share not"
            " sent to review as too close. right of these: share of right answers among them."
            " Small print, or in brackets: 95 % intervals by the bootstrap (1,000 draws); they say"
            " what chance does to the figures, not whether your postings are like these. ISCO:"
            " major group of the occupation. contact: share of the duties that is contact with"
            " customers, as a reader noted it."
        ),
    ]
    if confusion := _confusion(manifest):
        found.append(
            Table(["label", "said front", "said back", "said review"], confusion, numbers=True)
        )
    if shares := _shares(manifest):
        found.append(
            Paragraph(
                "The share of duties in contact with customers, 0 to 100, is an estimate beside"
                " the answer. Spearman's rank correlation with what readers noted, and the mean"
                " difference:"
            )
        )
        found.append(
            Table(
                ["postings in", "postings", "rank correlation", "mean difference, points"],
                shares,
                numbers=True,
            )
        )
    return found


def _in_a_hundred(figures: object) -> str:
    """Return what to expect, for who reads no tables; empty where that is not known."""
    decided = share(_value(inside(figures, "coverage")))
    right = share(_value(inside(figures, "precision")))
    if decided is None or right is None:
        return ""
    of_all = round(100 * decided)
    return (
        f"Of 100 postings like those below it decides {of_all} and leaves {100 - of_all} to"
        f" review; of 100 that it decides {100 * right:.0f} are right."
    )


def _value(figure: object) -> object:
    """Return a figure without its interval."""
    return inside(figure, "value") if isinstance(figure, dict) else figure


def _row(name: str, figures: object) -> list[Cell]:
    n = count(inside(figures, "postings"))
    if n is None:
        return []
    return [_named(name), f"{n:,}", *(_figure(inside(figures, key)) for key in _FIGURES)]


def _figure(value: object) -> Cell:
    """Return a figure, with its interval where there is one."""
    if share(value) is not None:
        return f"{share(value):.3f}"
    bounds = (share(inside(value, key)) for key in ("value", "low", "high"))
    return Estimate(*bounds).shown(3)


def _confusion(manifest: Manifest) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for part, labels in items(inside(manifest, "card", "labels"), _PARTS):
        for label in ("front", "back"):
            offices = ("front", "back", "review")
            counts = [count(inside(labels, label, office)) for office in offices]
            known = [each for each in counts if each is not None]
            n = sum(known)
            if len(known) == len(counts) and n:
                cells = [(f"{each:,}", f"{each / n:.1%}") for each in known]
                rows.append([f"{label}, {_named(part)}", *cells])
    return rows


def _shares(manifest: Manifest) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for part, figures in items(manifest.get("shares"), _PARTS):
        n, error = count(inside(figures, "postings")), number(inside(figures, "mean_error"))
        rho = number(inside(figures, "rank_correlation"))
        if n and error is not None and error >= 0:
            rows.append(
                [_named(part), f"{n:,}", "–" if rho is None else f"{rho:.3f}", f"{error:.1f}"]
            )
    return rows


def reliability_of(manifest: Manifest) -> list[Block]:
    """Return whether its probabilities are right; nothing where its manifest does not say."""
    given = items(inside(manifest, "card", "reliability"), len(_LANGUAGES) + 1)
    parts = {name: _bins(bins) for name, bins in given}
    parts = {_named(name): bins for name, bins in parts.items() if bins}
    if not parts:
        return []
    rows: list[list[Cell]] = []
    for place in range(_BINS):
        cells = [_bin_at(bins, place) for bins in parts.values()]
        if any(cells):
            name = f"{place / _BINS:.1f}–{(place + 1) / _BINS:.1f}"
            rows.append([name, *(each or "–" for each in cells)])
    return [
        Paragraph(
            "Of postings with a p_front of about 0.8, are eight in ten front? The same postings,"
            " by what was said of them. On the diagonal is right; above it more were front than"
            " was said."
        ),
        Diagram(parts, share(inside(manifest, "card", "band"))),
        Table(["p_front", *(f"front, {name}" for name in parts)], rows, numbers=True),
    ]


def _bins(value: object) -> list[Bin]:
    found = []
    for each in listed(value, _BINS):
        three = listed(each, 3)
        if len(three) == 3:
            n, said, seen = count(three[0]), share(three[1]), share(three[2])
            if n and said is not None and seen is not None:
                found.append(Bin(n, said, seen))
    return found


def _bin_at(bins: list[Bin], place: int) -> Cell:
    for each in bins:
        if min(int(each.said * _BINS), _BINS - 1) == place:
            return f"{each.seen:.3f}", f"said {each.said:.3f}, of {each.postings:,}"
    return ""


def mistakes(manifest: Manifest) -> list[Block]:
    """Return what it got wrong; nothing where its manifest does not say."""
    rows = [_mistake(each) for each in listed(inside(manifest, "card", "mistakes"), _MISTAKES)]
    rows = [row for row in rows if row]
    if not rows:
        return []
    found: list[Block] = [
        Paragraph(
            "The surest mistakes among the postings above, by language. Words are those that push"
            " most to the wrong side in the model as it is, which has seen the posting since; the"
            " one that judged it had not."
        ),
        Table(
            ["stands in", "language", "label", "said, p_front", "posting", "words"],
            rows,
            numbers=False,
        ),
    ]
    _, own = of_frontback(manifest)
    if own:
        found.append(
            Paragraph("Of postings that did not come with frontback only the place is shown.")
        )
    return found


def _mistake(each: object) -> list[Cell]:
    p_front = share(inside(each, "p_front"))
    if p_front is None:
        return []
    words = [listed(word, 2) for word in listed(inside(each, "words"), _WORDS)]
    pushed = [
        f"{text(word[0])} {weight:+.1f}"
        for word in words
        if len(word) == 2 and (weight := number(word[1])) is not None and text(word[0])
    ]
    excerpt = text(inside(each, "text"))
    return [
        text(inside(each, "where")) or "–",
        _named(text(inside(each, "language"))),
        text(inside(each, "label")),
        f"{text(inside(each, 'office'))} {p_front:.2f}".strip(),
        (text(inside(each, "title")), excerpt and f"{excerpt} …"),
        ", ".join(pushed),
    ]


def _named(part: str) -> str:
    return _LANGUAGES.get(part, part)


def of_frontback(manifest: Manifest) -> tuple[int, int]:
    """Return how many postings it was measured on, and how many did not come with frontback."""
    n = count(inside(manifest, "card", "postings"))
    of_frontback = count(inside(manifest, "card", "of_frontback"))
    if n is None or of_frontback is None or of_frontback > n:
        return 0, 0
    return n, n - of_frontback
