"""What Dask and Spark share: columns, parts, places, and a model that travels."""

import dataclasses
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numba
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import InputError, ModelError, OutputError
from pipeline.annotate import TAG_COLUMNS, tags_by
from pipeline.cluster import plan
from pipeline.cluster.columns import layout, tag_names, with_tags
from pipeline.cluster.dask import run
from pipeline.cluster.files import (
    inside,
    is_inside,
    located,
    parquet_files,
    place_of,
    read_json,
    write_json,
)
from pipeline.cluster.folder import begin, check_folder, commit
from pipeline.cluster.model import check_versions, pack, threads, unpack, versions
from pipeline.cluster.parts import look, tag_part
from pipeline.job import Job
from pipeline.posting import ClusterError, ResumeError
from pipeline.tables.columns import Columns, find_columns
from tests.postings import BACK, FRONT


@pytest.fixture(scope="module")
def packed(models):
    return pack(models=models)


def part_of(path: Path, **changes) -> plan.Part:
    (part,) = plan.parts_of([look(str(path))])
    return dataclasses.replace(part, **changes)


names = st.sampled_from(["id", "text", *TAG_COLUMNS, "frontback_office", "frontback_language"])


@given(there=st.lists(names, max_size=9))
def test_a_column_is_replaced_only_in_a_table_that_was_tagged(there: list[str]) -> None:
    found = tag_names(there)
    assert len(set(found)) == len(TAG_COLUMNS)
    replaced = [name for name in found if name in there]
    marks = ("office", "p_front", "model")
    if not all(name in there or f"frontback_{name}" in there for name in marks):
        assert replaced == []
    assert all(there.count(name) == 1 for name in replaced)


@given(there=st.lists(names, max_size=9))
def test_a_cluster_names_the_tags_of_one_table_as_one_machine_does(tagger, there) -> None:
    reader = SimpleNamespace(schema=SimpleNamespace(names=there))
    job = Job(Path("a"), reader, Columns(None, 0), Path("b"), None, range(1))
    assert tag_names(there) == tuple(job.place(tags_by(tagger)).names)


def test_a_table_with_a_column_of_a_tags_name_keeps_it() -> None:
    assert tag_names(["text", "language"]) == (
        "office",
        "p_front",
        "share",
        "frontback_language",
        "reason",
        "model",
    )


def test_tags_are_called_the_same_in_all_files_and_replace_nothing_in_one_without_tags() -> None:
    assert tag_names(["text", *TAG_COLUMNS], ["text", *TAG_COLUMNS]) == TAG_COLUMNS
    mixed = tag_names(["text", *TAG_COLUMNS], ["text", "office"])
    assert mixed == tuple(f"frontback_{name}" for name in TAG_COLUMNS)


def test_tagging_again_puts_the_tags_where_they_stood(tagger) -> None:
    cells = pa.record_batch({"text": [FRONT["es"], None], "n": [1, 2]})
    read = find_columns(cells.schema.names, "x")
    once = with_tags(cells, layout(cells.schema.names, read, TAG_COLUMNS), tagger)
    swapped = once.select(["office", "text", "p_front", "model", "n"])
    there = swapped.schema.names
    again = with_tags(swapped, layout(there, Columns(None, 1), tag_names(there)), tagger)
    assert again.schema.names == [*there, "share", "language", "reason"]
    assert again.select(once.schema.names).equals(once)


@given(
    groups=st.lists(
        st.lists(
            st.tuples(st.integers(0, 50), st.integers(0, 3 * plan.PART_BYTES)), max_size=6
        ).map(tuple),
        min_size=1,
        max_size=5,
    )
)
def test_parts_hold_every_row_group_once_and_in_order(groups) -> None:
    looks = [plan.Look(f"{n}", (1, 1), ("text",), each) for n, each in enumerate(groups)]
    total = sum(rows for each in groups for rows, _ in each)
    if total == 0:
        with pytest.raises(InputError, match="0: there is no row in it or in the other files"):
            plan.parts_of(looks)
        return
    parts = plan.parts_of(looks)
    covered = [(part.source, at) for part in parts for at in range(part.first, part.stop)]
    assert covered == [(f"{n}", at) for n, each in enumerate(groups) for at in range(len(each))]
    assert sum(part.rows for part in parts) == total
    assert {part.source for part in parts} == {look.place for look in looks}
    assert [part.name for part in parts] == sorted({part.name for part in parts})
    for part in parts:
        sizes = [size for _, size in groups[int(part.source)][part.first : part.stop]]
        assert len(sizes) <= 1 or sum(sizes) <= plan.PART_BYTES


def test_a_model_that_was_damaged_on_its_way_is_refused(packed) -> None:
    damaged = dataclasses.replace(packed, content=packed.content[:-1] + b"x")
    with pytest.raises(ModelError, match="damaged on its way to a worker"):
        unpack(damaged)


def test_a_model_is_loaded_once_in_a_process_and_answers_as_the_stored_one(packed, tagger) -> None:
    assert unpack(packed) is unpack(dataclasses.replace(packed))
    texts = [*FRONT.values(), *BACK.values()]
    assert unpack(packed).tag(texts) == tagger.tag(texts)


def test_the_kernels_of_a_worker_use_its_cores_only_and_the_thread_is_left_as_it_was() -> None:
    before = numba.get_num_threads()
    with threads(1):
        assert numba.get_num_threads() == 1
    assert numba.get_num_threads() == before
    with threads(before + 1):
        assert numba.get_num_threads() == before


def test_another_version_is_named_with_both_numbers() -> None:
    there = versions() | {"numpy": "1.26.4", "scikit-learn": "none"}
    wanted = versions() | {"numpy": "2.4.0", "scikit-learn": "1.9.1"}
    with pytest.raises(ClusterError) as error:
        check_versions(there, wanted, "worker tcp://10.0.0.7:4000")
    assert str(error.value) == (
        "worker tcp://10.0.0.7:4000 has scikit-learn none, numpy 1.26.4, and this machine has"
        " scikit-learn 1.9.1, numpy 2.4.0; install the same versions on both."
    )


def test_a_part_that_comes_to_a_worker_with_other_versions_is_not_tagged(packed, tmp_path) -> None:
    pq.write_table(pa.table({"text": ["x"]}), tmp_path / "a.parquet")
    other = dataclasses.replace(packed, versions=packed.versions | {"frontback": "0.0.1"})
    with pytest.raises(ClusterError, match=r"worker w has frontback .* this machine has frontback"):
        tag_part(part_of(tmp_path / "a.parquet"), str(tmp_path / "out"), other, 1, "worker w", "r")


def test_a_source_that_changed_since_it_was_divided_is_refused(packed, tmp_path) -> None:
    source = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["x"]}), source)
    part = part_of(source)
    pq.write_table(pa.table({"text": ["x", "y"]}), source)
    (tmp_path / "out" / "_unfinished").mkdir(parents=True)
    with pytest.raises(InputError, match="changed since the run began"):
        tag_part(part, str(tmp_path / "out"), packed, 1, "worker", "r")
    source.unlink()
    with pytest.raises(InputError, match="no such file where it is to be read"):
        tag_part(part, str(tmp_path / "out"), packed, 1, "worker", "r")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["_unfinished"]


def test_a_damaged_part_leaves_nothing_behind(packed, tmp_path) -> None:
    source = tmp_path / "a.parquet"
    texts = [f"{FRONT['en']} {n}" for n in range(2_000)]
    pq.write_table(pa.table({"text": texts}), source, row_group_size=500, compression="none")
    content = bytearray(source.read_bytes())
    metadata = pq.read_metadata(source).row_group(2).column(0)
    begin = metadata.dictionary_page_offset or metadata.data_page_offset
    content[begin : begin + 2_000] = b"\xff" * 2_000
    source.write_bytes(content)
    (tmp_path / "out" / "_unfinished").mkdir(parents=True)
    with pytest.raises(InputError, match=r"a\.parquet: cannot be read"):
        tag_part(part_of(source), str(tmp_path / "out"), packed, 1, "worker", "r")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["_unfinished"]


def test_what_is_no_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("title,text\n")
    with pytest.raises(InputError, match=r"a\.parquet: cannot be read"):
        look(str(tmp_path / "a.parquet"))


def test_files_folders_and_patterns_name_their_files_once(tmp_path: Path) -> None:
    for name in ("b.parquet", "a.parquet", "c.csv", "sub/d.parquet", "_old/e.parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    def found(*inputs: str) -> list[str]:
        places = parquet_files([str(tmp_path / each) for each in inputs])
        return [Path(each).relative_to(tmp_path.resolve()).as_posix() for each in places]

    assert found("*.parquet") == ["a.parquet", "b.parquet"]
    assert found("") == ["a.parquet", "b.parquet", "sub/d.parquet"]
    assert found("**/[bd].parquet", "b.parquet") == ["b.parquet", "sub/d.parquet"]
    with pytest.raises(InputError, match="no Parquet file there"):
        found("a.parquet", "x*.parquet")


def test_a_url_is_listed_as_a_folder_of_this_machine_is(tmp_path: Path) -> None:
    for name in ("b.parquet", "a.parquet", "c.csv", "sub/d.parquet", "_old/e.parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    url = f"file://{tmp_path.as_posix()}"

    def found(pattern: str) -> list[str]:
        return [each.removeprefix(url) for each in parquet_files([url + pattern])]

    assert found("/*.parquet") == ["/a.parquet", "/b.parquet"]
    assert found("/**/*.parquet") == found("") == ["/a.parquet", "/b.parquet", "/sub/d.parquet"]
    assert found("/s*/d.parquet") == found("/sub/d.parquet") == ["/sub/d.parquet"]
    with pytest.raises(InputError, match="no Parquet file there"):
        found("/x*.parquet")


def test_what_no_file_system_knows_is_said_in_a_sentence() -> None:
    with pytest.raises(
        Exception, match=r"^nosuch://a/b: nosuch:// cannot be opened .*; use a path"
    ):
        located("nosuch://a/b")


def test_the_query_of_a_url_stays_at_its_end() -> None:
    assert inside("s3://b/out/?region=eu-north-1", "x") == "s3://b/out/x?region=eu-north-1"
    assert inside("/a/b", "x") == "/a/b/x"
    assert is_inside("s3://b/out/x?region=a", "s3://b/out?region=b")
    assert not is_inside("s3://b/output/x?region=a", "s3://b/out?region=b")


def test_a_url_with_a_password_is_refused_without_saying_it() -> None:
    for url in ("s3://key:s3cret@bucket/in", "s3://key:s3cret@bucket/*.parquet"):
        with pytest.raises(InputError) as error:
            parquet_files([url])
        assert "in their environment" in str(error.value)
        assert "s3cret" not in str(error.value)
    assert place_of("abfs://in@account.dfs.core.windows.net/x") is not None


def test_json_is_read_back_and_what_is_torn_is_none(tmp_path: Path) -> None:
    place = place_of(str(tmp_path / "x.json"))
    write_json(place, {"b": 1, "a": "ñ"})
    assert read_json(place) == {"a": "ñ", "b": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]
    (tmp_path / "x.json").write_text(json.dumps({"a": 1})[:-1])
    assert read_json(place) is None
    assert read_json(place_of(str(tmp_path / "y.json"))) is None


@pytest.mark.parametrize(
    ("there", "options", "sentence"),
    [
        (["notes.txt"], {"overwrite": True}, "there are other files in it (notes.txt)"),
        (["_manifest.json"], {}, "is complete already"),
        (["_manifest.json"], {"resume": True}, "is complete already"),
        (["_unfinished"], {}, "holds the parts of a run that was stopped"),
        (["part-00000.parquet"], {}, "holds the parts of a run that was stopped"),
    ],
)
def test_a_folder_that_is_not_ours_to_write_is_refused(tmp_path, there, options, sentence) -> None:
    for name in there:
        (tmp_path / name).touch()
    with pytest.raises(OutputError) as error:
        check_folder(str(tmp_path), [], **({"overwrite": False, "resume": False} | options))
    assert sentence in str(error.value)


def unfinished(folder: Path, settings: dict[str, str]) -> None:
    """A folder with one part, of a run that was stopped."""
    begin(str(folder), settings, "first", False, False)
    (folder / "part-00000.parquet").write_bytes(b"rows")
    write_json(str(folder / "_unfinished" / "part-00000.json"), {"name": "part-00000.parquet"})


SETTINGS = {"the model": "one", "the detector": "frontback"}


def test_what_is_unfinished_is_gone_on_with_even_where_overwrite_is_given_too(tmp_path) -> None:
    unfinished(tmp_path, SETTINGS)
    assert begin(str(tmp_path), SETTINGS, "second", True, True) == [{"name": "part-00000.parquet"}]
    assert (tmp_path / "part-00000.parquet").exists()
    with pytest.raises(ResumeError, match="the model is another than it was"):
        begin(str(tmp_path), SETTINGS | {"the model": "two"}, "third", True, True)
    assert begin(str(tmp_path), SETTINGS, "fourth", True, False) == []
    assert not (tmp_path / "part-00000.parquet").exists()


def test_what_is_complete_is_replaced_where_overwrite_and_resume_are_given(tmp_path) -> None:
    for name in ("part-00000.parquet", "_manifest.json"):
        (tmp_path / name).touch()
    assert begin(str(tmp_path), SETTINGS, "first", True, True) == []
    assert [path.name for path in tmp_path.iterdir()] == ["_unfinished"]


def test_a_plan_that_cannot_be_read_now_costs_no_part(tmp_path, monkeypatch) -> None:
    unfinished(tmp_path, SETTINGS)

    def slow(place: str):
        system, path = located(place)
        if not path.endswith("plan.json"):
            return system, path

        def fail(path: str):
            raise TimeoutError("no answer")

        return SimpleNamespace(open_input_stream=fail), path

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.cluster.files.located", slow)
        for overwrite in (False, True):
            with pytest.raises(InputError, match=r"plan\.json: cannot be read \(no answer\); try"):
                begin(str(tmp_path), SETTINGS, "second", overwrite, True)
    assert len(begin(str(tmp_path), SETTINGS, "third", False, True)) == 1


@pytest.mark.parametrize("plan", [None, "", "[]"])
def test_parts_without_a_plan_are_deleted_only_when_asked(tmp_path, plan) -> None:
    (tmp_path / "part-00000.parquet").touch()
    (tmp_path / "_unfinished").mkdir()
    if plan is not None:
        (tmp_path / "_unfinished" / "plan.json").write_text(plan)
    for act in (
        lambda: check_folder(str(tmp_path), [], False, True),
        lambda: begin(str(tmp_path), SETTINGS, "first", False, True),
    ):
        with pytest.raises(OutputError, match="holds parts but not the plan of the run that"):
            act()
    assert (tmp_path / "part-00000.parquet").exists()
    assert begin(str(tmp_path), SETTINGS, "second", True, True) == []
    assert not (tmp_path / "part-00000.parquet").exists()


def test_a_run_that_was_stopped_before_its_plan_was_there_begins_anew(tmp_path) -> None:
    (tmp_path / "_unfinished").mkdir()
    assert begin(str(tmp_path), SETTINGS, "first", False, True) == []


def test_a_folder_that_another_run_began_meanwhile_is_not_taken(tmp_path) -> None:
    check_folder(str(tmp_path), [], False, False)
    unfinished(tmp_path, SETTINGS)
    with pytest.raises(OutputError, match="holds the parts of a run that was stopped"):
        begin(str(tmp_path), SETTINGS, "second", False, False)


@pytest.mark.parametrize(("overwrite", "resume"), [(True, False), (False, True)])
def test_a_run_whose_folder_was_taken_writes_no_manifest(tmp_path, overwrite, resume) -> None:
    begin(str(tmp_path), SETTINGS, "first", False, False)
    begin(str(tmp_path), SETTINGS, "second", overwrite, resume)
    with pytest.raises(OutputError, match="another run has taken this folder meanwhile; let"):
        commit(str(tmp_path), SETTINGS, "first", [])
    assert not (tmp_path / "_manifest.json").exists()
    commit(str(tmp_path), SETTINGS, "second", [])
    assert [path.name for path in tmp_path.iterdir()] == ["_manifest.json"]
    with pytest.raises(OutputError, match="another run has taken this folder meanwhile"):
        commit(str(tmp_path), SETTINGS, "first", [])


def test_a_part_of_a_run_whose_folder_was_taken_is_not_written(packed, tmp_path) -> None:
    pq.write_table(pa.table({"text": ["x"]}), tmp_path / "a.parquet")
    part, out = part_of(tmp_path / "a.parquet"), tmp_path / "out"
    begin(str(out), SETTINGS, "second", False, False)
    with pytest.raises(OutputError, match="another run has taken this folder meanwhile"):
        tag_part(part, str(out), packed, 1, "worker", "first")
    assert [path.name for path in out.iterdir()] == ["_unfinished"]
    tag_part(part, str(out), packed, 1, "worker", "second")
    assert (out / part.name).exists()


def test_an_output_that_holds_the_input_is_refused(tmp_path: Path) -> None:
    (tmp_path / "part-00000.parquet").touch()
    sources = parquet_files([str(tmp_path)])
    with pytest.raises(OutputError, match="the input lies in it"):
        check_folder(place_of(str(tmp_path)), sources, True, False)
    with pytest.raises(OutputError, match="this is a file; name a folder"):
        check_folder(sources[0], [], True, False)


def test_without_dask_the_sentence_says_what_to_install(monkeypatch, tmp_path) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install 'frontback\[dask\]'"):
        run([str(tmp_path)], str(tmp_path / "out"), "local")
