from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.cli_models.bench import Bench


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Asked from within the repository, as the program is used."""
    bench = Bench(tmp_path)
    monkeypatch.chdir(bench.repo)
    yield bench
    bench.check_nothing_is_left()
