"""What is said of a store's failure holds no credentials."""

import pytest

from auditor.errors import ConfigError, InputError
from auditor.sources.stores.addresses import address_of
from auditor.sources.stores.faults import plain_text, store_error


@pytest.mark.parametrize(
    "text",
    [
        "GET https://a.blob.core.windows.net/c?restype=container&sig=word in 3ms - HTTP error",
        "HEAD http://user:word@127.0.0.1:9000/bucket/a.csv: HTTP error",
        "GET https://host/a.csv?X-Amz-Signature=word) failed",
        "it failed\n\nDebug source:\nuri: Some(https://host/a.csv?sig=word)",
        "\x1b[31m↳\x1b[0m it failed https://host/?sig=word",
    ],
)
def test_credentials_and_decoration_are_left_out(text: str) -> None:
    error = store_error(OSError(text), address_of("s3://bucket/a.csv"))

    assert "word" not in str(error)
    assert "\x1b" not in str(error)
    assert "word" not in plain_text(OSError(text))


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("500 Internal Server Error", InputError, "cannot be read: 500"),
        ("status code: 403 Forbidden: <Code>AccessDenied</Code>", ConfigError, "(AccessDenied)"),
        ("<Code>NoSuchBucket</Code>", InputError, "no such bucket: bucket"),
        ("PUT http://169.254.169.254/latest/api/token", ConfigError, "no credentials"),
        ("<Code>AuthorizationHeaderMalformed</Code>", ConfigError, "in another region"),
        ("tcp connect error", InputError, "cannot be reached"),
    ],
)
def test_each_failure_is_told_by_who_must_act(text: str, kind: type[Exception], says: str) -> None:
    error = store_error(OSError(text), address_of("s3://bucket/a.csv"))

    assert isinstance(error, kind)
    assert says in str(error)
    assert "hint: " in str(error)
