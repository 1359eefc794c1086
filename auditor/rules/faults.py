"""The kinds of fault in a rule file that loading finds: their stable names."""

from enum import StrEnum


class FaultKind(StrEnum):
    """What is wrong; the values are the ids that `auditor rules lint` shows and never reuses."""

    UNREADABLE_FILE = "unreadable-file"
    INVALID_YAML = "invalid-yaml"
    UNKNOWN_KEY = "unknown-key"
    MISSING_KEY = "missing-key"
    INVALID_VALUE = "invalid-value"
    INVALID_DATE = "invalid-date"
    DATES_OUT_OF_ORDER = "dates-out-of-order"
    DUPLICATE_ID = "duplicate-id"
    INVALID_SQL = "invalid-sql"
    UNKNOWN_NAME = "unknown-name"
    WRONG_TYPE = "wrong-type"
    UNKNOWN_VALUE = "unknown-value"
    UNKNOWN_JURISDICTION = "unknown-jurisdiction"
    UNKNOWN_GROUP = "unknown-group"
    TOO_LARGE = "too-large"
