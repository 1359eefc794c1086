"""Where the rule packs are that come with the program."""

from pathlib import Path
from typing import Final

_INSTALLED: Final = Path(__file__).parents[1] / "packs"
_CHECKOUT: Final = Path(__file__).parents[2] / "rules"
SUFFIXES: Final = frozenset({".yaml", ".yml"})


def shipped_packs() -> dict[str, Path]:
    """Pack name → folder, sorted by name.

    A wheel carries the packs inside the package; a checkout has them beside it.
    """
    root = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    if not root.is_dir():
        return {}
    return {folder.name: folder for folder in sorted(root.iterdir()) if rule_files(folder)}


def rule_files(folder: Path) -> list[Path]:
    """The rule files in `folder` and below, sorted; hidden ones are left out."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
