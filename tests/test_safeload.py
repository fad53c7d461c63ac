"""A model file is read, or refused in one sentence; nothing in it ever runs."""

import copy
import io
import os
import re
import subprocess
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline import ModelError
from pipeline.letters import codes_of
from pipeline.model_files import read_plain
from pipeline.model_schema import check_model
from pipeline.ngrams import buckets_of, hash_words, split_words
from pipeline.posting import Posting
from pipeline.safeload import MAX_BYTES, contents, load_arrays
from pipeline.scoring import Scorer
from pipeline.store import load_model, save_model
from tests.hostile import (
    BUILD,
    DICT,
    HARMFUL,
    LIST,
    MARK,
    MEMO,
    NONE,
    RUNNING,
    SET,
    STOP,
    TRUE,
    TUPLE0,
    array,
    dtype,
    dumped,
    name,
    text,
)

ROOT = Path(__file__).parents[1]


def block(*buckets: int, length: float = 1.0) -> dict[str, Any]:
    idf = np.linspace(1, 3, len(buckets), dtype=np.float32)
    return {"buckets": np.array(buckets, np.int32), "idf": idf, "length": length}


#: What `OfficeClassifier.get_state` returns, small.
MODEL: dict[str, Any] = {
    "parameters": {"C": 3.0, "grey": (10, 66), "min_df": 2, "precision": 0.98, "seed": 0},
    "ngrams": {
        "char_ngrams": (6, 8), "title_ngrams": (5, 7), "word_length": 1.3, "word_ngrams": 2,
    },
    "features": {"word": block(3, 5, 8, length=1.3), "char": block(2, 7), "title": block(9)},
    "coef": np.array([0.5, -1, 2, 0.25, 0, -3], np.float32),
    "intercept": -0.04,
    "scale": 2.9,
    "band": 0.39,
    "share_logits": np.array([-2.0, 0.5, 3.0]),
    "shares": np.array([0.0, 40.0, 100.0]),
    "sieves": {
        "no_posting": {"coef": np.zeros(3, np.float32), "intercept": 1.0},
        "several_roles": {"coef": np.ones(3, np.float32), "intercept": -0.5},
    },
}  # fmt: skip
CONTENT = dumped(MODEL)


def same(one: Any, other: Any) -> bool:
    """Whether two trees hold the same, type by type, NaN like NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    return repr(one) == repr(other)


def as_joblib_reads(content: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return joblib.load(io.BytesIO(content))


def refusal(content: bytes) -> str:
    """Return the sentence that both readers refuse a file with."""
    sentences = set()
    for read in (load_arrays, contents):
        with pytest.raises(ModelError) as caught:
            read(content, "model.joblib")
        sentences.add(str(caught.value))
    (sentence,) = sentences
    return sentence


def test_what_is_read_is_what_joblib_reads() -> None:
    assert same(load_arrays(CONTENT, "file"), as_joblib_reads(CONTENT))
    assert same(load_arrays(CONTENT, "file"), MODEL)


def test_the_pickle_protocol_of_newer_pythons_is_read_too() -> None:
    stream = io.BytesIO()
    joblib.dump(MODEL, stream, protocol=5)
    assert stream.getvalue() != CONTENT
    assert same(load_arrays(stream.getvalue(), "file"), MODEL)


def test_a_trained_model_is_read_as_joblib_reads_it_without_bringing_joblib(models: Path) -> None:
    (file,) = models.glob("*/model.joblib")
    assert same(load_arrays(file.read_bytes(), file), joblib.load(file))
    script = (
        "import sys; from pipeline import Tagger; Tagger.load(models=sys.argv[1]).tag(['a'])\n"
        "assert 'joblib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, models], check=True, cwd=ROOT)


def test_arrays_are_their_own_and_may_be_written_to() -> None:
    coef = load_arrays(CONTENT, "file")["coef"]
    coef[0] = 7
    assert load_arrays(CONTENT, "file")["coef"][0] == MODEL["coef"][0]


def test_arrays_of_a_machine_with_the_other_byte_order_are_turned() -> None:
    values = np.array([1, 2, 3], ">i4")
    read = load_arrays(array(shape=b"K\x03\x85", payload=values.tobytes()), "file")["key"]
    assert read.dtype != np.dtype(">i4")
    other = array(shape=b"K\x03\x85", payload=values.tobytes()).replace(b"\x8c\x01<", b"\x8c\x01>")
    turned = load_arrays(other.replace(b"\x8c\x02f4", b"\x8c\x02i4"), "file")["key"]
    assert turned.tolist() == [1, 2, 3]
    assert turned.dtype.isnative


def test_a_file_built_by_hand_as_joblib_does_is_read() -> None:
    """The harmful files differ from this one by their technique alone."""
    read = load_arrays(array(payload=np.array([1, 2], "<f4").tobytes()), "file")
    assert same(read, {"key": np.array([1, 2], np.float32)})


@pytest.mark.parametrize("technique", [*RUNNING, *HARMFUL])
def test_a_file_that_would_do_harm_is_refused_at_once(technique: str, tmp_path: Path) -> None:
    make, reason = (RUNNING | HARMFUL)[technique]
    flag = tmp_path / "ran"
    content = make(str(flag))
    modules = set(sys.modules)
    wrapper = dict(vars(joblib.numpy_pickle.NumpyArrayWrapper))
    tracemalloc.start()
    began = time.perf_counter()
    try:
        sentence = refusal(content)
        took, (_, most) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert re.fullmatch(rf"model\.joblib: refused, .*({reason}).*; train a new model\.", sentence)
    assert sentence.isprintable()
    assert took < 1
    assert most < 20_000_000
    assert not flag.exists()
    assert set(sys.modules) - modules <= {"pickletools"}  # which a refusal asks for a name
    assert dict(vars(joblib.numpy_pickle.NumpyArrayWrapper)) == wrapper


@pytest.mark.parametrize("technique", RUNNING)
def test_a_file_said_to_run_code_runs_it_where_joblib_reads_it(
    technique: str, tmp_path: Path
) -> None:
    """Otherwise its refusal would show nothing."""
    flag = tmp_path / "ran"
    try:
        as_joblib_reads(RUNNING[technique][0](str(flag)))
    except Exception:  # what follows after the code has run does not matter
        assert flag.is_dir()
    assert flag.is_dir()


def test_there_are_forty_techniques_and_each_makes_another_file() -> None:
    files = {make("flag") for make, _ in (RUNNING | HARMFUL).values()}
    assert len(files) == len(RUNNING) + len(HARMFUL) >= 40


def test_a_file_cut_anywhere_is_refused() -> None:
    for length in range(len(CONTENT)):
        with pytest.raises(ModelError):
            load_arrays(CONTENT[:length], "file")


def check_damaged(content: bytes) -> None:
    """Check that bytes are refused, or are a file on which joblib agrees, and sound or refused."""
    try:
        state = load_arrays(content, "file")
    except ModelError:
        with pytest.raises(ModelError):
            contents(content, "file")
        return
    assert bool(contents(content, "file")) == bool(state)
    assert same(state, as_joblib_reads(content))
    check_usable(state)


def check_usable(state: dict[str, Any]) -> None:
    """Check that a tree is refused as no model, or answers with a probability."""
    try:
        check_model(state, "file")
    except ModelError:
        return
    scorer = Scorer(state)
    sums = scorer.sums_little([Posting("Seller", "You serve our customers all day, at the till.")])
    p_front = scorer.probabilities(sums)[0]
    assert 0 <= p_front <= 1
    assert 0 <= scorer.shares(scorer.logits(sums))[0] <= 100 + 1e-6 or not len(state["shares"])


def test_a_bit_flipped_in_any_byte_is_refused_or_makes_another_sound_file() -> None:
    for at in range(len(CONTENT)):
        damaged = bytearray(CONTENT)
        damaged[at] ^= 1 << at % 8
        check_damaged(bytes(damaged))


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["flip", "cut", "insert", "drop", "double"]),
            st.integers(0, len(CONTENT) - 1),
            st.binary(min_size=1, max_size=9) | st.sampled_from([b"R", b"b", b"h\x03", b"\x93"]),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_happens_to_a_file_it_is_refused_or_sound(changes) -> None:
    content = CONTENT
    for kind, at, more in changes:
        if kind == "flip":
            content = (
                content[:at]
                + bytes(b ^ more[0] for b in content[at : at + 1])
                + (content[at + 1 :])
            )
        elif kind == "cut":
            content = content[:at]
        elif kind == "insert":
            content = content[:at] + more + content[at:]
        elif kind == "drop":
            content = content[:at] + content[at + len(more) :]
        else:
            content = content[: at + len(more)] + content[at:]
    check_damaged(content)


_VALUES_BY_HAND = [
    *(NONE, TRUE, DICT, LIST, TUPLE0, b"h\x00", b"h\x01"),
    *(b"K\x01", b"M\x01\x01", b"J\xff\xff\xff\xff"),
    *(b"G\x7f\xf8" + bytes(6), b"\x8a\x00", b"\x8a\x02\xff\xff", text("a"), text("a") + MEMO),
    *(MARK + NONE * 3 + b"t", LIST + MARK + TRUE * 3 + b"e", LIST + MEMO + NONE + b"a", dtype()),
    *(DICT + MARK + text("a") + LIST + b"u", DICT + text("a") + TUPLE0 + SET),
    name("numpy", "dtype"),
]  # fmt: skip
_THEN = [
    b"",
    b"",
    b"",
    MEMO,
    b"\x85",
    b"\x85" + MEMO,
    NONE + b"a",
    b"R",
    BUILD,
    b"\x86",
    b"0",
    MARK,
]


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.tuples(st.sampled_from(_VALUES_BY_HAND), st.sampled_from(_THEN)), min_size=1, max_size=6
    )
)
def test_no_instructions_do_anything_but_read_or_refuse(values) -> None:
    items = [text(f"{at}") + value + then + SET for at, (value, then) in enumerate(values)]
    check_damaged(b"\x80\x04" + DICT + b"".join(items) + STOP)


_ATOMS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
_VALUES = (
    _ATOMS
    | st.lists(_ATOMS, max_size=8)
    | st.lists(_ATOMS, max_size=8).map(tuple)
    | st.sampled_from(["f4", "f8", "i4", "i8"]).flatmap(
        lambda code: arrays(code, st.integers(0, 9))
    )
)
_KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@settings(deadline=None, max_examples=200)
@given(
    st.dictionaries(
        _KEYS,
        st.recursive(
            _VALUES, lambda inner: st.dictionaries(_KEYS, inner, max_size=4), max_leaves=9
        ),
        max_size=5,
    )
)
def test_all_that_a_model_may_hold_comes_back_as_it_was_stored(tree) -> None:
    content = dumped(tree)
    assert same(load_arrays(content, "file"), tree)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, len(CONTENT) - 1), st.integers(1, 255))
def test_a_stored_model_with_a_changed_byte_is_refused_by_its_hash(stored, at, change) -> None:
    folder, model = stored
    damaged = bytearray(CONTENT)
    damaged[at] ^= change
    (folder / model / "model.joblib").write_bytes(damaged)
    with pytest.raises(ModelError, match="damaged, its sha256 is not the manifest's"):
        load_model(folder, model)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("stored")
    return folder, save_model(folder, "own", MODEL, {})["id"]


def test_contents_name_key_dtype_and_shape_of_everything() -> None:
    lines = contents(CONTENT, "file")
    assert lines[0] == "parameters.C  float  3.0"
    assert "parameters.grey  tuple  (10, 66)" in lines
    assert "features.word.buckets  <i4  (3,)" in lines
    assert "sieves.several_roles.coef  <f4  (3,)" in lines
    assert len(lines) == 28


def test_contents_of_a_strange_file_cannot_change_the_screen() -> None:
    lines = contents(dumped({"a\x1b[2J\n": "b\x1b[2J", "empty": {}}), "file")
    assert lines == [r"a\x1b[2J\n  str  'b\x1b[2J'", "empty  dict  {}"]


def test_contents_of_a_large_array_are_told_without_making_it() -> None:
    content = dumped({"key": np.zeros(2_000_000)})
    tracemalloc.start()
    try:
        assert contents(content, "file") == ["key  <f8  (2000000,)"]
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_file_larger_than_any_model_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "model.joblib"
    with file.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    tracemalloc.start()
    try:
        with pytest.raises(ModelError, match=r"model\.joblib is larger than the 268,435,456 bytes"):
            read_plain(file, MAX_BYTES)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_regular_file_is_refused_and_not_waited_for(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "model.joblib"
    if kind == "folder":
        file.mkdir()
    elif not hasattr(os, "mkfifo"):
        pytest.skip("there are no such files here")
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to("/dev/zero")
    with pytest.raises(ModelError, match="is no ordinary file; train one"):
        read_plain(file, MAX_BYTES)


def test_a_model_passes_the_check_and_so_does_one_that_lacks_what_it_may(models: Path) -> None:
    check_model(MODEL, "file")
    check_model(load_model(models)[0], "file")
    check_usable(changed("features", lambda found: {"word": found["word"]}, coef=3))
    without_map = MODEL | {"share_logits": np.zeros(0), "shares": np.zeros(0)}
    check_model(without_map, "file")


def changed(path: str, change: Callable[[Any], Any], coef: int = 6) -> dict[str, Any]:
    """Return the model with one thing changed."""
    state = copy.deepcopy(MODEL)
    *way, last = path.split(".")
    holder = state
    for key in way:
        holder = holder[key]
    holder[last] = change(holder.get(last))
    state["coef"] = state["coef"][:coef] if isinstance(state["coef"], np.ndarray) else state["coef"]
    return state


def put(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


def with_last(value: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(found: np.ndarray) -> np.ndarray:
        found[-1] = value
        return found

    return change


@pytest.mark.parametrize(
    ("path", "change", "reason"),
    [
        ("extra", put(1), "the model has a key that no model has, 'extra'"),
        ("parameters", put(1), "parameters is no dictionary"),
        ("parameters.C", put(float("nan")), "parameters.C is not a number above 0"),
        ("parameters.C", put({}), "parameters.C is not a number above 0"),
        ("parameters.D", put(1.0), "parameters has a key that no model has, 'D'"),
        ("parameters.estimator", put("forest"), "is not logistic, sgd, svm or nb"),
        ("parameters.cv", put(1), "parameters.cv is not a whole number of at least 2"),
        ("parameters.seed", put(True), "parameters.seed is not a whole number from 0"),
        ("parameters.grey", put((10, 66, 70)), "parameters.grey is not two numbers"),
        ("ngrams", put({}), "ngrams has no char_ngrams, title_ngrams, word_length, word_ngrams"),
        ("ngrams.word_ngrams", put(3), "ngrams.word_ngrams is neither 1 nor 2"),
        ("ngrams.char_ngrams", put((8, 6)), "ngrams.char_ngrams is not the shortest"),
        ("ngrams.title_ngrams", put((5, 10**9)), "ngrams.title_ngrams is not the shortest"),
        ("ngrams.word_length", put(float("inf")), "ngrams.word_length is no number from 0 to"),
        ("features", put({}), "features is no dictionary of blocks"),
        ("features", lambda found: dict(reversed(found.items())), "or another order"),
        ("features.words", put({}), "features has other blocks than word, char, title"),
        ("features.word", put([]), "features.word is no dictionary"),
        ("features.word.buckets", lambda found: found[:2], "has 2 buckets and 3 idf"),
        ("features.word.buckets", lambda found: found[::-1], "buckets is not ascending"),
        ("features.word.buckets", with_last(1 << 22), "outside the 4,194,304 there are"),
        ("features.word.buckets", lambda found: found - 9, "buckets reaches outside"),
        ("features.word.buckets", lambda found: found.astype(np.int64), "is no row of i4"),
        ("features.char.idf", with_last(float("nan")), "features.char.idf is not finite"),
        ("features.char.idf", with_last(float("inf")), "features.char.idf is not finite"),
        ("features.char.idf", with_last(-1), "idf is not finite, or not from 0 to 50"),
        ("features.char.length", put("1"), "features.char.length is no number from 0 to 10"),
        ("coef", lambda found: found[:5], "coef has 5 coefficients for 6 n-grams"),
        ("coef", with_last(float("nan")), "coef is not finite"),
        ("coef", with_last(1e9), "coef is not finite, or beyond 10000"),
        ("coef", put("coef"), "coef is no row of f4"),
        ("coef", lambda found: found.reshape(2, 3), "coef is no row of f4"),
        ("intercept", put(float("nan")), "intercept is no number from"),
        ("scale", put(None), "scale is no number from"),
        ("band", put(0.6), "band is no number from 0 to 0.5"),
        ("band", put(True), "band is no number from 0 to 0.5"),
        ("share_logits", lambda found: found[::-1], "share_logits is not ascending"),
        ("share_logits", with_last(float("inf")), "share_logits is not finite"),
        ("shares", lambda found: found[:2], "share_logits has 3 knots and shares 2"),
        ("shares", with_last(101), "shares is not from 0 to 100"),
        ("shares", with_last(float("nan")), "shares is not ascending"),
        ("sieves", put({}), "sieves has no no_posting, several_roles"),
        ("sieves.other", put({}), "sieves has a key that no model has, 'other'"),
        ("sieves.no_posting.coef", lambda found: found[:2], "has 2 coefficients for 3 n-grams"),
        ("sieves.no_posting.coef", with_last(float("nan")), "sieves.no_posting.coef is not finite"),
        ("sieves.several_roles.intercept", put("0"), "several_roles.intercept is no number"),
    ],
)  # fmt: skip
def test_a_file_that_can_be_read_and_is_no_model_is_refused(path, change, reason) -> None:
    with pytest.raises(ModelError) as caught:
        check_model(changed(path, change), "own-1")
    assert re.fullmatch(
        r"own-1: the file lacks what a model needs \(.*\); train one with 'frontback train'\.",
        str(caught.value),
    )
    assert reason in str(caught.value)


def paths(tree: dict[str, Any], begin: str = "") -> list[str]:
    """Return the path of each dictionary and value of a tree."""
    found = []
    for key, value in tree.items():
        found.append(begin + key)
        if isinstance(value, dict):
            found += paths(value, f"{begin}{key}.")
    return found


_STRANGE = [
    None, True, -1, 0, 3, 1e308, float("nan"), "text", (), (1, 2), [0, 0], {}, {"word": {}},
    np.zeros(0), np.zeros(2), np.full(3, np.nan, np.float32), np.full(3, 1e30, np.float32),
    np.arange(3, dtype=np.int32), np.arange(3)[::-1].astype(np.int32),
]  # fmt: skip


@pytest.mark.parametrize("path", paths(MODEL))
def test_whatever_stands_in_place_of_a_part_it_is_refused_or_answers(path: str) -> None:
    for value in _STRANGE:
        check_usable(changed(path, put(value)))


def _row(least: float, most: float, length: int, dtype: str = "f4") -> st.SearchStrategy:
    ends = st.sampled_from([least, most, 0.0]) | st.floats(least, most, width=32)
    return st.lists(ends, min_size=length, max_size=length).map(lambda row: np.array(row, dtype))


@settings(deadline=None, max_examples=100)
@given(
    st.tuples(_row(0, 50, 3), _row(0, 50, 2), _row(0, 50, 1), _row(-1e4, 1e4, 6)),
    st.tuples(*[st.floats(-1e6, 1e6)] * 2, *[st.floats(0, 10)] * 3, st.floats(0, 0.5)),
    st.tuples(_row(-1e6, 1e6, 3, "f8").map(np.sort), _row(0, 100, 3, "f8").map(np.sort)),
)
def test_any_numbers_that_pass_the_check_give_a_probability(rows, numbers, shares) -> None:
    state = copy.deepcopy(MODEL)
    *idfs, state["coef"] = rows
    state["intercept"], state["scale"], *lengths, state["band"] = numbers
    words = hash_words(*split_words(codes_of("the till customers")))
    state["features"]["word"]["buckets"] = np.sort(buckets_of(words))  # the posting has them
    for found, idf, length in zip(state["features"].values(), idfs, lengths, strict=True):
        found["idf"], found["length"] = idf, length
    state["share_logits"], state["shares"] = shares
    check_model(state, "file")
    check_usable(state)


@pytest.mark.parametrize("key", MODEL)
def test_a_model_that_lacks_one_thing_is_refused(key: str) -> None:
    with pytest.raises(ModelError, match=f"the model has no {key}"):
        check_model({name: value for name, value in MODEL.items() if name != key}, "own-1")


def test_nothing_else_unpickles() -> None:
    unpickles = re.compile(
        r"\b(joblib|pickle|cPickle|_pickle|dill|cloudpickle|marshal|shelve|torch)\.(load|loads|open"
        r"|Unpickler)\b|\bNumpyUnpickler\b|allow_pickle=True|\bread_pickle\b"
    )
    assert unpickles.search("state = joblib.load(file)")
    found = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in (ROOT / "pipeline").rglob("*.py")
        for line in file.read_text("utf-8").splitlines()
        if unpickles.search(line)
    ]
    assert found == []
