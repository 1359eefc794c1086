"""How stores are spoken to: what the environment says, and how long to wait for an answer."""

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from auditor.sources.stores.addresses import Address

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

RETRIES: Final = 3
"""Times that a request which failed without a reason of its own is sent again."""

_SECONDS: Final = 20
"""How long one request is tried again."""

CLIENT: Final = {"connect_timeout": "5s", "read_timeout": "20s", "timeout": "1d"}
"""NOTE: the time for all of an answer must not end before a large object has come."""

_US: Final = "us-east-1"
_PREFIXES: Final = ("AWS_", "GOOGLE_", "AZURE_")

CREDENTIALS: Final = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN); of a profile: "
    'eval "$(aws configure export-credentials --format env)"; '
    "AWS_SKIP_SIGNATURE=true for a public bucket",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS; GOOGLE_SKIP_SIGNATURE=true for a public bucket",
    "az": "AZURE_STORAGE_ACCOUNT_NAME with AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN, or "
    "AZURE_STORAGE_CLIENT_ID, AZURE_STORAGE_CLIENT_SECRET and AZURE_STORAGE_TENANT_ID",
}
"""Variables of the environment that give credentials, by scheme."""


def credentials_hint(address: Address) -> str:
    """The variables that give credentials for the store at `address`."""
    return CREDENTIALS["az" if address.scheme == "abfss" else address.scheme]


def environment() -> frozenset[tuple[str, str]]:
    """The variables that the library reads by itself when a store is first spoken to."""
    return frozenset(item for item in os.environ.items() if item[0].startswith(_PREFIXES))


def store_options(address: Address) -> dict[str, str]:
    """What is told to the store beside what its library reads from the environment itself.

    The region and the endpoint are settled here, so that listing and reading go to one place.
    """
    if address.scheme != "s3":
        return {}
    env: Mapping[str, str] = os.environ
    region = env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or _US
    endpoint = env.get("AWS_ENDPOINT_URL_S3") or env.get("AWS_ENDPOINT_URL")
    return {"aws_region": region} | ({"aws_endpoint": endpoint} if endpoint else {})


def client_options() -> "ClientConfig":
    """Time limits of requests. Without TLS only where an endpoint is named so by the user."""
    return {"allow_http": True, **CLIENT}  # type: ignore[typeddict-item]  # the same names


def retry_options() -> "RetryConfig":
    """How often, and how long, what failed is tried again."""
    return {
        "max_retries": RETRIES,
        "retry_timeout": timedelta(seconds=_SECONDS),
        "backoff": {
            "init_backoff": timedelta(milliseconds=100),
            "max_backoff": timedelta(seconds=2),
            "base": 2,
        },
    }


def table_options(address: Address) -> dict[str, str]:
    """The same for the library that reads the logs of Delta tables."""
    retries = {"max_retries": f"{RETRIES}", "retry_timeout": f"{_SECONDS}s"}
    return {**store_options(address), **CLIENT, **retries, "allow_http": "true"}


def scan_options(address: Address) -> dict[str, str | int]:
    """The same for the scans of Polars, which speaks to stores through the same library."""
    retries = {"max_retries": RETRIES, "retry_timeout_ms": _SECONDS * 1000}
    return {**store_options(address), **CLIENT, **retries}
