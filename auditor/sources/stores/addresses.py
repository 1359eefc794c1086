"""Addresses of objects: `s3://bucket/key` and the like, never with credentials in them."""

import re
from dataclasses import dataclass
from typing import Final

from auditor.errors import UsageError

SCHEMES: Final = {
    "s3": "Amazon S3, and all that speaks like it",
    "gs": "Google Cloud Storage",
    "az": "Azure Blob Storage",
    "abfss": "Azure Data Lake Storage",
}

_ADDRESS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/]*)/?(.*)", re.DOTALL)
_NAMES_OF_SECRETS: Final = r"sig|signature|token|secret|password|key|awsaccesskeyid|x-\w+-\w+"
_SECRETS: Final = re.compile(rf"[?&](?:\w*(?:{_NAMES_OF_SECRETS}))=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """One object, or the beginning of the names of several.

    Attributes:
        scheme: one of `SCHEMES`.
        bucket: with Azure the container, with `abfss` followed by `@` and the account's host.
        key: the name within the bucket, as it is, nothing escaped; may end in `/` or be empty.
    """

    scheme: str
    bucket: str
    key: str

    def __str__(self) -> str:
        return f"{self.root}/{self.key}"

    @property
    def root(self) -> str:
        """The address of the bucket, without a `/` at the end."""
        return f"{self.scheme}://{self.bucket}"

    def of(self, key: str) -> "Address":
        """Another object of the same bucket."""
        return Address(self.scheme, self.bucket, key)


def is_address(place: str) -> bool:
    """Whether `place` names no local file but something at an address."""
    return _ADDRESS.match(place) is not None


def address_of(place: str) -> Address:
    """The parts of an address.

    Raises:
        UsageError: it holds credentials, or is of no store that can be read. The message does not
            repeat them.
    """
    found = _ADDRESS.fullmatch(place)
    if found is None:
        raise UsageError("is no address of an object", location=place)
    scheme, bucket, key = found[1].lower(), found[2], found[3]
    user, has_user, _ = bucket.rpartition("@")
    if (has_user and (":" in user or scheme != "abfss")) or _SECRETS.search(place):
        raise UsageError(
            "an address must not hold credentials",
            location=f"{scheme}://...",
            hint="give them in the environment (AWS_ACCESS_KEY_ID), where no report shows them",
        )
    if scheme not in SCHEMES:
        known = ", ".join(f"{name}://" for name in SCHEMES)
        hint = f"known: {known}; copy other files to a local folder"
        raise UsageError(f"{scheme}:// is not read", location=place, hint=hint)
    if not bucket:
        raise UsageError("the address names no bucket", location=place, hint=f"{scheme}://BUCKET/")
    if f"/{key}".find("//") >= 0:
        hint = "objects with such names cannot be read: copy them to others"
        raise UsageError("the name of an object has an empty part", location=place, hint=hint)
    return Address(scheme, bucket, key)
