"""From files to canonical tables: finding, opening and reading logs and registries."""

from typing import Final

SOURCES: Final = (
    "canonical", "canonical-orders", "zoom-account-settings", "zoom-dashboard", "zoom-plans",
)  # fmt: skip
"""The shipped source profiles: `profiles/<name>.yaml` beside this file."""
