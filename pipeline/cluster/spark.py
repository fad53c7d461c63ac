"""A data frame of Spark, tagged by its executors.

    >>> from pipeline.cluster.spark import tag
    >>> tagged = tag(spark.table("postings"))  # doctest: +SKIP

Only what Spark Connect has as well is used, so it works in notebooks that have no SparkContext.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.annotate import TAG_COLUMNS
from pipeline.cluster.columns import Layout, layout, tag_names, with_tags
from pipeline.cluster.model import Packed, check_versions, pack, threads, unpack, versions
from pipeline.language import Detector
from pipeline.posting import ClusterError
from pipeline.tables.columns import find_columns

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

Tagging = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


def tag(
    df: DataFrame,
    model: str | None = None,
    *,
    text_column: str | None = None,
    title_column: str | None = None,
    models: str | os.PathLike[str] | None = None,
    detector: Detector = "frontback",
) -> DataFrame:
    """Return the data frame with the columns of tags; nothing is computed yet.

    Args:
        df: any columns; those of title and text are found by their names as in a table.
        model, models, detector: see `pipeline.tagger.Tagger.load`. The model is read here and
            travels with the query; executors need frontback, but no models folder.
        text_column, title_column: names, where they are not to be found out.

    Returns:
        The same rows. The tags stand behind the other columns, or in place of the tags that are
        there; where the frame has a column of the name of a tag that is none, the tag is called
        ``frontback_…``. Names are compared without case, as Spark does.

    Raises:
        ClusterError: Spark is not installed; or, when it is computed, an executor has other
            versions of frontback, scikit-learn, numpy, numba, pyarrow or Python than this machine.
        InputError: there is no column of the text.
        ModelError: no such model, or it cannot be read.
    """
    there = [name.lower() for name in df.columns]
    read = find_columns(df.columns, "the data frame", title_column, text_column)
    to = layout(there, read, tag_names(there))
    packed = pack(model, models, detector=detector)
    return df.mapInArrow(_tagging(packed, to), _schema(df, to))


def _tagging(packed: Packed, to: Layout) -> Tagging:
    """Return what an executor does with the batches of a partition."""

    # The model is part of the function: Spark itself makes a broadcast of a function so large, and
    # Spark Connect, which has no broadcasts, sends it with the query.
    def tagging(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pyspark import TaskContext

        check_versions(versions(), packed.versions, f"the executor on {platform.node()}")
        tagger, task = unpack(packed), TaskContext.get()
        with threads(task.cpus() if task else 1):
            for cells in batches:
                yield with_tags(cells, to, tagger)

    return tagging


def _schema(df: DataFrame, to: Layout) -> StructType:
    """Return the schema of the result."""
    try:
        from pyspark.sql.types import ByteType, DoubleType, StringType, StructField, StructType
    except ImportError as error:  # the frame is none of Spark's
        raise ClusterError(
            "Spark is not installed; pip install 'frontback[spark]', or use your platform's own."
        ) from error
    types = {"p_front": DoubleType(), "share": ByteType()}
    pairs = zip(TAG_COLUMNS, to.names, strict=True)
    tags = [StructField(place, types.get(name, StringType())) for name, place in pairs]
    return StructType(to.places.merge(df.schema.fields, tags))
