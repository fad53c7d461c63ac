"""Keys to sign models with, as files: NAME.key, which is private, and NAME.pub, to give away.

Ed25519 (RFC 8032); PEM, as openssl reads and writes it: the private key as PKCS8 without a
passphrase (RFC 8410), the public one as SubjectPublicKeyInfo.
"""

from __future__ import annotations

import os
import shlex
import stat
from base64 import b64encode
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipeline.output import cause
from pipeline.posting import InputError, OutputError

#: A key has some hundred.
_MOST_BYTES = 10_000
_MAKE = "make a pair with 'frontback models keys NAME'"


def write_keys(name: Path) -> tuple[Path, Path]:
    """Write a new private key, which only its owner can read, and its public one.

    Args:
        name: of both files, without ``.key`` and ``.pub``.

    Returns:
        The two files.

    Raises:
        OutputError: one of them is there already, or cannot be written; neither is left then.
    """
    if name.name in ("", ".."):
        raise OutputError(f"{name}: this is a folder; add the name that the keys are to have.")
    private, public = (name.with_name(name.name + ending) for ending in (".key", ".pub"))
    for file in (private, public):
        if os.path.lexists(file):
            raise _exists(file)
    key = Ed25519PrivateKey.generate()
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    known = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    _create(private, secret, 0o600)
    try:
        _create(public, known, 0o644)
    except OutputError:
        private.unlink()
        raise
    return private, public


def read_private_key(file: Path) -> Ed25519PrivateKey:
    """Return the key of a file to sign with.

    Raises:
        InputError: it is none, asks for a passphrase, or others may read it.
    """
    content = _read(file)
    try:
        key = serialization.load_pem_private_key(content, None)
    except TypeError:
        raise InputError(
            f"{file}: this key asks for a passphrase, and frontback for none; {_MAKE}."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        if b"PUBLIC KEY-----" in content:
            raise InputError(
                f"{file}: this is a public key; sign with the private one beside it, NAME.key."
            ) from None
        raise _no_key(file, "private") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(file, "private")
    if os.name != "nt" and file.stat().st_mode & 0o077:
        raise InputError(
            f"{file}: others than its owner may read or change this private key; take that from"
            f" them with 'chmod 600 {shlex.quote(str(file))}'."
        )
    return key


def read_public_key(file: Path) -> bytes:
    """Return the key of a file to check signatures with: its 32 bytes.

    Raises:
        InputError: it is none.
    """
    content = _read(file)
    if b"PRIVATE KEY-----" in content:
        raise InputError(
            f"{file}: this is a private key, which nobody should see; give the public one beside"
            " it, NAME.pub."
        )
    try:
        key = serialization.load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        raise _no_key(file, "public") from None
    if not isinstance(key, Ed25519PublicKey):
        raise _no_key(file, "public")
    return key.public_bytes_raw()


def shown(key: bytes) -> str:
    """Return a public key as people can compare it: 44 characters of base64."""
    return b64encode(key).decode()


def _create(file: Path, content: bytes, mode: int) -> None:
    def opener(path: str, flags: int) -> int:
        return os.open(path, flags, mode)  # from its first moment on nobody else can read it

    try:
        opened = open(file, "xb", opener=opener)  # noqa: SIM115 (what was there is not removed)
    except FileExistsError:
        raise _exists(file) from None
    except OSError as error:
        raise OutputError(f"{file}: not written, {cause(error)}.") from error
    try:
        with opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        file.unlink()
        raise OutputError(f"{file}: not written, {cause(error)}.") from error


def _read(file: Path) -> bytes:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise InputError(f"{file}: no ordinary file; {_MAKE}.")
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES)
    except FileNotFoundError:
        raise InputError(f"{file}: no such file; name a key, or {_MAKE}.") from None
    except OSError as error:
        raise InputError(
            f"{file}: cannot be read ({error.strerror}); name a key that you may read."
        ) from error


def _exists(file: Path) -> OutputError:
    return OutputError(f"{file}: exists already; choose another name for the keys.")


def _no_key(file: Path, kind: str) -> InputError:
    return InputError(f"{file}: no {kind} Ed25519 key in PEM; {_MAKE}.")
