"""Options and fixtures of the whole test suite, and how long Hypothesis looks.

`HYPOTHESIS_PROFILE=full` looks longer, never twice alike, and shrinks. No test is timed.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "default",
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "full",
    max_examples=400,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "default")


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
