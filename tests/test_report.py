"""frontback report: what the page says is what the table says, whatever stands in it."""

from __future__ import annotations

import csv
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from openpyxl import Workbook

from pipeline import wording
from pipeline.classifier import OfficeClassifier
from pipeline.drift import reference
from pipeline.posting import LANGUAGES, CorpusError, InputError, Reason
from pipeline.report import STYLE, report_page
from pipeline.report.categories import MOST_SHOWN, Categories
from pipeline.report.counts import Counts
from pipeline.report.figures import offices_by
from pipeline.report.models import Models
from pipeline.report.tagged import OFFICES, TaggedTable
from pipeline.report.worth import SHOWN, Candidates
from pipeline.store import save_model
from tests.models import refused, save
from tests.postings import BACK, FRONT

OWN = ("office", "p_front", "share", "language", "reason", "model")
HOSTILE = '<script>alert("x")</script><img src=https://example.org/x> $x$ "&quot; {0} %s'
GONE = "own-0123456789"


@pytest.fixture(scope="session")
def models(corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with a model of a few postings."""
    learned = [each for each in corpus.postings if each.kind == "plain"][::40]
    classifier = OfficeClassifier().fit(
        [each.posting for each in learned], [each.label for each in learned]
    )
    folder = tmp_path_factory.mktemp("report")
    manifest = {"created": "2027-01-01T10:00:00+00:00", "reference": reference(classifier, learned)}
    save_model(folder, "own", classifier.get_state(), manifest)
    return folder


@pytest.fixture(scope="session")
def model(models: Path) -> str:
    return next(path.name for path in models.iterdir() if path.is_dir())


def tag(office: str, p_front: float | None, reason: str = "", **more: object) -> dict:
    share = None if p_front is None else round(100 * p_front)
    language = more.pop("language", "en")
    row = {"text": FRONT.get(str(language), FRONT["en"]), "office": office, "p_front": p_front}
    return {"title": "Clerk"} | row | {
        "share": share, "language": language, "reason": reason, "model": GONE,
    } | more  # fmt: skip


def some_rows(numbers: random.Random, n: int) -> list[dict]:
    """Tagged rows of all kinds."""
    rows = []
    for _ in range(n):
        office = numbers.choice(OFFICES)
        language = numbers.choice([*LANGUAGES, "other", "unknown"])
        p_front = None if language in ("other", "unknown") else round(numbers.random(), 4)
        reasons = [Reason.CLOSE_CALL, Reason.NO_TEXT, Reason.OTHER_LANGUAGE, "line 3 is torn"]
        rows.append(
            tag(
                office,
                p_front,
                numbers.choice(reasons) if office == "review" else "",
                language=language,
                Department=numbers.choice(["Sales", "Finance", "Operations", ""]),
            )
        )
    return rows


def write(path: Path, rows: list[dict], delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        table.writeheader()
        table.writerows(rows)
    return path


def made(path: Path, models: Path, by: tuple[str, ...] = ()) -> html.HtmlElement:
    return html.fromstring(report_page(TaggedTable(path), by, Models(models)))


def table_of(page: html.HtmlElement, caption: str) -> dict[str, list[str]]:
    """Return the numbers of each row by its name, without the small print."""
    (found,) = page.xpath("//table[caption=$caption]", caption=caption)
    return {
        row.find("th").text: [cell.text for cell in row.findall("td")]
        for row in found.find("tbody").findall("tr")
    }


def text_of(page: html.HtmlElement) -> str:
    for each in page.xpath("//style"):
        each.drop_tree()
    return " ".join(page.text_content().split())


class Blocks(TaggedTable):
    """A tagged table that is read in blocks of given sizes."""

    def __init__(self, path: Path, sizes: list[int]) -> None:
        super().__init__(path)
        whole = next(iter(self.reader.batches(100_000)))

        def batches(size: int) -> Iterator:
            at, turn = 0, 0
            while at < len(whole.cells):
                n = sizes[turn % len(sizes)]
                raw = whole.raw[at : at + n] if whole.raw else ()
                yield whole._replace(cells=whole.cells.slice(at, n), raw=raw)
                at, turn = at + n, turn + 1

        self.reader.batches = batches  # type: ignore[method-assign]


def test_the_numbers_of_the_page_are_those_of_the_sheet(models: Path, tmp_path: Path) -> None:
    rows = some_rows(random.Random(7), 400)
    page = made(write(tmp_path / "t.csv", rows), models)
    offices = Counter(row["office"] for row in rows)
    languages = table_of(page, "Postings by language and office")
    assert languages["all"] == [*(str(offices[each]) for each in OFFICES), "400"]
    spanish = Counter(row["office"] for row in rows if row["language"] == "es")
    assert languages["Spanish"][:3] == [str(spanish[office]) for office in OFFICES]
    tenths = table_of(page, "Postings by probability and office")
    for place, cells in enumerate(tenths.values()):
        inside = [
            row for row in rows
            if row["p_front"] is not None and min(int(row["p_front"] * 10_000) // 1_000, 9) == place
        ]  # fmt: skip
        assert cells[3] == str(len(inside))
    contact = table_of(page, "Postings by share of contact and office")
    assert sum(int(cells[3]) for cells in contact.values()) == sum(
        row["share"] is not None for row in rows
    )
    reasons = table_of(page, "Reasons for review")
    torn = sum(row["reason"] == "line 3 is torn" for row in rows)
    assert reasons["row that could not be read"][0] == str(torn)
    departments = table_of(page, "Postings by Department and office")
    sales = Counter(row["office"] for row in rows if row["Department"] == "Sales")
    assert departments["Sales"][:3] == [str(sales[office]) for office in OFFICES]
    assert list(departments)[-1] == "(blank)"
    front = f"Of 400 postings, {offices['front']} ({offices['front'] / 400:.0%}) are front office"
    assert front in text_of(page)


@settings(max_examples=25, deadline=None)
@given(numbers=st.randoms(use_true_random=False), sizes=st.lists(st.integers(1, 40), min_size=1))
def test_neither_the_order_of_the_rows_nor_how_they_are_read_changes_a_count(
    tmp_path_factory: pytest.TempPathFactory, numbers: random.Random, sizes: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("counts")
    rows = some_rows(random.Random(3), 90)
    shuffled = numbers.sample(rows, len(rows))

    def counted(table: TaggedTable) -> tuple:
        counts, categories = Counts(), Categories(table)
        for batch in table.batches():
            counts.add(batch)
            categories.add(batch)
        groups = {
            name: [(each.value, each.offices.tolist()) for each in found]
            for name, found in categories.groups()
        }
        arrays = (counts.languages, counts.p_front, counts.shares, counts.share_sums)
        return [each.tolist() for each in arrays], counts.reasons, counts.models, groups

    expected = counted(Blocks(write(folder / "a.csv", rows), [len(rows)]))
    assert counted(Blocks(write(folder / "b.csv", shuffled), sizes)) == expected
    assert list(expected[-1]) == ["Department"]


@settings(max_examples=10, deadline=None)
@given(sizes=st.lists(st.integers(1, 40), min_size=1))
def test_the_postings_worth_a_look_are_the_same_however_they_are_read(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    path = write(tmp_path_factory.mktemp("worth") / "a.csv", some_rows(random.Random(5), 90))

    def chosen(table: TaggedTable) -> list:
        candidates = Candidates(table)
        for batch in table.batches():
            candidates.add(batch)
        return candidates.chosen()

    assert chosen(Blocks(path, sizes)) == chosen(Blocks(path, [90]))
    assert len(chosen(Blocks(path, sizes))) == SHOWN


def test_the_same_table_gives_the_same_page(models: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", some_rows(random.Random(1), 60))
    assert report_page(Blocks(path, [7, 1]), (), Models(models)) == report_page(
        TaggedTable(path), (), Models(models)
    )


def test_a_tagged_sheet_becomes_a_page_that_needs_nothing_else(
    frontback, models: Path, model: str, tmp_path: Path
) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["Vacancies of November"])
    sheet.append(["Job title", "Description", "Team"])
    for place, text in enumerate([*FRONT.values(), *BACK.values()] * 3):
        sheet.append([f"Clerk {place}", text, "North" if place % 2 else "South"])
    sheet.append(["Kokk", "Se vedlegg", "South"])
    book.save(tmp_path / "in.xlsx")
    tagged, output = tmp_path / "tagged.xlsx", tmp_path / "report.html"
    assert frontback("batch", tmp_path / "in.xlsx", "-o", tagged).code == 0
    result = frontback("report", tagged, "-o", output)
    assert (result.code, result.out) == (0, "")
    assert result.err == f"{output}: a report on 19 rows of tagged.xlsx\n"
    page = html.fromstring(output.read_text("utf-8"))
    assert page.get("lang") == "en"
    assert table_of(page, "Postings by Team and office")["North"][3] == "9"
    # The row number is that of the spreadsheet: two rows stand above the first posting.
    assert "Row 21: Kokk" in [each.text for each in page.iter("h3")]
    assert f"Compared with the training postings of {model}." in text_of(page)
    assert page.xpath("//mark[@class='front s3']")
    assert "is not here" not in text_of(page)


def test_a_page_holds_no_script_and_asks_for_nothing(models: Path, tmp_path: Path) -> None:
    rows = [
        tag("review", 0.5, Reason.CLOSE_CALL, title=HOSTILE, text=f"{HOSTILE} {FRONT['en']}")
        | {"Department": HOSTILE[:60], "Place": f"=HYPERLINK(\"{place}\")"}
        for place in "ab" * 4
    ]  # fmt: skip
    path = write(tmp_path / "<b>.csv", rows)
    content = report_page(TaggedTable(path), ("Department", "Place"), Models(models))
    page = html.fromstring(content)
    assert page.xpath("//meta[@http-equiv]/@content")[0].startswith("default-src 'none'")
    assert not page.xpath("//script | //link | //img | //iframe | //object | //*[@src]")
    assert all(each.startswith("#") for each in page.xpath("//@href"))
    assert not re.search(r"url\((?!#)|@import", content)
    shown = page.text_content()
    assert '<script>alert("x")</script>' in shown
    assert HOSTILE[:60] in shown
    assert '=HYPERLINK("a")' in shown
    assert "Report on <b>.csv" in shown


def test_figures_have_names_ids_of_their_own_and_the_colours_of_the_page(
    models: Path, tmp_path: Path
) -> None:
    page = made(write(tmp_path / "t.csv", some_rows(random.Random(2), 80)), models)
    figures = page.xpath("//svg")
    assert len(figures) == 5
    assert all(each.get("role") == "img" and each.get("aria-label") for each in figures)
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids)) > 0
    styles = " ".join(page.xpath("//svg//@style | //svg//@*[contains(., 'url(')]"))
    assert {each.lstrip("#") for each in re.findall(r"url\((#.+?)\)", styles)} <= set(ids)
    assert "#0" not in styles.replace("url(#", "")
    assert {"--front", "--back", "--wait", "--ink"} <= set(re.findall(r"var\((.+?)\)", styles))
    for each in figures:
        (beside,) = each.getparent().findall("div")
        assert beside.find("table").find("caption").text == each.get("aria-label")


def test_headings_are_in_order_and_every_table_has_a_caption_and_scopes(
    models: Path, tmp_path: Path
) -> None:
    page = made(write(tmp_path / "t.csv", some_rows(random.Random(2), 80)), models)
    ranks = [int(each.tag[1]) for each in page.xpath("//h1 | //h2 | //h3 | //h4")]
    assert ranks[0] == 1
    assert ranks.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(ranks))
    assert page.xpath("count(//table)") == page.xpath("count(//table/caption)") > 0
    assert not page.xpath("//th[not(@scope)]")


def test_one_row_is_told_as_one(models: Path, tmp_path: Path) -> None:
    said = text_of(made(write(tmp_path / "t.csv", [tag("front", 0.98)]), models))
    assert "The one posting of this table: front." in said
    assert "Nothing is left for a person to decide." in said


def test_a_table_of_which_everything_is_in_review(models: Path, tmp_path: Path) -> None:
    rows = [tag("review", None, Reason.OTHER_LANGUAGE, language="other") for _ in range(5)]
    said = text_of(made(write(tmp_path / "t.csv", rows), models))
    assert "Of 5 postings, 0 (0%) are front office and 0 (0%) back office; 5 (100%)" in said
    assert "No posting has a probability" in said
    assert "This table has no shares of contact." in said


def test_a_table_without_rows_or_without_a_tag_in_any_row(models: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("title,text,office,p_front,model\n", "utf-8")
    assert "No row of this table has a tag." in text_of(made(empty, models))
    untagged = write(tmp_path / "t.csv", [tag("", None, model=""), tag("maybe", 0.4, model="")])
    said = text_of(made(untagged, models))
    assert "No row of this table has a tag." in said
    assert "Rows without a tag, which are not counted: 2." in said
    assert "does not say which model answered" in said


def test_columns_of_tags_may_be_left_out_but_those_that_mark_a_tagged_table(
    models: Path, tmp_path: Path
) -> None:
    rows = [tag("front", 0.9), tag("back", 0.1)]
    for row in rows:
        for name in ("share", "language", "reason"):
            del row[name]
    said = text_of(made(write(tmp_path / "t.csv", rows), models))
    assert "Languages: unknown language (2)." in said
    for row in rows:
        del row["p_front"]
    with pytest.raises(InputError, match="tag it first with 'frontback batch'"):
        TaggedTable(write(tmp_path / "u.csv", rows))


def test_columns_are_found_where_a_sheet_had_its_own_of_that_name(
    models: Path, tmp_path: Path
) -> None:
    rows = [
        {"office": place} | {f"frontback_{name}" if name == "office" else name: value
                             for name, value in tag("back", 0.1).items()}
        for place in ["Oslo", "Bergen"] * 4
    ]  # fmt: skip
    page = made(write(tmp_path / "t.csv", rows), models)
    assert table_of(page, "Postings by language and office")["all"] == ["0", "8", "0", "8"]
    assert table_of(page, "Postings by office and office")["Oslo"][1] == "4"


def test_decimal_commas_are_numbers(models: Path, tmp_path: Path) -> None:
    rows = [tag("front", 0.9) | {"p_front": "0,9432"}, tag("back", 0.1) | {"p_front": "0,05"}]
    page = made(write(tmp_path / "t.csv", rows, ";"), models)
    tenths = table_of(page, "Postings by probability and office")
    assert (tenths["0.9–1.0"][0], tenths["0.0–0.1"][1]) == ("1", "1")


def test_a_model_that_is_gone_is_told_and_nothing_is_marked(models: Path, tmp_path: Path) -> None:
    page = made(write(tmp_path / "t.csv", [tag("review", 0.5, Reason.CLOSE_CALL)]), models)
    said = text_of(page)
    assert f"The model that answered, {GONE}, is not among the models here" in said
    assert "no words are marked" in said
    assert not page.xpath("//section//mark")


def test_a_sheet_tagged_by_two_models_is_compared_with_the_one_that_answered_most(
    models: Path, model: str, tmp_path: Path
) -> None:
    rows = [tag("front", 0.9, model=model)] * 3 + [tag("back", 0.1)] * 2
    said = text_of(made(write(tmp_path / "t.csv", rows), models))
    assert f"Answered by: {model} (3), {GONE} (2)." in said
    assert "Another model answered part of the rows" in said
    assert f"Compared with the training postings of {model}." in said


@pytest.mark.parametrize("named", ["../secret", "active", "", "a/b", "own-00"])
def test_a_model_that_a_sheet_names_leads_to_no_other_file(
    models: Path, tmp_path: Path, named: str
) -> None:
    assert Models(models).of(named) is None
    assert Models(tmp_path / "none").of(named) is None
    assert not (tmp_path / "none").exists()


def test_a_model_that_does_not_say_what_it_learned_from_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    old = save(folder, 0)
    page = made(write(tmp_path / "t.csv", [tag("front", 0.9, model=old)]), folder)
    assert f"The model {old} does not say what its training postings were like" in text_of(page)


def test_another_model_can_be_named_instead(frontback, models, model, tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", [tag("front", 0.9)])
    output = tmp_path / "r.html"
    assert frontback("report", table, "-o", output, "--model", model).code == 0
    assert f"training postings of {model}." in text_of(html.fromstring(output.read_text("utf-8")))
    refused(frontback("report", table, "-o", tmp_path / "s.html", "--model", GONE), GONE)
    assert not (tmp_path / "s.html").exists()


def test_many_values_go_together_as_others(models: Path, tmp_path: Path) -> None:
    rows = [tag("front", 0.9, Place=f"{place % 40:02}") for place in range(400)]
    page = made(write(tmp_path / "t.csv", rows), models, by=("place",))
    groups = table_of(page, "Postings by Place and office")
    assert len(groups) == MOST_SHOWN + 1
    assert groups[f"others ({40 - MOST_SHOWN} values)"][3] == str(10 * (40 - MOST_SHOWN))
    # Nobody named it: with so many values it is no group.
    assert "No column of the sheet looks like a group" in text_of(made(tmp_path / "t.csv", models))


def test_a_column_with_too_many_values_to_count_is_refused(
    frontback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("pipeline.report.categories._MOST_HELD", 3)
    table = write(tmp_path / "t.csv", [tag("front", 0.9, Id=place) for place in range(9)])
    result = frontback("report", table, "-o", tmp_path / "r.html", "--by", "Id")
    refused(result, "column 'Id' has more than 3 different values; name one with fewer")


@pytest.mark.parametrize(
    ("values", "is_one"),
    [
        (["a", "b"] * 3, True),
        (["a", "a", "", "", "", ""], False),  # one value tells nothing apart
        (["a", "b", "c", "a", "b", "c"], False),  # three rows a value
        (["a", "b", "b" * 61] * 3, False),  # a long text is no name of a group
        (["", "", "", "", "", ""], False),
    ],
)
def test_what_looks_like_a_group(tmp_path: Path, values: list[str], is_one: bool) -> None:
    rows = [tag("front", 0.9, Group=value) for value in values]
    table = TaggedTable(write(tmp_path / "t.csv", rows))
    categories = Categories(table)
    for batch in table.batches():
        categories.add(batch)
    assert [name for name, _ in categories.groups()] == (["Group"] if is_one else [])


def test_columns_of_one_name_are_told_apart(models: Path, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    lines = [f"{'ab'[place % 2]},{'xyz'[place % 3]},Mat,front,0.9,m" for place in range(18)]
    path.write_text("\n".join(["Team,Team,text,office,p_front,model", *lines]), "utf-8")
    page = made(path, models)
    found = page.xpath("//table[caption='Postings by Team and office']")
    assert [len(each.find("tbody")) for each in found] == [2, 3]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(codec=None), max_size=40), min_size=1, max_size=4))
def test_any_value_can_be_drawn(labels: list[str]) -> None:
    said = wording.Wording("en")
    drawn = offices_by(labels, np.ones((len(labels), 3), np.int64), said, "any", "told")
    texts = [each.text for each in html.fromstring(drawn).iter("text")]
    for label in labels:
        assert [text for text in texts if text and text.endswith(" (3)")]
        if re.fullmatch(r"\w{1,22}", label):
            assert f"{label} (3)" in texts


def test_what_cannot_be_done_is_said_before_any_work(frontback, tmp_path: Path) -> None:
    table, output = write(tmp_path / "t.csv", [tag("front", 0.9)]), tmp_path / "r.html"
    refused(frontback("report", table, "-o", tmp_path / "r.pdf"), "name it .html")
    refused(frontback("report", tmp_path / "none.csv", "-o", output), "no such file")
    refused(frontback("report", table, "-o", output, "--by", "Dept"), "no column 'Dept'")
    plain = tmp_path / "plain.csv"
    plain.write_text("title,text\nKokk,Mat\n", "utf-8")
    refused(frontback("report", plain, "-o", output), plain, "tag it first with 'frontback batch'")
    assert not output.exists()
    output.write_text("mine")
    refused(frontback("report", table, "-o", output), "exists already", "--overwrite")
    assert output.read_text() == "mine"
    assert frontback("report", table, "-o", output, "--overwrite").code == 0
    assert output.read_text("utf-8").startswith("<!doctype html>")


def test_without_matplotlib_it_is_said_what_to_install(
    frontback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    table = write(tmp_path / "t.csv", [tag("front", 0.9)])
    refused(
        frontback("report", table, "-o", tmp_path / "r.html"),
        "matplotlib",
        "pip install 'frontback[report]'",
    )
    with pytest.raises(CorpusError):
        report_page(TaggedTable(table))


def test_rows_that_could_not_be_read_are_counted_as_such(
    frontback, models: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.jsonl"
    lines = [json.dumps({"title": "Kokk", "text": text}) for text in FRONT.values()]
    source.write_text("\n".join([*lines, '{"title": "torn']), encoding="utf-8")
    tagged = tmp_path / "tagged.csv"
    assert frontback("batch", source, "-o", tagged).code == 0
    page = made(tagged, models)
    assert table_of(page, "Reasons for review")["row that could not be read"][0] == "1"


@pytest.mark.parametrize(
    ("language", "sentence", "decimal"),
    [
        ("en", "Of 60 postings, ", "0.0–0.1"),
        ("es", "De 60 ofertas, ", "0,0–0,1"),
        ("no", "Av 60 stillinger er ", "0,0–0,1"),
    ],
)
def test_the_page_is_in_the_language_that_is_asked_for(
    frontback, tmp_path: Path, language: str, sentence: str, decimal: str
) -> None:
    table = write(tmp_path / "t.csv", some_rows(random.Random(4), 60))
    output = tmp_path / "r.html"
    assert frontback("report", table, "-o", output, "--ui-language", language).code == 0
    content = output.read_text("utf-8")
    page = html.fromstring(content)
    assert page.get("lang") == language
    assert decimal in [each.text for each in page.iter("th")]
    assert sentence in text_of(page)
    headings = [each.text for each in page.iter("h2")]
    for other in {"en", "es", "no"} - {language}:
        sections = wording.section_of(other, "report").values()
        said = {each["heading"] for each in sections if "heading" in each}
        assert len(said) == 7
        assert not said & set(headings)


def luminance(colour: str) -> float:
    """Relative luminance of #rgb or #rrggbb, WCAG 2.2."""
    digits = colour.lstrip("#")
    digits = "".join(2 * each for each in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_text_and_bars_stand_out_from_the_page(dark: bool) -> None:
    from pipeline.page import page

    style = page("x", [], style=STYLE).partition("@media print")[0] + STYLE.partition("@media p")[0]
    found: dict[str, str] = {}
    for scheme, block in re.findall(r"(color-scheme: dark\) \{ )?:root \{([^}]*)\}", style):
        if dark or not scheme:
            found |= dict(re.findall(r"(--\w+): (#\w+)", block))
    for name in ("--ink", "--faint"):
        assert contrast(found[name], found["--paper"]) >= 4.5
    for name in ("--front", "--back", "--dot"):
        assert contrast(found[name], found["--paper"]) >= 3
    assert contrast(found["--ink"], found["--wait"]) >= 3  # the line around what is in review
