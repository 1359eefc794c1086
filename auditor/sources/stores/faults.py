"""What a store's library says went wrong, as errors that name the next step."""

import re
from dataclasses import dataclass
from typing import Final

from auditor.errors import AuditorError, ConfigError, InputError
from auditor.sources.stores.addresses import Address
from auditor.sources.stores.settings import credentials_hint

_CODE: Final = re.compile(r"<Code>(\w{1,60})</Code>")
_QUERY: Final = re.compile(r"(https?://[^\s?]*)\?[^\s)]*")
_USER: Final = re.compile(r"(https?://)[^\s/@]*@")
_DECORATION: Final = re.compile(r"\x1b\[[0-9;]*m|↳|\b\d+: <unknown>")
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class _Fault:
    """A kind of failure: by which words it is known, and what is said of it."""

    words: re.Pattern[str]
    error: type[AuditorError]
    message: str
    hint: str


_FAULTS: Final = (
    _Fault(
        re.compile(
            r"NoSuchBucket|ContainerNotFound|specified bucket does not exist|"
            r"list request: .* status code: 404"
        ),
        InputError,
        "there is no such bucket: {bucket}",
        "check its name, and the region and the endpoint if they are set",
    ),
    _Fault(
        re.compile(
            r"latest/api/token|latest/meta-data|169\.254\.|metadata\.google\.internal|"
            r"computeMetadata|metadata/identity|Account must be specified|"
            r"MissingAccessKeyId|MissingSecretAccessKey|ServiceAccount|application_default"
        ),
        ConfigError,
        "no credentials for {scheme}:// were found",
        "set {credentials}",
    ),
    _Fault(
        re.compile(
            r"AuthorizationHeaderMalformed|PermanentRedirect|IllegalLocationConstraint|"
            r"redirect without LOCATION"
        ),
        ConfigError,
        "the bucket {bucket} is in another region",
        "set AWS_REGION to the bucket's",
    ),
    _Fault(
        re.compile(
            r"status code: 40[13]|PermissionDenied|Unauthenticated|lacked the necessary privileges"
        ),
        ConfigError,
        "the store refuses access{code}",
        "the credentials must be right and allow to list the bucket and to read its objects; "
        "they are {credentials}",
    ),
    _Fault(
        re.compile(r"error sending request|tcp connect|timed out|dns error|HTTP error"),
        InputError,
        "the store cannot be reached, or broke off: {text}",
        "check the network and the endpoint, if one is set; then run the audit again",
    ),
)


def store_error(error: BaseException, address: Address) -> AuditorError:
    """The error to raise for what failed at `address`; credentials in its text are left out."""
    text = plain_text(error)
    code = _CODE.search(str(error))
    fault = next((one for one in _FAULTS if one.words.search(str(error))), None)
    if fault is None:
        hint = "check the rights to it, or have it delivered again"
        return InputError(f"cannot be read: {text}", location=str(address), hint=hint)
    words = {
        "bucket": address.bucket,
        "scheme": address.scheme,
        "credentials": credentials_hint(address),
        "code": f" ({code[1]})" if code else "",
        "text": text,
    }
    message, hint = fault.message.format(**words), fault.hint.format(**words)
    return fault.error(message, location=str(address), hint=hint)


def plain_text(error: BaseException) -> str:
    """The first paragraph of what a library says, without the queries that may sign URLs."""
    text = _DECORATION.sub(" ", str(error).strip().split("\n\n", 1)[0])
    return _USER.sub(r"\1", _QUERY.sub(r"\1", " ".join(text.split())))[:_LONGEST]
