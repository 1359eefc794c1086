"""Options and fixtures of the whole test suite."""

from collections.abc import Callable
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden files anew; review the difference before you commit it",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compares bytes to a file of `tests/acceptance/golden`, or writes that file."""

    def check(name: str, actual: bytes) -> None:
        path = Path(__file__).parent / "acceptance" / "golden" / name
        if request.config.getoption("--update-golden"):
            path.write_bytes(actual)
        assert actual.decode() == path.read_bytes().decode()

    return check
