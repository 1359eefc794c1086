"""From files to canonical tables: finding, opening and reading logs and registries."""

from typing import Final

SOURCES: Final = (
    "aws-chime-events",
    "canonical",
    "canonical-accounts",
    "canonical-orders",
    "google-meet-audit",
    "livekit-analytics",
    "teams-call-records",
    "twilio-video-insights",
    "webex-meeting-qualities",
    "zoom-account-settings",
    "zoom-dashboard",
    "zoom-plans",
    "zoom-qss",
)
"""The shipped source profiles: `profiles/<name>.yaml` beside this file."""
