"""Who vouches for a model: an Ed25519 signature over the bytes of its manifest.

The manifest holds the sha256 of the model file, so both are covered. The signature is a small file
beside them, and the model is the same model with it and without. The key that is written into a
signature says nothing about who has it: only a key that one has from elsewhere does.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.model_changes import changing
from pipeline.model_files import (
    MANIFEST,
    MOST_BYTES,
    SIGNATURE,
    Manifest,
    read_manifest,
    read_plain,
    unsound,
)
from pipeline.model_folder import write_whole
from pipeline.posting import ModelError, UnsoundError
from pipeline.signing_keys import shown
from pipeline.verification import verify_stored

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ALGORITHM = "Ed25519"
_AGAIN = "have it signed again with 'frontback models sign ID --key KEY'"


def sign_model(
    folder: Path, model: str, key: Ed25519PrivateKey, trained: Manifest | None = None
) -> None:
    """Sign a stored model, once it was verified; a signature that it has is replaced.

    Args:
        trained: what its manifest has to say, but for the moment and the versions. The same bytes
            may have been there before, with a manifest from elsewhere, which nobody has vouched
            for.

    Raises:
        ModelError: no such model, or it is not one that could be tagged with.
        OutputError: the folder cannot be written.
    """
    read_manifest(folder, model)  # makes no folder where there is none
    with changing(folder):
        verify_stored(folder, model)
        if trained and _lasting(trained) != _lasting(read_manifest(folder, model)):
            raise ModelError(
                f"{folder / model}: not signed, as the same model was there with another manifest;"
                f" look at it with 'frontback models show {model}', then sign it with 'frontback"
                f" models sign {model} --key KEY'."
            )
        content = _signed(_manifest(folder, model), key)
        write_whole(folder, f"{model}/{SIGNATURE}", content.decode())


def check_stored_signature(folder: Path, model: str, key: bytes | None = None) -> str:
    """Return what `check_signature` does, of a stored model.

    Raises:
        ModelError: as there, or no such model.
    """
    read_manifest(folder, model)
    home = folder / model
    return check_signature(read_signature(home), _manifest(folder, model), home, key)


def read_signature(home: Path) -> bytes | None:
    """Return the signature file of a stored model, None where it has none."""
    file = home / SIGNATURE
    if not os.path.lexists(file):
        return None
    try:
        return read_plain(file, MOST_BYTES[SIGNATURE])
    except UnsoundError as error:
        raise unsound(file, error.what, _AGAIN) from error


def check_signature(
    content: bytes | None, manifest: bytes, file: Path, key: bytes | None = None
) -> str:
    """Return the public key that a manifest is signed with, as people see it; "" where unsigned.

    Args:
        content: the bytes of the signature file, None where there is none.
        manifest: those of the manifest.
        file: what both are from, for messages.
        key: the public key that it has to be signed with, 32 bytes; None where any will do, and
            none as well.

    Raises:
        UnsoundError: the signature is none, or not of this manifest, or not of this key.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if content is None:
        if key is not None:
            raise unsound(
                file,
                "not signed",
                "have it signed by whom you trust, with 'frontback models sign ID --key KEY'",
            )
        return ""
    public, signature = _parsed(content, file)
    if key is not None and public != key:
        raise unsound(
            file,
            f"not signed with this key but with {shown(public)}",
            "find out whose that is before you use the model",
        )
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, manifest)
    except (InvalidSignature, ValueError) as error:
        what = "its signature is not that of its manifest, one of them was changed"
        raise unsound(file, what, "get the model again from whom you trust") from error
    return shown(public)


def _lasting(manifest: Manifest) -> Manifest:
    """Return what the same training gives again, as JSON has it."""
    kept = {key: value for key, value in manifest.items() if key not in ("created", "versions")}
    found: Manifest = json.loads(json.dumps(kept))
    return found


def _signed(manifest: bytes, key: Ed25519PrivateKey) -> bytes:
    return _written(key.public_key().public_bytes_raw(), key.sign(manifest))


def _written(public: bytes, signature: bytes) -> bytes:
    fields = {
        "algorithm": _ALGORITHM,
        "public_key": b64encode(public).decode(),
        "signature": b64encode(signature).decode(),
    }
    return (json.dumps(fields, indent=2) + "\n").encode()


def _parsed(content: bytes, file: Path) -> tuple[bytes, bytes]:
    """Return public key and signature; only the very bytes that `_written` makes are read."""
    try:
        fields = json.loads(content)
        public, signature = (
            b64decode(fields[name], validate=True) for name in ("public_key", "signature")
        )
        if _written(public, signature) == content:
            return public, signature
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    raise unsound(file, "its signature is none that frontback writes", _AGAIN)


def _manifest(folder: Path, model: str) -> bytes:
    return read_plain(folder / model / MANIFEST, MOST_BYTES[MANIFEST])
