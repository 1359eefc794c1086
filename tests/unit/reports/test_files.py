"""Report files are there whole or not at all."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from auditor.errors import ReportError
from auditor.reports.files import write_whole


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def new_content(stream: BinaryIO) -> None:
    stream.write(b"new")


def failing(error: BaseException) -> Callable[[BinaryIO], None]:
    def write(stream: BinaryIO) -> None:
        stream.write(b"half of")
        stream.flush()
        raise error

    return write


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def test_a_new_file_is_written(tmp_path: Path) -> None:
    write_whole(tmp_path / "report.json", new_content)

    assert (tmp_path / "report.json").read_bytes() == b"new"
    assert names_in(tmp_path) == ["report.json"]


def test_an_older_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b"a much longer old one")

    write_whole(path, new_content)

    assert path.read_bytes() == b"new"


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), ValueError()]
)
def test_after_any_error_the_older_file_stays_alone(error: BaseException, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b"old")

    with pytest.raises((ReportError, KeyboardInterrupt, ValueError)):
        write_whole(path, failing(error))

    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["report.json"]


def test_a_second_interrupt_during_the_clean_up_leaves_nothing_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink
    interrupts = iter([KeyboardInterrupt()])

    def interrupted(self: Path, missing_ok: bool = False) -> None:
        for interrupt in interrupts:
            raise interrupt
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", interrupted)

    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "report.json", failing(KeyboardInterrupt()))

    assert names_in(tmp_path) == []


def test_a_failing_rename_leaves_the_older_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b"old")

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)

    with pytest.raises(ReportError, match="write permission"):
        write_whole(path, new_content)

    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["report.json"]


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EACCES, "ask for write permission"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EIO, "name another file"),
    ],
)
def test_an_error_names_the_path_and_the_next_step(code: int, hint: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"

    with pytest.raises(ReportError) as caught:
        write_whole(path, failing(OSError(code, os.strerror(code))))

    (problem,) = caught.value.problems
    assert problem.location == str(path)
    assert os.strerror(code) in problem.message
    assert problem.hint.startswith(hint)


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="make its folder first"):
        write_whole(tmp_path / "missing" / "report.json", new_content)

    assert names_in(tmp_path) == []


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="that is a folder"):
        write_whole(tmp_path, new_content)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(ReportError, match="write permission"):
        write_whole(tmp_path / "report.json", new_content)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_device_is_reported_and_stays() -> None:
    with pytest.raises(ReportError, match="No space left on device"):
        write_whole(Path("/dev/full"), new_content)

    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_a_null_device_is_written_not_replaced() -> None:
    write_whole(Path(os.devnull), new_content)

    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_new_file_gets_the_permissions_that_the_umask_leaves(tmp_path: Path, umask: None) -> None:
    write_whole(tmp_path / "report.json", new_content)

    assert stat.S_IMODE((tmp_path / "report.json").stat().st_mode) == 0o640


def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b"old")
    path.chmod(0o600)

    write_whole(path, new_content)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "latest.json").symlink_to("report.json")

    write_whole(tmp_path / "latest.json", new_content)

    assert (tmp_path / "latest.json").is_symlink()
    assert (tmp_path / "report.json").read_bytes() == b"new"


def test_a_pipe_that_nobody_reads_is_left_to_the_caller(tmp_path: Path) -> None:
    with pytest.raises(BrokenPipeError):
        write_whole(tmp_path / "report.json", failing(BrokenPipeError(errno.EPIPE, "closed")))

    assert names_in(tmp_path) == []
