"""What ``batch --cluster`` does, and what it says of it."""

from __future__ import annotations

import json
from typing import Any

import click

from pipeline.cli.console import printable, say
from pipeline.cli.tagging import Telling
from pipeline.wording import words

_MEANT = {
    "inputs", "target", "cluster", "title_column", "text_column", "overwrite", "resume", "workers",
    "quiet", "as_json", "detector", "model", "models",
}  # fmt: skip


def check_options(context: click.Context, cluster: str) -> None:
    """Raise `click.UsageError` for an option that means nothing on this cluster."""
    from pipeline.cluster.dask import LOCAL

    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name)
        if given is not click.core.ParameterSource.COMMANDLINE:
            continue
        if name not in _MEANT:
            raise click.UsageError(f"{parameter.opts[-1]} is not for a cluster; leave it out.")
        if name == "workers" and cluster != LOCAL:
            raise click.UsageError(
                f"the workers of {cluster} are started there; leave --workers out."
            )


def tag_files(
    inputs: tuple[str, ...], output: str, cluster: str, telling: Telling, **options: Any
) -> None:
    """Tag Parquet files on a cluster, and say what came of it."""
    from pipeline.cli.progress import messages, progress, summary_table
    from pipeline.cluster.dask import run
    from pipeline.cluster.files import inside, place_of, read_json
    from pipeline.cluster.folder import MANIFEST

    try:
        summary = run(
            inputs,
            output,
            cluster,
            say=telling.say,
            progress=lambda total: progress(total, "tagging", telling.quiet),
            **options,
        )
    except KeyboardInterrupt:
        say(f"{output}: {words()('work.parts_kept')}")
        raise
    manifest = read_json(inside(place_of(output), MANIFEST))
    parts = len(manifest["parts"])
    if not telling.quiet:
        messages.print(summary_table(summary))
        written = words()("work.summary.parts", output=output, rows=summary.rows, parts=parts)
        click.echo(printable(written), err=True)
    if telling.as_json:
        content = {
            "input": list(inputs),
            "output": output,
            "rows": summary.rows,
            "recalled": summary.recalled,
            "problems": summary.problems,
            "seconds": round(summary.seconds, 3),
            "model": manifest["model"],
            "parts": parts,
            **{column: dict(counts) for column, counts in summary.counts.items()},
        }
        click.echo(json.dumps(content, ensure_ascii=False))
