"""Model cards: what a training writes, what they may quote, and manifests of others."""

import csv
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pipeline import places
from pipeline.card import PAGE, TEXT, card_files
from pipeline.classifier import OfficeClassifier
from pipeline.fitting import fit_corpus
from pipeline.labelled import Labelled, read_corpus
from pipeline.model_card import card_of
from pipeline.model_files import MANIFEST
from pipeline.portable import export_model, import_model
from pipeline.posting import Posting
from pipeline.training import train
from tests.conftest import write_small_corpus
from tests.models import save
from tests.pages import Page

TAGS = set(
    "html head meta title style body h1 h2 p ul li div table thead tbody tr th td small"
    " main svg text rect line circle".split()
)
MARKDOWN_TAGS = set("h1 h2 p ul li table thead tbody tr th td".split())


def pages(manifest) -> tuple[Page, Page]:
    """The card of a manifest as HTML, and its Markdown as a program shows it."""
    files = {name: content.decode() for name, content in card_files(manifest).items()}
    return Page(files[PAGE]), Page(MarkdownIt("gfm-like", {"linkify": False}).render(files[TEXT]))


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """No model is needed but those of each test."""
    return tmp_path / "none"


@pytest.fixture(scope="module")
def corpus_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_corpus(tmp_path_factory.mktemp("card") / "labels")


@pytest.fixture(scope="module")
def fitted(corpus_folder: Path) -> tuple[OfficeClassifier, list[Labelled]]:
    return fit_corpus(read_corpus(corpus_folder))


@pytest.fixture(scope="module")
def trained(corpus_folder: Path) -> Path:
    """The folder of a model that was trained on a corpus of one's own."""
    models = corpus_folder.parent / "models"
    return models / train([corpus_folder], models)["id"]


def manifest_of(home: Path) -> dict:
    return json.loads((home / MANIFEST).read_text("utf-8"))


@pytest.fixture(scope="module")
def full(trained: Path, fitted) -> dict:
    """A manifest that has all there is, with quotations."""
    return manifest_of(trained) | {"card": card_of(*fitted, lambda each: True, streamed=False)}


# What a training writes.


def test_a_training_leaves_a_card_beside_the_model_made_of_its_manifest(trained: Path) -> None:
    assert {path.name for path in trained.iterdir()} == {MANIFEST, "model.joblib", PAGE, TEXT}
    for name, content in card_files(manifest_of(trained)).items():
        assert (trained / name).read_bytes() == content


def test_two_trainings_differ_in_nothing_but_the_moment(trained, corpus_folder, tmp_path) -> None:
    again = tmp_path / train([corpus_folder], tmp_path)["id"]
    assert again.name == trained.name
    moments = [manifest_of(home)["created"] for home in (trained, again)]
    assert manifest_of(again) | {"created": moments[0]} == manifest_of(trained)
    shown = [moment[:16].replace("T", " ") for moment in moments]
    for name in (PAGE, TEXT):
        other = (again / name).read_text("utf-8").replace(shown[1], shown[0])
        assert other == (trained / name).read_text("utf-8")


def test_the_figures_are_those_of_the_manifest_with_intervals_around_them(full: dict) -> None:
    figures = full["card"]["figures"]
    assert {"all", "en"} <= set(figures)
    for part in ("all", "en"):
        assert figures[part]["postings"] == full["metrics"][part]["postings"] == 60
        for name in ("accuracy", "auc", "calibration_error", "coverage", "precision"):
            assert figures[part][name]["value"] == pytest.approx(full["metrics"][part][name])
        for name in ("accuracy", "auc", "coverage", "precision"):
            value, low, high = figures[part][name].values()
            assert low <= value <= high
    for page in pages(full):
        assert f"{full['metrics']['en']['accuracy']:.3f}" in page.text


def test_every_posting_is_in_one_bin_one_answer_and_one_band_of_contact(full: dict) -> None:
    card = full["card"]
    assert set(card["reliability"]) == set(card["labels"]) == {"all", "en"}
    for part in ("all", "en"):
        assert sum(postings for postings, _, _ in card["reliability"][part]) == 60
        for label in ("front", "back"):
            assert sum(card["labels"][part][label].values()) == 30
    bands = [part for name, part in card["figures"].items() if name.startswith("contact ")]
    groups = [part for name, part in card["figures"].items() if name.startswith("ISCO ")]
    assert sum(part["postings"] for part in bands) == 60
    assert {tuple(part) for part in bands} == {("postings", "accuracy", "coverage", "precision")}
    assert sum(part["postings"] for part in groups) == 60


def test_a_card_needs_no_library_for_its_diagrams(full: dict, monkeypatch) -> None:
    expected = card_files(full)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert card_files(full) == expected
    diagrams = [attributes for tag, attributes in pages(full)[0].tags if tag == "svg"]
    assert len(diagrams) == 2
    assert all(each["role"] == "img" for each in diagrams)
    for postings, said, seen in full["card"]["reliability"]["en"]:
        assert postings > 0
        assert f"said {said:.2f}, front {seen:.2f}" in diagrams[1]["aria-label"]


def test_a_training_in_parts_says_that_its_postings_were_kept_out(
    corpus_folder: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("pipeline.fitting.AT_ONCE", 10)
    monkeypatch.setattr("pipeline.streamed.KEPT_OUT", 0.5)
    manifest = train([corpus_folder], tmp_path)
    assert manifest["card"]["unseen"] == "kept out"
    page = (tmp_path / manifest["id"] / PAGE).read_text("utf-8")
    assert "kept out of the training and judged by the model as it is" in page
    assert "occupation (ISCO-08" not in page


def test_it_is_told_whether_whole_occupations_were_left_out(fitted, full) -> None:
    classifier, postings = fitted
    assert full["card"]["unseen"] == "occupations"
    assert "learned from no posting of its occupation" in pages(full)[0].text
    unknown = [
        Labelled(each.posting, each.language, each.label, where=each.where) for each in postings
    ]
    card = card_of(classifier, unknown, lambda each: True, streamed=False)
    assert card["unseen"] == "postings"
    assert not [name for name in card["figures"] if name.startswith(("ISCO", "contact"))]
    assert "which flatters the figures" in pages(full | {"card": card})[0].text


# What may be quoted.


def test_of_postings_of_ones_own_only_their_place_is_shown(trained, corpus_folder) -> None:
    card = manifest_of(trained)["card"]
    assert card["of_frontback"] == 0
    assert card["mistakes"]
    for mistake in card["mistakes"]:
        assert set(mistake) == {"language", "label", "office", "p_front", "where"}
        assert re.fullmatch(r"en\.jsonl:\d+", mistake["where"])
    everything = "".join(file.read_text("utf-8") for file in trained.iterdir()
                         if file.suffix != ".joblib")  # fmt: skip
    assert corpus_folder.parent.name not in everything
    for each in read_corpus(corpus_folder).postings:
        assert each.posting.title not in everything
        assert each.posting.text[:30] not in everything
    page = Page((trained / PAGE).read_text("utf-8"))
    assert "Read from: labels." in page.text
    assert "No word of them is in this card" in page.text
    assert card["mistakes"][0]["where"] in page.text


@pytest.mark.parametrize(
    ("where", "shown"),
    [
        ("/home/kari/hr/labels.xlsx, row 17", "labels.xlsx, row 17"),
        (r"C:\Users\Kari\labels.csv, row 2", "labels.csv, row 2"),
        ("labels.csv:3", "labels.csv:3"),
        ("", ""),
    ],
)
def test_a_place_names_the_file_and_no_folder(fitted, where: str, shown: str) -> None:
    classifier, postings = fitted
    moved = [
        Labelled(each.posting, each.language, each.label, isco=each.isco, where=where)
        for each in postings
    ]
    card = card_of(classifier, moved, lambda each: False, streamed=False)
    assert {mistake["where"] for mistake in card["mistakes"]} == {shown}


def test_postings_that_came_with_frontback_are_quoted_with_the_words_that_pushed(
    fitted, full
) -> None:
    postings = {f"en.jsonl:{each.where.rpartition(':')[2]}": each for each in fitted[1]}
    mistakes = full["card"]["mistakes"]
    assert 0 < len(mistakes) <= 4
    sureness = [abs(mistake["p_front"] - 0.5) for mistake in mistakes]
    assert sureness == sorted(sureness, reverse=True)
    for mistake in mistakes:
        assert (mistake["p_front"] >= 0.5) == (mistake["label"] == "back")
        assert mistake["title"] == postings[mistake["where"]].posting.title
        assert len(mistake["text"]) <= 150
        for _, weight in mistake["words"]:
            assert (weight > 0) == (mistake["label"] == "back")
        for page in pages(full):
            assert mistake["title"] in page.text


def test_a_mistake_is_quoted_only_if_it_itself_may_be(fitted) -> None:
    classifier, postings = fitted
    every = card_of(classifier, postings, lambda each: True, streamed=False)["mistakes"]
    may = {each.where for each in postings if each.where.endswith(every[0]["where"])}
    card = card_of(classifier, postings, lambda each: each.where in may, streamed=False)
    assert card["of_frontback"] == 1
    assert ["title" in mistake for mistake in card["mistakes"]] == [True] + [False] * (
        len(every) - 1
    )


def test_beside_a_table_of_ones_own_only_the_corpus_is_quoted(
    corpus_folder: Path, tmp_path: Path, monkeypatch
) -> None:
    lines = (places.corpus_folder() / "postings" / "es.jsonl").read_text("utf-8").splitlines()
    swapped = {"front": "back", "back": "front"}  # so that there are mistakes
    own = [json.loads(line) for line in lines[:40]]
    with (tmp_path / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [[each["title"], each["text"], swapped[each["label"]]] for each in own]
        csv.writer(file).writerows([["title", "text", "label"], *rows])
    monkeypatch.setattr("pipeline.training.corpus_folder", lambda: corpus_folder)
    home = train([corpus_folder, tmp_path / "labels.csv"], tmp_path / "models")["id"]
    card = manifest_of(tmp_path / "models" / home)["card"]
    assert card["of_frontback"] == 60 < card["postings"]
    quoted = {"title" in mistake for mistake in card["mistakes"] if mistake["language"] == "en"}
    assert quoted == {True}
    places_of = [each["where"] for each in card["mistakes"] if each["language"] == "es"]
    assert places_of
    assert all(re.fullmatch(r"labels\.csv, row \d+", where) for where in places_of)
    page = (tmp_path / "models" / home / PAGE).read_text("utf-8")
    for each in own:
        assert each["text"][:30] not in page
    assert "trained on labels of your own" in page
    assert "No word of them is in this card" in page


def test_the_licence_is_that_of_the_postings(full: dict, trained: Path) -> None:
    for page in pages(full):
        assert "trained on the frontback corpus, which is licensed under CC BY 4.0" in page.text
    for page in pages(manifest_of(trained)):
        assert "trained on labels of your own" in page.text
    for page in pages({"id": "own-1"}):
        assert "CC BY" not in page.text
        assert "MIT" in page.text


# How the page is made.


def test_the_page_loads_and_runs_nothing_and_can_be_read_aloud(full: dict) -> None:
    page, markdown = pages(full)
    assert page.names <= TAGS
    assert markdown.names <= MARKDOWN_TAGS
    policies = [
        attributes["content"] for tag, attributes in page.tags if "http-equiv" in attributes
    ]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    assert [tag for tag, _ in page.tags if tag in ("h1", "h2")] == ["h1"] + ["h2"] * 8
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes in page.tags
               if tag == "th")  # fmt: skip
    assert "https:" not in page.text


def test_both_cards_say_the_same(full: dict) -> None:
    def words(page: Page) -> list[str]:
        return re.findall(r"\w+", page.text)

    page, markdown = pages(full)
    assert set(words(markdown)) <= set(words(page))
    assert len(words(markdown)) > 500


# Manifests of others.

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[click](javascript:alert(1))",
    "![x](https://example.com/x.png)",
    "https://example.com www.example.com <https://example.com> a@example.com",
    "`code` **bold** _it_ ~~no~~ | cell | &lt;b&gt; # head [^1] $x$",
    "\n\n# heading\n\n<b>x</b>\n\n---\n",
    "\x00\x1b[2J\u202eevil\u2028 \ud800",
)


def attacked(value: object, attack: str) -> object:
    """The same with an attack for every string, and for every key that is no known one."""
    if isinstance(value, dict):
        found = {key: attacked(each, attack) for key, each in value.items()}
        return found | {attack: next(iter(found.values()), attack)}
    if isinstance(value, list):
        return [attacked(each, attack) for each in value]
    return attack if isinstance(value, str) else value


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_in_a_manifest_becomes_markup(full: dict, attack: str) -> None:
    page, markdown = pages(attacked(full, attack))
    assert page.names <= TAGS
    assert markdown.names <= MARKDOWN_TAGS
    for _, attributes in (*page.tags, *markdown.tags):
        assert not [name for name in attributes if name.startswith(("on", "href", "src"))]
    shown = "".join(each if each.isprintable() else " " for each in attack).strip()
    assert shown in page.text
    assert " ".join(shown.split()) in " ".join(markdown.text.split())
    assert [tag for tag, _ in markdown.tags if tag == "h1"] == ["h1"]


def test_no_link_is_made_of_an_address(full: dict) -> None:
    text = card_files(attacked(full, ATTACKS[4]))[TEXT].decode()
    assert "\\<https\\://example.com\\> a\\@example.com" in text
    for address in ("https://", "www.", "a@e"):
        assert address not in text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from([10**400, float("nan"), float("inf"), -1, 0, 1, 0.5, "\ud800", "front"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["all", "en", "postings", "accuracy", "value", "low", "high", "front",
                         "back", "review", "words", "p_front", "text", "where"])
        | st.text(max_size=5),
        inner,
        max_size=4,
    ),
    max_leaves=25,
)  # fmt: skip
KEYS = ["id", "created", "versions", "parameters", "sha256", "corpus", "metrics", "shares",
        "others_found", "card"]  # fmt: skip
CARD = ["postings", "of_frontback", "unseen", "band", "figures", "labels", "reliability",
        "mistakes"]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(KEYS), JSON),
    st.none() | st.dictionaries(st.sampled_from(CARD), JSON),
)
def test_whatever_stands_in_a_manifest_a_card_is_made(manifest, card) -> None:
    page, markdown = pages(manifest | ({} if card is None else {"card": card}))
    assert page.names <= TAGS
    assert markdown.names <= MARKDOWN_TAGS


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_one_value_of_another_kind_takes_no_more_than_its_place(full: dict, data) -> None:
    manifest = json.loads(json.dumps(full))
    inside, key = manifest, data.draw(st.sampled_from(KEYS))
    while isinstance(inside[key], dict | list) and inside[key] and data.draw(st.booleans()):
        inside = inside[key]
        key = data.draw(st.sampled_from(list(inside) if isinstance(inside, dict)
                                        else range(len(inside))))  # fmt: skip
    inside[key] = data.draw(JSON)
    page, _ = pages(manifest)
    assert page.names <= TAGS
    for title in ("What it is", "What it is for", "Limits", "Licence"):
        assert title in page.text


@pytest.mark.parametrize("value", [10**400, float("nan"), float("inf"), -1, True, "1", [1]])
def test_a_number_that_cannot_be_one_is_left_out(full: dict, value: object) -> None:
    card = full["card"] | {
        "band": value,
        "postings": value,
        "figures": {"all": {"postings": 7, "accuracy": value, "auc": {"value": 0.5, "low": value}}},
        "reliability": {"all": [[value, 0.1, 0.1], [1, value, 0.1], [1, 0.1, value], value]},
        "labels": {"all": {"front": {"front": value, "back": 1, "review": 1}}},
        "mistakes": [{"p_front": value}],
    }
    page, _ = pages(full | {"card": card, "shares": {"all": {"postings": 7, "mean_error": value}}})
    cells = page.text.partition("right of these")[2].split()
    assert cells[:3] == ["all", "7", "–"]
    assert "lies between" not in page.text
    for title in ("said front", "mean difference", "Does 0.8 mean", "What it gets wrong"):
        assert title not in page.text


def test_a_manifest_that_lacks_parts_gives_a_card_without_them() -> None:
    for page in pages({}):
        assert "a model without a name" in page.text
        for title in ("How good it is", "Does 0.8 mean", "What it gets wrong", "learned from"):
            assert title not in page.text
        assert "nan" not in page.text.casefold().split()


def test_a_manifest_from_before_there_were_cards_shows_figures_without_intervals(full) -> None:
    manifest = {key: value for key, value in full.items() if key != "card"}
    page, _ = pages(manifest)
    assert f"{full['metrics']['en']['accuracy']:.3f}" in page.text
    assert "What it gets wrong" not in page.text


def test_a_list_without_end_makes_no_card_without_end(full: dict) -> None:
    card = full["card"]
    many = {f"p{n}": card["figures"]["all"] for n in range(20_000)}
    long = card | {
        "mistakes": [card["mistakes"][0] | {"text": "x" * 100_000}] * 5_000,
        "figures": many,
        "labels": dict.fromkeys(many, card["labels"]["all"]),
        "reliability": dict.fromkeys(list(many)[:50], card["reliability"]["all"] * 5000),
    }
    files = card_files(full | {"card": long, "versions": dict.fromkeys(many, "1")})
    assert max(map(len, files.values())) < 150_000


# Where it lies, and what it is not.


def test_import_makes_the_card_anew_from_the_manifest(trained: Path, tmp_path: Path) -> None:
    export_model(trained.parent, trained.name, tmp_path / "model.zip")
    model, is_new = import_model(tmp_path / "models", tmp_path / "model.zip")
    assert (model, is_new) == (trained.name, True)
    for name in (PAGE, TEXT):
        assert (tmp_path / "models" / model / name).read_bytes() == (trained / name).read_bytes()


def test_a_card_of_others_does_not_travel(frontback, trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    model = save(folder, 0)
    for name in (PAGE, TEXT):
        (folder / model / name).write_text("<script>alert(1)</script>", encoding="utf-8")
    assert frontback("models", "verify", model, "--models", folder).code == 0
    export_model(folder, model, tmp_path / "model.zip")
    assert b"script" not in (tmp_path / "model.zip").read_bytes()
    import_model(tmp_path / "mine", tmp_path / "model.zip")
    for name in (PAGE, TEXT):
        assert b"script" not in (tmp_path / "mine" / model / name).read_bytes()


def test_show_says_where_the_card_lies_if_there_is_one(frontback, trained: Path, models) -> None:
    shown = frontback("models", "show", trained.name, "--models", trained.parent)
    assert shown.code == 0
    assert PAGE in shown.out
    model = save(models, 0)
    shown = frontback("models", "show", model, "--models", models)
    assert shown.code == 0
    assert PAGE not in shown.out


def test_the_chance_of_a_bin_is_drawn_within_the_diagram(full: dict) -> None:
    card = full["card"] | {"reliability": {"all": [[1, 0.0, 1.0], [1, 0.5, 0.0], [1, 1.0, 0.0]]}}
    page, _ = pages(full | {"card": card})
    (diagram,) = [attributes for tag, attributes in page.tags if tag == "svg"]
    height = float(diagram["height"])
    ends = [float(attributes[end]) for tag, attributes in page.tags if tag == "line"
            for end in ("y1", "y2")]  # fmt: skip
    assert len(ends) == 2 * 4
    assert all(0 <= end <= height for end in ends)
    assert np.isfinite(ends).all()


def test_a_posting_without_a_title_is_a_mistake_like_another(fitted) -> None:
    classifier, postings = fitted
    bare = [
        Labelled(Posting("", each.posting.text), each.language, each.label, where=each.where)
        for each in postings
    ]
    card = card_of(classifier, bare, lambda each: True, streamed=False)
    assert {mistake["title"] for mistake in card["mistakes"]} == {""}


def test_the_very_same_trained_again_gives_an_older_model_its_card(
    trained: Path, corpus_folder: Path, tmp_path: Path
) -> None:
    home = tmp_path / trained.name
    home.mkdir()
    manifest = manifest_of(trained)
    older = {key: value for key, value in manifest.items() if key != "card"}
    older["format"] = 3
    (home / MANIFEST).write_text(json.dumps(older), encoding="utf-8")
    (home / "model.joblib").write_bytes((trained / "model.joblib").read_bytes())
    assert train([corpus_folder], tmp_path)["id"] == home.name
    assert manifest_of(home)["card"] == manifest["card"]
    for name, content in card_files(manifest_of(home)).items():
        assert (home / name).read_bytes() == content
