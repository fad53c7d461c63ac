"""A report on a tagged table: one page to mail, in words, figures and tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline import __version__
from pipeline.output import appearing
from pipeline.page import check_page_name, page
from pipeline.report import compared, sections, shown
from pipeline.report.blocks import listed, paragraph
from pipeline.report.categories import Categories
from pipeline.report.counts import Counts
from pipeline.report.inline_svg import check_library
from pipeline.report.models import Models
from pipeline.report.tagged import TaggedTable
from pipeline.report.worth import Candidates
from pipeline.wording import words

Advance = Callable[[int], None]

_MOST_MODELS = 5
_LIGHT = "--front: #b8500b; --back: #2b6cb0; --wait: #e2e2e2;"
_DARK = "--front: #f39446; --back: #7db3ea; --wait: #555;"
STYLE = f"""
:root {{ {_LIGHT} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_DARK} }} }}
h3 {{ font-size: 1rem; margin: 1.6rem 0 .3rem; overflow-wrap: anywhere; }}
.lead {{ font-size: 1.1rem; margin: .4rem 0; }}
.both {{ display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; align-items: flex-start; }}
.both > svg {{ flex: 1 1 20rem; max-width: min(28rem, 100%); margin: .5rem 0; }}
.both > .table {{ flex: 0 1 auto; max-width: 100%; }}
svg text {{ font-family: inherit !important; }}
@media (max-width: 32rem) {{ th, td {{ padding: .25rem .3rem; }} }}
caption {{ text-align: left; padding: .3rem .7rem; color: var(--faint); }}
th small {{ font-weight: normal; }}
.tag {{ margin: 0; color: var(--faint); }}
.posting {{ border-left: 3px solid var(--line); padding-left: .8rem; }}
.posting p {{ margin: .3rem 0; }}
@media print {{ @page {{ margin: 15mm; }} :root {{ {_LIGHT} }} body {{ font-size: 9.5pt; }}
  h3, h2 + p {{ break-after: avoid; }} section, .both, .table {{ break-inside: avoid; }}
  .both {{ flex-wrap: nowrap; gap: 1rem; }} .both > svg {{ flex: 0 0 50%; }}
  .table {{ overflow: visible; }} th, td {{ padding: .15rem .4rem; }}
  mark, svg {{ print-color-adjust: exact; }} }}
"""


def write_report(
    table: TaggedTable,
    output: Path,
    by: Sequence[str] = (),
    overwrite: bool = False,
    models: Models | None = None,
    advance: Advance = lambda rows: None,
) -> None:
    """Write a report, whole or not at all; see `report_page`.

    Args:
        output: of the page.
        overwrite: whether it may take the place of a file that is there.

    Raises:
        OutputError: the file is there already, or cannot be written.
    """
    content = report_page(table, by, models, advance)
    with appearing(output, replace=overwrite) as temporary:
        # A name of a file may hold bytes that are no text.
        temporary.write_text(content, encoding="utf-8", errors="replace", newline="\n")


def report_page(
    table: TaggedTable,
    by: Sequence[str] = (),
    models: Models | None = None,
    advance: Advance = lambda rows: None,
) -> str:
    """Return a report as a page of HTML, in the language of `pipeline.wording.words`.

    The same table gives the same page. The table is read twice: to count, and to compare it with
    what its model learned from. Memory does not grow with its rows.

    Args:
        table: tagged.
        by: names of columns to count by; those that look like groups where there are none: see
            `pipeline.report.categories`.
        models: those that answered, by their ids; those of the usual folder where left out.
        advance: told of each number of rows done; there are twice the rows of the table.

    Raises:
        InputError: there is no column of that name, or the table turned out damaged.
        CorpusError: matplotlib is not installed.
    """
    check_library()
    models = models or Models()
    counts, categories, candidates = Counts(), Categories(table, by), Candidates(table)
    for rows in table.batches():
        for counted in (counts, categories, candidates):
            counted.add(rows)
        advance(len(rows.offices))
    drift = compared.compare(table, counts.models, models, advance)
    said = words()
    parts = [
        *sections.summary(counts),
        *([] if isinstance(drift, str) else [paragraph(compared.verdict(drift), "lead")]),
        *sections.offices(counts),
        *sections.probabilities(counts),
        *sections.contact(counts),
        *sections.review(counts),
        *sections.columns(categories.groups()),
        *compared.section(drift, counts.models),
        *shown.section(candidates.chosen(), models),
        "<hr>",
        paragraph(_models(counts) + " " + said("report.made", version=__version__), "tag"),
    ]
    return page(said("report.title", name=table.name), parts, said.language, STYLE)


def check_report(output: Path) -> None:
    """Check what would stop the report in the end, before any work.

    Raises:
        OutputError: its name is not that of a page.
        CorpusError: matplotlib is not installed.
    """
    check_page_name(output)
    check_library()


def _models(counts: Counts) -> str:
    ordered = sorted(counts.models.items(), key=lambda each: (-each[1], each[0]))
    pairs = [(name, n) for name, n in ordered if name][:_MOST_MODELS]
    return words()("report.summary.models", models=listed(pairs)) if pairs else ""
