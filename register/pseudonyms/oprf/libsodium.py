"""Finds libsodium and opens it: the system's own, else the copy that the wheel `rbcl` carries.

The wheel is read, never imported: importing it leaves a fresh copy of the library in the temporary folder each
time. Its copy is unpacked once into a private folder, under a name that holds its SHA-256, and is checked again
before each use. Knows nothing of groups or keys.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import importlib.util
import os
import stat
import tempfile
from pathlib import Path

from register.pseudonyms.errors import LibraryMissing

_CARRIER = "rbcl"
_OPENING = "bytes.fromhex('"
_PROBE = "crypto_scalarmult_ristretto255"  # present since 1.0.18


def default_runtime_folder() -> Path:
    """The folder for the unpacked copy where none is given: in the user's own cache."""
    return Path.home() / ".cache" / "regional-theme-register" / "lib"


def load(runtime: Path | None = None) -> ctypes.CDLL:
    """Open and initialise libsodium.

    Args:
        runtime: private folder to unpack the wheel's copy into, used only if the system has no libsodium.

    Raises:
        LibraryMissing: neither source gives a library with ristretto255.
    """
    name = ctypes.util.find_library("sodium")
    if name is not None:
        try:
            return _initialise_library(ctypes.CDLL(name))
        except (OSError, LibraryMissing):
            pass  # too old or unusable: the wheel's copy is newer
    return load_from_wheel(runtime or default_runtime_folder())


def load_from_wheel(runtime: Path) -> ctypes.CDLL:
    """Open the wheel's copy, unpacking it first where that was not done before.

    Raises:
        LibraryMissing: the wheel is not installed, its layout is unknown, or the folder is not private.
    """
    try:
        return _initialise_library(ctypes.CDLL(str(_unpack_library(_read_carried_library(), runtime))))
    except OSError as exc:
        raise LibraryMissing(f"the unpacked libsodium cannot be used: {exc.strerror or 'load failed'}") from exc


def _initialise_library(library: ctypes.CDLL) -> ctypes.CDLL:
    if not hasattr(library, _PROBE):
        raise LibraryMissing("expected libsodium 1.0.18 or newer: this one lacks ristretto255")
    if library.sodium_init() < 0:
        raise LibraryMissing("libsodium is present but could not initialise")
    return library


def _read_carried_library() -> bytes:
    """The library's bytes, out of the wheel's source text."""
    spec = importlib.util.find_spec(_CARRIER)  # finds without importing
    if spec is None or not spec.submodule_search_locations:
        raise LibraryMissing("no system libsodium, and the package rbcl that carries one is not installed")
    source = Path(spec.submodule_search_locations[0]) / "_sodium.py"
    try:
        text = source.read_text("ascii")
        start = text.index(_OPENING) + len(_OPENING)
        return bytes.fromhex(text[start : text.index("'", start)])
    except (OSError, ValueError) as exc:
        raise LibraryMissing("the installed rbcl does not carry libsodium in the expected place") from exc


def _unpack_library(content: bytes, runtime: Path) -> Path:
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    about = runtime.stat()
    if about.st_uid != os.geteuid() or stat.S_IMODE(about.st_mode) & 0o077:
        raise LibraryMissing(f"runtime folder {runtime} must belong to this user alone (mode 0700)")
    target = runtime / f"libsodium-{hashlib.sha256(content).hexdigest()}.so"
    if not target.exists() or target.read_bytes() != content:
        handle, draft = tempfile.mkstemp(dir=runtime)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(draft).replace(target)  # whoever comes second writes the same bytes
    return target
