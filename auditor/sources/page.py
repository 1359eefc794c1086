"""The page that tells of every shipped source what is read and what it can never supply."""

from collections.abc import Iterator

from auditor.sources import SOURCES
from auditor.sources.check import describe
from auditor.sources.profile import load_profile
from auditor.sources.profile_model import Profile

_HEAD = """# Sources

What each feed is read for. Written from the profiles by `auditor sources docs`; a test
compares them. `--source NAME` names one, `auditor sources detect FILE` tells which one fits.
"""


def sources_page() -> str:
    """The page in Markdown."""
    return "\n".join([_HEAD, *(line for name in SOURCES for line in _section(load_profile(name)))])


def _section(profile: Profile) -> Iterator[str]:
    yield f"## {profile.name}\n"
    operator = f" Site codes: those of `{profile.operator}`." if profile.operator else ""
    yield f"{profile.title}. Supplies {profile.table}.{operator}\n"
    if profile.about:
        yield f"{profile.about}\n"
    yield "| field | read from |"
    yield "|---|---|"
    fields = describe(profile)
    yield from (f"| `{f.name}` | {_cell(f.origin)} |" for f in fields if f.is_supplied)
    yield ""
    never = [f for f in fields if f.name in profile.never]
    if never:
        yield "Never supplied:\n"
        yield from (f"- `{f.name}`: {f.origin}" for f in never)
        yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
