"""Where the command line keeps what takes long to read."""

import os
from pathlib import Path


def cache_folder() -> Path | None:
    """The user's folder for such files, which need not exist; None where there is no home."""
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # NOTE: the XDG specification wants relative paths ignored
    if given.is_absolute():
        return given / "auditor"
    try:
        return Path.home() / ".cache" / "auditor"
    except RuntimeError:
        return None
