"""Who vouches for a model: what is signed, with which key, and what is refused."""

import base64
import json
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from pipeline import InputError, ModelError, OutputError
from pipeline.active import active_id
from pipeline.model_files import MANIFEST, MODEL, SIGNATURE
from pipeline.portable import export_model, import_model, read_portable
from pipeline.signature import check_signature, check_stored_signature, sign_model
from pipeline.signing_keys import read_private_key, read_public_key, shown, write_keys
from pipeline.store import has_usable_model, list_models, save_model
from tests.models import damage, refused, save, small_state

PEM = serialization.Encoding.PEM
PKCS8 = serialization.PrivateFormat.PKCS8


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two pairs of keys: team.key, team.pub, other.key, other.pub."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("team", "other"):
        write_keys(folder / name)
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with one small model, active and not signed."""
    save(tmp_path / "models", 0)
    return tmp_path / "models"


@pytest.fixture
def model(models: Path) -> str:
    return str(active_id(models))


@pytest.fixture
def signed(models: Path, model: str, keys: Path) -> Path:
    """The folder of that model, signed with team.key."""
    sign_model(models, model, read_private_key(keys / "team.key"))
    return models / model


def public(keys: Path, name: str = "team") -> bytes:
    return read_public_key(keys / f"{name}.pub")


# Keys.


def test_a_pair_of_keys_is_written_and_the_private_one_is_for_its_owner_alone(
    frontback, tmp_path: Path
) -> None:
    result = frontback("models", "keys", tmp_path / "team")
    assert (result.code, result.out) == (0, "")
    private, public = tmp_path / "team.key", tmp_path / "team.pub"
    assert f"{private}: sign with it, and let nobody else have it" in result.err
    if os.name != "nt":
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert private.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----\n")
    assert read_private_key(private).public_key().public_bytes_raw() == read_public_key(public)


@pytest.mark.parametrize("there", ["team.key", "team.pub"])
def test_no_key_is_written_over_and_no_half_of_a_pair_is_left(
    frontback, tmp_path: Path, there: str
) -> None:
    (tmp_path / there).write_text("precious")
    refused(frontback("models", "keys", tmp_path / "team"), f"{there}: exists already")
    assert [path.name for path in tmp_path.glob("team*")] == [there]
    assert (tmp_path / there).read_text() == "precious"


def test_a_key_that_comes_there_meanwhile_is_not_written_over(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "team.pub").write_text("precious")
    monkeypatch.setattr("os.path.lexists", lambda path: False)
    with pytest.raises(OutputError, match=r"team\.pub: exists already"):
        write_keys(tmp_path / "team")
    assert [path.name for path in tmp_path.iterdir()] == ["team.pub"]


def test_a_full_disk_leaves_no_key(tmp_path: Path, monkeypatch) -> None:
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputError, match=r"team\.key: not written"):
        write_keys(tmp_path / "team")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "told"),
    [("no/team", "there is no such folder"), ("..", "this is a folder"), ("/", "this is a folder")],
)
def test_a_name_that_no_key_can_have_is_said(frontback, tmp_path, name, told) -> None:
    refused(frontback("models", "keys", tmp_path / name), told)
    assert not list(tmp_path.glob("*.key"))


def _private(key, algorithm=None) -> bytes:
    return key.private_bytes(PEM, PKCS8, algorithm or serialization.NoEncryption())


def _public(key) -> bytes:
    return key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


RSA = rsa.generate_private_key(65537, 2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
OWN = ed25519.Ed25519PrivateKey.generate()
LOCKED = _private(OWN, serialization.BestAvailableEncryption(b"secret"))
GARBAGE = [b"", b"\0" * 100, b"\xff\xfe", b"-----BEGIN PRIVATE KEY-----\n", b"x" * (1 << 20),
           _private(OWN).replace(b"M", b"!"), os.urandom(500)]  # fmt: skip
NO_PRIVATE = [
    *[(content, "no private Ed25519 key in PEM") for content in GARBAGE],
    (_private(RSA), "no private Ed25519 key in PEM"),
    (_private(CURVE), "no private Ed25519 key in PEM"),
    (_public(OWN), "this is a public key; sign with the private one"),
    (LOCKED, "this key asks for a passphrase, and frontback for none"),
]
NO_PUBLIC = [
    *[(content, "no public Ed25519 key in PEM") for content in (*GARBAGE[:3], *GARBAGE[4:5])],
    (_public(RSA), "no public Ed25519 key in PEM"),
    (_public(CURVE), "no public Ed25519 key in PEM"),
    (_private(OWN), "this is a private key, which nobody should see"),
    (LOCKED, "this is a private key, which nobody should see"),
]


@pytest.mark.parametrize(("content", "told"), NO_PRIVATE)
def test_what_is_no_private_key_signs_nothing(frontback, models, tmp_path, content, told) -> None:
    file = tmp_path / "bad.key"
    file.write_bytes(content)
    file.chmod(0o600)
    refused(frontback("models", "sign", "active", "--key", file), file, told)
    assert check_stored_signature(models, str(active_id(models))) == ""


@pytest.mark.parametrize(("content", "told"), NO_PUBLIC)
def test_what_is_no_public_key_checks_nothing(frontback, signed, tmp_path, content, told) -> None:
    file = tmp_path / "bad.pub"
    file.write_bytes(content)
    refused(frontback("models", "verify", "active", "--key", file), file, told)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o777])
def test_a_private_key_that_others_can_read_is_refused(frontback, models, tmp_path, mode) -> None:
    private, _ = write_keys(tmp_path / "a team")
    private.chmod(mode)
    result = frontback("models", "sign", "active", "--key", private)
    refused(result, "others than its owner may read", f"chmod 600 '{private}'")
    private.chmod(0o400)
    assert frontback("models", "sign", "active", "--key", private).code == 0


@pytest.mark.parametrize("command", ["sign", "verify"])
def test_a_key_that_is_not_there_or_no_file_or_locked_away_is_said(
    frontback, models, tmp_path, monkeypatch, command
) -> None:
    def run(file: Path):
        return frontback("models", command, "active", "--key", file)

    refused(run(tmp_path / "no.key"), "no.key: no such file; name a key, or make a pair with")
    refused(run(tmp_path), f"{tmp_path}: no ordinary file")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")  # which would be waited for
        refused(run(tmp_path / "pipe"), "pipe: no ordinary file")

    def denied(self: Path, *arguments):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "team.key").touch()
    monkeypatch.setattr(Path, "open", denied)
    refused(run(tmp_path / "team.key"), "cannot be read (Permission denied)")


# Signing and checking.


def test_a_signed_model_is_known_by_its_key_and_by_no_other(frontback, models, model, keys):
    before = (models / model / MANIFEST).read_bytes()
    result = frontback("models", "sign", "active", "--key", keys / "team.key")
    assert (result.code, result.out, result.err) == (0, "", f"{model} is signed\n")
    told = f"; signed with {shown(public(keys))}\n"
    for key in ((), ("--key", keys / "team.pub")):
        one = frontback("models", "verify", "active", *key)
        assert (one.code, one.err) == (0, f"{model}: sound, all is as its manifest says{told}")
        assert frontback("models", "verify", *key).out == f"{model}  sound{told}"
    other = ("--key", keys / "other.pub")
    refused(
        frontback("models", "verify", "active", *other),
        f"not signed with this key but with {shown(public(keys))}; find out whose that is",
    )
    result = frontback("models", "verify", *other)
    assert result.code == 1
    assert result.out == f"{model}  not signed with this key but with {shown(public(keys))}\n"
    assert "1 of 1 models cannot be trusted" in result.err
    assert (models / model / MANIFEST).read_bytes() == before
    assert has_usable_model(models)


def test_a_model_that_is_not_signed_is_refused_only_where_a_key_is_named(
    frontback, models, model, keys, tmp_path
) -> None:
    key = ("--key", keys / "team.pub")
    assert frontback("models", "verify", model).code == 0
    refused(frontback("models", "verify", model, *key), f"{model}: not signed; have it signed")
    assert frontback("models", "verify", *key).out == f"{model}  not signed\n"
    export_model(models, model, tmp_path / "sent.zip")
    for command in (("verify",), ("import", "--models", tmp_path / "theirs")):
        result = frontback("models", *command, tmp_path / "sent.zip", *key)
        refused(result, "sent.zip: not signed; have it signed")
    refused(frontback("models", "verify", models / model / MODEL, *key), "model.joblib: not signed")
    assert not (tmp_path / "theirs").exists()


def test_what_is_signed_are_the_bytes_of_the_manifest(signed: Path, keys: Path) -> None:
    """Anyone can check that, without frontback."""
    fields = json.loads((signed / SIGNATURE).read_bytes())
    assert fields["algorithm"] == "Ed25519"
    key = serialization.load_pem_public_key((keys / "team.pub").read_bytes())
    manifest = (signed / MANIFEST).read_bytes()
    key.verify(base64.b64decode(fields["signature"]), manifest)
    assert base64.b64decode(fields["public_key"]) == key.public_bytes_raw()
    assert json.loads(manifest)["sha256"]


def test_signing_again_replaces_the_signature_and_the_same_key_makes_the_same(
    signed: Path, keys: Path
) -> None:
    first = (signed / SIGNATURE).read_bytes()
    for name, is_same in (("team", True), ("other", False), ("team", True)):
        sign_model(signed.parent, signed.name, read_private_key(keys / f"{name}.key"))
        assert ((signed / SIGNATURE).read_bytes() == first) == is_same
        check_stored_signature(signed.parent, signed.name, public(keys, name))


def test_only_a_sound_model_that_is_there_is_signed(frontback, models, model, keys, tmp_path):
    key = ("--key", keys / "team.key")
    refused(frontback("models", "sign", "own-1", *key), "no model own-1 here")
    refused(frontback("models", "sign", "../models", *key), "is no model id")
    none = tmp_path / "none"
    refused(frontback("models", "sign", "own-1", *key, "--models", none), "no model own-1 here")
    assert not none.exists()
    damage(models, model)
    refused(frontback("models", "sign", model, *key), "damaged, its sha256 is not the manifest's")
    assert not (models / model / SIGNATURE).exists()


def test_a_training_signs_its_model(frontback, small_corpus, keys, tmp_path) -> None:
    folder = tmp_path / "new"
    train = ("train", "--corpus", small_corpus, "--models", folder, "--sign")
    refused(frontback(*train, keys / "team.pub"), "this is a public key")
    assert not folder.exists()  # said before the long work
    result = frontback(*train, keys / "team.key")
    assert result.code == 0
    assert check_stored_signature(folder, result.out.strip(), public(keys))


def test_a_training_does_not_sign_what_others_say_of_the_same_bytes(
    frontback, small_corpus, keys, tmp_path
) -> None:
    folder = tmp_path / "new"
    train = ("train", "--corpus", small_corpus, "--models", folder)
    model = frontback(*train).out.strip()
    file = folder / model / MANIFEST
    manifest = json.loads(file.read_bytes())
    file.write_text(json.dumps(manifest | {"metrics": {"all": {"accuracy": 1.0}}}))
    result = frontback(*train, "--sign", keys / "team.key")
    assert (result.code, result.out) == (1, "")
    assert "not signed, as the same model was there with another manifest; look" in result.err
    assert not (folder / model / SIGNATURE).exists()
    file.write_text(json.dumps(manifest | {"created": "", "versions": {}}))
    assert frontback(*train, "--sign", keys / "team.key").code == 0
    assert check_stored_signature(folder, model, public(keys))


# What was changed.


def test_a_changed_manifest_is_not_what_was_signed(frontback, signed: Path, keys, tmp_path):
    manifest = json.loads((signed / MANIFEST).read_bytes())
    (signed / MANIFEST).write_text(json.dumps(manifest | {"metrics": {"all": {"accuracy": 1.0}}}))
    for key in ((), ("--key", keys / "team.pub")):
        result = frontback("models", "verify", signed.name, *key)
        refused(result, "its signature is not that of its manifest, one of them was changed")
    refused(frontback("models", "export", signed.name, tmp_path / "x.zip"), "was changed")
    assert frontback("models", "verify").out.endswith("one of them was changed\n")


def test_another_model_cannot_take_the_signature(signed: Path, keys: Path) -> None:
    other = save_model(signed.parent, "own", small_state(3), {})["id"]
    (signed.parent / other / SIGNATURE).write_bytes((signed / SIGNATURE).read_bytes())
    with pytest.raises(ModelError, match="its signature is not that of its manifest"):
        check_stored_signature(signed.parent, other, public(keys))


def test_a_signature_of_ones_own_beside_the_name_of_another_key_is_refused(signed, keys) -> None:
    """As who has no private key would forge one: that of his own, under the team's name."""
    fields = json.loads((signed / SIGNATURE).read_bytes())
    manifest = (signed / MANIFEST).read_bytes()
    own = read_private_key(keys / "other.key").sign(manifest)
    fields["signature"] = base64.b64encode(own).decode()
    (signed / SIGNATURE).write_text(json.dumps(fields, indent=2) + "\n")
    with pytest.raises(ModelError, match="its signature is not that of its manifest"):
        check_stored_signature(signed.parent, signed.name, public(keys))


MANIFEST_BYTES = b'{"sha256": "0"}\n'
SIGNED = json.dumps(
    {
        "algorithm": "Ed25519",
        "public_key": base64.b64encode(OWN.public_key().public_bytes_raw()).decode(),
        "signature": base64.b64encode(OWN.sign(MANIFEST_BYTES)).decode(),
    },
    indent=2,
).encode()


@given(st.data())
def test_no_change_of_a_byte_of_signature_or_manifest_is_taken(data) -> None:
    key = OWN.public_key().public_bytes_raw()
    parts = [bytearray(SIGNED + b"\n"), bytearray(MANIFEST_BYTES)]
    assert check_signature(bytes(parts[0]), bytes(parts[1]), Path("x"), key) == shown(key)
    part = data.draw(st.sampled_from(parts))
    at = data.draw(st.integers(0, len(part) - 1))
    part[at] ^= data.draw(st.integers(1, 255))
    for wanted in (key, None):
        with pytest.raises(ModelError):
            check_signature(bytes(parts[0]), bytes(parts[1]), Path("x"), wanted)


def _fields(**changed: object) -> bytes:
    fields = {name: each for name, each in (json.loads(SIGNED) | changed).items() if each != ""}
    return (json.dumps(fields, indent=2) + "\n").encode()


HOSTILE = {
    "empty": b"",
    "no text": b"\xff\xfe\0",
    "no JSON": b"signed, the team",
    "a list": b"[]",
    "a text": b'"Ed25519"',
    "a number": b"1" * 900,
    "endless number": b"1e999",
    "deep": b"[" * 1_000,
    "deep keys": b'{"a":' * 190,
    "huge": SIGNED + b" " * (1 << 20),
    "one byte more": SIGNED + b"\n\n",
    "no line end": SIGNED,
    "no key": _fields(public_key=""),
    "no signature": _fields(signature=""),
    "one more field": _fields(also="this"),
    "other algorithm": _fields(algorithm="none"),
    "a number for a key": _fields(public_key=5),
    "nothing for a key": _fields(public_key=None),
    "a list for a signature": _fields(signature=["a"]),
    "no base64": _fields(signature="not base64!"),
    "no ASCII": _fields(signature="ø" * 80),
    "short key": _fields(public_key="AAAA"),
    "short signature": _fields(signature="AAAA"),
    "zeros": _fields(signature=base64.b64encode(bytes(64)).decode()),
    "key of zeros": _fields(public_key=base64.b64encode(bytes(32)).decode()),
    "key twice": SIGNED.replace(b"{", b'{\n  "algorithm": "Ed25519",', 1) + b"\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_signature_file_that_is_none_is_refused_in_one_sentence(
    frontback, signed: Path, tmp_path: Path, name: str
) -> None:
    (signed / SIGNATURE).write_bytes(HOSTILE[name])
    result = frontback("models", "verify", signed.name)
    refused(result)
    assert "signature" in result.err
    assert len(result.err) < 400
    refused(frontback("models", "export", signed.name, tmp_path / "x.zip"), "signature")
    assert not (tmp_path / "x.zip").exists()


def test_a_signature_that_is_a_link_or_no_file_is_not_followed(
    frontback, signed: Path, tmp_path: Path
) -> None:
    file = signed / SIGNATURE
    file.rename(tmp_path / "elsewhere")
    for make in (lambda: file.symlink_to(tmp_path / "elsewhere"), file.mkdir):
        make()
        result = frontback("models", "verify", signed.name)
        refused(result, "signature is no ordinary file; have it signed again")
        file.rmdir() if file.is_dir() else file.unlink()


# The one file that is sent.


@pytest.fixture
def sent(signed: Path, tmp_path: Path) -> Path:
    export_model(signed.parent, signed.name, tmp_path / "sent.zip")
    return tmp_path / "sent.zip"


def test_a_signature_goes_with_the_model(frontback, signed, sent, keys, tmp_path) -> None:
    folder, key = tmp_path / "theirs", ("--key", keys / "team.pub")
    told = frontback("models", "verify", sent, *key)
    assert told.err.endswith(f"as its manifest says; signed with {shown(public(keys))}\n")
    assert frontback("models", "import", sent, *key, "--models", folder).code == 0
    assert (folder / signed.name / SIGNATURE).read_bytes() == (signed / SIGNATURE).read_bytes()
    export_model(folder, signed.name, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == sent.read_bytes()
    assert list(read_portable(sent).parts) == [MANIFEST, MODEL, SIGNATURE]


def test_a_file_signed_with_another_key_is_not_stored(frontback, sent, keys, tmp_path) -> None:
    key = ("--key", keys / "other.pub")
    result = frontback("models", "import", sent, *key, "--models", tmp_path / "theirs")
    refused(result, f"{sent}: not signed with this key but with")
    assert not (tmp_path / "theirs").exists()
    assert frontback("models", "verify", sent, *key).err == result.err


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_with_a_signature_that_is_none_is_not_stored(
    sent: Path, tmp_path: Path, name: str
) -> None:
    from pipeline.portable import _pack

    sent.write_bytes(_pack(read_portable(sent).parts | {SIGNATURE: HOSTILE[name]}))
    with pytest.raises(ModelError):
        import_model(tmp_path / "theirs", sent)
    assert not (tmp_path / "theirs").exists()


def test_a_model_that_is_there_gets_the_signature_it_lacks(sent, signed, keys) -> None:
    signature = (signed / SIGNATURE).read_bytes()
    (signed / SIGNATURE).unlink()
    assert import_model(signed.parent, sent) == (signed.name, False)
    assert (signed / SIGNATURE).read_bytes() == signature


def test_a_signature_is_replaced_only_by_that_of_a_key_that_was_named(sent, signed, keys) -> None:
    sign_model(signed.parent, signed.name, read_private_key(keys / "other.key"))
    import_model(signed.parent, sent)
    check_stored_signature(signed.parent, signed.name, public(keys, "other"))
    import_model(signed.parent, sent, public(keys))
    check_stored_signature(signed.parent, signed.name, public(keys))


def test_the_same_model_with_another_manifest_is_not_taken_for_the_signed_one(
    sent: Path, keys: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "theirs"
    there = save(folder, 0, trained_by="another")
    with pytest.raises(ModelError, match=f"another manifest, .*delete {there}'"):
        import_model(folder, sent, public(keys))
    assert import_model(folder, sent) == (there, False)
    assert list_models(folder)[0].manifest["trained_by"] == "another"
    assert check_stored_signature(folder, there) == ""


def test_a_key_that_can_be_read_says_nothing_in_an_error(tmp_path: Path) -> None:
    """No message may hold what is in a private key."""
    private, _ = write_keys(tmp_path / "team")
    secret = private.read_text().splitlines()[1]
    private.write_text(private.read_text().replace("-----END", "----END"))
    with pytest.raises(InputError) as told:
        read_private_key(private)
    assert secret not in str(told.value)
