"""Requests to object stores: what there is, how large it is, and its bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from auditor.errors import ConfigError, InputError
from auditor.sources.log_file import CHANGED, ObjectStamp
from auditor.sources.stores.addresses import Address
from auditor.sources.stores.faults import store_error
from auditor.sources.stores.settings import (
    client_options,
    environment,
    retry_options,
    store_options,
)

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult, ObjectMeta
    from obstore.store import ObjectStore, S3Config

_PIECE: Final = 1 << 20


class Object(NamedTuple):
    """An object in a store, and the state it was in when it was found."""

    address: Address
    stamp: ObjectStamp


def check_installed(address: Address) -> None:
    """Raises ConfigError if what reads object stores is not installed."""
    try:
        import obstore  # noqa: F401, PLC0415 - an extra, and only asked whether it is there
    except ImportError:
        hint = "pip install 'auditor[cloud]'"
        raise ConfigError(
            f"reading {address.scheme}:// needs a package that is not installed",
            location=str(address),
            hint=hint,
        ) from None


def find_object(address: Address) -> Object | None:
    """The object at `address`; None where there is none.

    Raises:
        AuditorError: the store cannot be asked. A bucket that does not exist may be told so, or
            be no object.
    """
    import obstore  # noqa: PLC0415 - an extra

    with _told(address):
        try:
            meta = obstore.head(_store(address), address.key)
        except FileNotFoundError:
            return None
    return Object(address, _stamp(meta))


def objects_below(address: Address) -> Iterator[Object]:
    """All objects in the folder at `address`, at any depth; none if there is no such folder.

    Raises:
        AuditorError: the store cannot be asked, or there is no such bucket.
    """
    import obstore  # noqa: PLC0415 - an extra

    with _told(address):
        for some in obstore.list(_store(address), address.key.rstrip("/") or None):
            for meta in some:
                yield Object(address.of(meta["path"]), _stamp(meta))


def bytes_of(found: Object, first: int, end: int) -> bytes:
    """The bytes of an object from `first` to before `end`.

    Raises:
        AuditorError: it cannot be read, or has changed.
    """
    with _told(found.address):
        return bytes(_opened(found, {"range": (first, end)}).bytes()) if end > first else b""


def pieces_of_object(found: Object) -> Iterator[bytes]:
    """All bytes of an object, in pieces.

    Raises:
        AuditorError: it cannot be read to its end, or has changed.
    """
    with _told(found.address):
        size = 0
        for piece in _opened(found, {}).stream(_PIECE):
            size += len(piece)
            yield bytes(piece)
    if size != found.stamp.bytes:
        text = f"broke off after {size:,} of {found.stamp.bytes:,} bytes"
        hint = "run the audit again"
        raise InputError(text, location=str(found.address), hint=hint)


def _opened(found: Object, options: "GetOptions") -> "GetResult":
    import obstore  # noqa: PLC0415 - an extra

    result = obstore.get(_store(found.address), found.address.key, options=options)
    if _stamp(result.meta) != found.stamp:
        hint = "run the audit again when the log is complete"
        raise InputError(CHANGED, location=str(found.address), hint=hint)
    return result


def _stamp(meta: "ObjectMeta") -> ObjectStamp:
    # NOTE: some stores quote the tag in one kind of answer and not in the other.
    etag = (meta["e_tag"] or "").removeprefix("W/").strip('"')
    return ObjectStamp(meta["size"], etag or f"{meta['last_modified']:%Y-%m-%dT%H:%M:%SZ}")


def _store(address: Address) -> "ObjectStore":
    return _store_at(address.root, tuple(store_options(address).items()), environment())


@cache
def _store_at(
    root: str, options: tuple[tuple[str, str], ...], _environment: frozenset[tuple[str, str]]
) -> "ObjectStore":
    from obstore.store import from_url  # noqa: PLC0415 - an extra

    return from_url(
        root,
        config=cast("S3Config", dict(options)),
        client_options=client_options(),
        retry_config=retry_options(),
    )


@contextmanager
def _told(address: Address) -> Iterator[None]:
    """What the library raises, told as an error of this program."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 - an extra

    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        raise store_error(error, address) from error
