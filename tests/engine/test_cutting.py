"""A call that is cut where a look finds a limit reached, and only there."""

import asyncio

import pytest

from core.engine.cutting import Cutting

NO_LIMIT = (("", ""), None)


async def test_a_call_that_says_nothing_is_cut_when_its_seconds_are_up() -> None:
    def look(ran: float) -> tuple[tuple[str, str], float | None]:
        return ("0.05 s", f"{ran:.2f} s") if ran >= 0.05 else ("", ""), 0.05 - ran

    cutting = Cutting(look)
    with pytest.raises(TimeoutError):
        async with cutting:
            await asyncio.Event().wait()
    assert cutting.passed[0] == "0.05 s"


async def test_a_limit_that_is_lifted_meanwhile_cuts_nothing() -> None:
    done = asyncio.Event()
    answers = [(("", ""), 0.01), NO_LIMIT]

    def look(ran: float) -> tuple[tuple[str, str], float | None]:
        found = answers.pop(0)
        if not answers:
            done.set()
        return found

    async with Cutting(look) as cutting:
        await done.wait()
    assert not cutting.is_cut


async def test_what_arrives_is_looked_at_at_once() -> None:
    said: list[str] = []

    def look(ran: float) -> tuple[tuple[str, str], float | None]:
        return ("2 words", f"{len(said)} words") if len(said) >= 2 else ("", ""), None

    cutting = Cutting(look)
    with pytest.raises(TimeoutError):
        async with cutting:
            while True:
                said.append("word")
                cutting.look()
                await asyncio.sleep(0)
    assert cutting.passed == ("2 words", "2 words")


async def test_after_a_call_nothing_is_cut() -> None:
    is_over = False

    def look(ran: float) -> tuple[tuple[str, str], float | None]:
        return (("a", "b") if is_over else ("", "")), None

    async with Cutting(look) as cutting:
        pass
    is_over = True
    cutting.look()
    assert not cutting.is_cut


async def test_a_fault_and_a_time_out_of_what_runs_are_its_own() -> None:
    cutting = Cutting(lambda ran: NO_LIMIT)
    with pytest.raises(TimeoutError):
        async with cutting:
            raise TimeoutError
    assert not cutting.is_cut
