"""Write the nasty files into a folder: python -m tests.nasty.make FOLDER.

They are not kept, they are made: the same bytes every time.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.nasty import (
    delimited,
    documents,
    encodings,
    json_files,
    names,
    open_documents,
    packed,
    parquet_files,
    workbooks,
)
from tests.nasty.fault import Fault

_TABLES = (
    encodings,
    delimited,
    json_files,
    parquet_files,
    workbooks,
    open_documents,
    packed,
    names,
)


def _all(*modules: object) -> dict[str, Fault]:
    found: dict[str, Fault] = {}
    for module in modules:
        for name, fault in module.FAULTS.items():  # type: ignore[attr-defined]
            if name in found:
                raise ValueError(f"two files are called {name}")
            found[name] = fault
    return found


TABLES = _all(*_TABLES)
DOCUMENTS = _all(documents) | names.DOCUMENTS
FAULTS = TABLES | DOCUMENTS


def make(folder: Path) -> None:
    """Write all files into a folder, which is made."""
    folder.mkdir(parents=True)
    for name, fault in FAULTS.items():
        fault.write(folder / name)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
    print(f"{len(FAULTS)} files in {sys.argv[1]}")
