"""What a model card says: sections of plain words, tables and diagrams, made of a manifest alone.

A manifest may come from others, or from an older frontback: what it lacks, and what is not as it
should be, is left out. Nothing here is marked up yet: that, and escaping, is up to who writes it.
"""

from __future__ import annotations

from pipeline.card_blocks import Block, Bullets, Cell, Paragraph, Section, Table
from pipeline.card_figures import figures, mistakes, of_frontback, reliability_of
from pipeline.manifest_values import count, inside, items, listed, number, share, text
from pipeline.model_files import Manifest

_MOST = 40


def title_of(manifest: Manifest) -> str:
    """Return the title of a card."""
    return f"Model card: {text(manifest.get('id')) or 'a model without a name'}"


def sections(manifest: Manifest) -> list[Section]:
    """Return what a card says, without the sections that a manifest has nothing for."""
    found = [
        Section("What it is", _what(manifest)),
        Section("What it is for", _use()),
        Section("What it learned from", _data(manifest)),
        Section("How good it is", figures(manifest)),
        Section("Does 0.8 mean eight in ten?", reliability_of(manifest)),
        Section("What it gets wrong", mistakes(manifest)),
        Section("Limits", _limits(manifest)),
        Section("Licence", _licence(manifest)),
    ]
    return [section for section in found if section.blocks]


def _what(manifest: Manifest) -> list[Block]:
    band = share(inside(manifest, "card", "band"))
    decided = (
        f" It does so where p_front lies between {0.5 - band:.2f} and {0.5 + band:.2f}."
        if band and band <= 0.5
        else ""
    )
    rows = {
        "made (UTC)": text(manifest.get("created"))[:16].replace("T", " "),
        "with": _told(manifest.get("versions")),
        "parameters": _told(manifest.get("parameters")),
        "sha256 of model.joblib": text(manifest.get("sha256")),
    }
    return [
        Paragraph(
            "It reads a job posting, title and text, and says whether the role is front office"
            " (regular duties in direct contact with customers: clients, patients, guests, pupils,"
            " passengers, citizens) or back office, with a probability, p_front. It answers review"
            f" where it should not guess.{decided} Its score is a sum over words and parts of"
            " words, so that what each word adds can be shown: 'frontback tag' does."
        ),
        Table(
            ["id", text(manifest.get("id")) or "–"],
            [[name, value] for name, value in rows.items() if value],
            numbers=False,
        ),
    ]


def _use() -> list[Block]:
    return [
        Bullets(
            [
                "For: sorting, counting and searching postings by whether a role meets customers,"
                " with a person who reads what goes to review, and a sample of the rest.",
                "Not for: judging persons. It reads what an employer wrote about a role. It knows"
                " nothing of who applies or does the work, and nothing that it says may decide on"
                " anybody's hiring, pay or rank.",
                "Not for: judging how good a posting, a role or an employer is.",
            ]
        )
    ]


def _data(manifest: Manifest) -> list[Block]:
    counts = [
        (name, count(value)) for name, value in items(inside(manifest, "corpus", "counts"), _MOST)
    ]
    rows: list[list[Cell]] = [
        [name.replace("_", " "), f"{n:,}"] for name, n in counts if n is not None
    ]
    found: list[Block] = []
    if rows:
        found.append(Table(["part of the corpus", "texts"], rows, numbers=True))
    found += [Paragraph(told) for told in (_sources(manifest), _origin(manifest)) if told]
    if sha256 := text(inside(manifest, "corpus", "sha256")):
        found.append(Paragraph(f"sha256 of the corpus: {sha256}"))
    return found


def _sources(manifest: Manifest) -> str:
    """Return the names of the folders and tables; empty where they are not known."""
    names = [text(name) for name in listed(inside(manifest, "corpus", "sources"), _MOST)]
    shown = ", ".join(filter(None, names))
    return f"Read from: {shown}." if shown else ""


def _origin(manifest: Manifest) -> str:
    """Return whose postings they were; empty where that is not known."""
    n, own = of_frontback(manifest)
    if not n:
        return ""
    if own == 0:
        return (
            f"The {n:,} postings that it was measured on came with frontback: written for it, not"
            " collected, and labelled by two readers under its label guide."
        )
    whose = "all" if own == n else f"{own:,}"
    return (
        f"Of the {n:,} postings that it was measured on {whose} were brought by who trained it:"
        " what front and back mean is what their labels say. No word of them is in this card."
    )


def _limits(manifest: Manifest) -> list[Block]:
    several = share(inside(manifest, "others_found", "several_roles"))
    none = share(inside(manifest, "others_found", "no_posting"))
    noticed = "" if several is None else f" It notices {several:.0%} of those in its training data."
    refused = "" if none is None else f" It notices {none:.0%} of those in its training data."
    return [
        Bullets(
            [
                "It knows Spanish, Norwegian (bokmål and nynorsk) and English. Other languages go"
                " to review; short texts in a language near these can be taken for one of them.",
                "Short ads say little: a line or two is often too little to decide on, and some"
                " are decided all the same.",
                "Roles near the line, with customers in about a third of the duties, are the"
                " hardest: see the rows 'contact' above, where there are any.",
                f"An ad for several roles gets one answer, unless it is noticed.{noticed}",
                f"A text that is no posting can be answered as if it were one.{refused}",
                "Denials are words like others: 'no contact with customers' weighs towards front.",
                "p_front was calibrated on the training data. Where your postings are of another"
                " kind, or front and back are mixed otherwise, it can be off.",
            ]
        )
    ]


def _licence(manifest: Manifest) -> list[Block]:
    n, own = of_frontback(manifest)
    found: list[Block] = []
    if n and own == 0:
        found.append(
            Paragraph(
                "The model was trained on the frontback corpus, which is licensed under CC BY 4.0:"
                " use it and pass it on freely, naming the frontback corpus as its source."
            )
        )
    elif n:
        found.append(
            Paragraph(
                "The model was trained on labels of your own: who may use it is for you, and for"
                " those whose texts they are, to say. What it took from the frontback corpus is"
                " licensed under CC BY 4.0: name the frontback corpus as its source."
            )
        )
    found.append(Paragraph("frontback itself is licensed under the MIT licence."))
    return found


def _told(values: object) -> str:
    """Return what stands in an object in one line."""
    return ", ".join(
        f"{key.replace('_', ' ')} {shown}"
        for key, value in items(values, _MOST)
        if (shown := _value(value))
    )


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " to ".join(_value(each) for each in listed(value, 4))
    found = number(value)
    return text(value) if found is None else f"{found:g}"
