"""The built wheel, installed into an empty environment, works from any folder."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.postings import FRONT

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has nothing but the wheel and its needs."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=True)
    programs = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    pip = [
        programs / "python",
        "-m",
        "pip",
        "install",
        "-q",
        "-c",
        ROOT / "requirements.lock",
        wheel,
    ]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode and "No matching distribution" in done.stderr:
        pytest.skip("no package index within reach")
    assert done.returncode == 0, done.stderr
    return programs


def test_the_wheel_trains_on_first_use_and_tags_from_another_folder(installed, tmp_path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("FRONTBACK", "XDG", "PYTHON"))
    }
    environment |= {"HOME": str(home), "LOCALAPPDATA": str(home), "PYTHONUTF8": "1"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([installed / "frontback", *arguments], cwd=elsewhere, env=environment,
                              capture_output=True, text=True, check=True)  # fmt: skip

    first = run("tag", FRONT["es"])
    assert "first use: training the default model" in first.stderr
    for language, text in FRONT.items():
        again = run("tag", "--json", text)
        assert '"office": "front"' in again.stdout, language
        assert again.stderr == ""
    models = Path(run("models", "path").stdout.strip())
    assert models.is_relative_to(home)
    assert (models / "active").is_file()
    assert list(elsewhere.iterdir()) == []
