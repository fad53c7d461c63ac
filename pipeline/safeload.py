"""Read a model file without running anything that is in it.

A model file is `joblib.dump` of dictionaries, strings, numbers and numpy arrays. Reading one takes
four names from outside the pickle, no more; every other name is refused before it is looked up.
"""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import joblib.numpy_pickle
import numpy as np

from pipeline.posting import ModelError

_ALLOWED = {
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): joblib.numpy_pickle.NumpyArrayWrapper,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.dtypes", "Float32DType"): type(np.dtype(np.float32)),
}


class _Unpickler(joblib.numpy_pickle.NumpyUnpickler):  # type: ignore[misc]
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise ModelError(f"it names {module}.{name}, which no model file needs") from None


def load_arrays(content: bytes, source: Path) -> dict[str, Any]:
    """Return the dictionary that the bytes of a model file hold.

    Raises:
        ModelError: the bytes are no model file, or name anything that a model does not need.
    """
    try:
        unpickler = _Unpickler(str(source), io.BytesIO(content), True)
        state = unpickler.load()
    except ModelError as error:
        raise ModelError(f"{source}: refused, {error}; train a new model.") from None
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError) as error:
        raise ModelError(f"{source}: not a readable model file; train a new model.") from error
    if not isinstance(state, dict):
        raise ModelError(f"{source}: not a model of frontback; train a new model.")
    return state
