import asyncio
import time

import pytest

from core.domain.errors import FaultKind
from core.domain.model import Timeouts
from tests.adapters.cli_models.bench import Bench
from tests.adapters.cli_models.test_claude import RESULT, delta
from tests.waiting import wait_until

ROOMY = Timeouts(first_token=20, idle=20, total=20)

STUBBORN = """\
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", '''
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.setsid()
if os.fork():
    os._exit(0)
print(os.getpid(), flush=True)
os.close(1)
time.sleep(600)
'''], stdout=subprocess.PIPE)
note(pid=child.pid)
note(pid=int(child.stdout.readline()))
"""
"""Ignores TERM, and so does its grandchild, which has a session of its own and no parent."""


@pytest.mark.parametrize("before, kind, said", [
    ("", FaultKind.TIMEOUT, "printed no text for 1 s"),
    (f"say({delta('1. ')!r})\n", FaultKind.STALLED, "fell silent for 1 s"),
])  # fmt: skip
async def test_silence_ends_the_whole_tree(
    bench: Bench, before: str, kind: FaultKind, said: str
) -> None:
    bench.program("claude", f"{STUBBORN}{before}time.sleep(600)\n")
    limits = Timeouts(first_token=1 if not before else 20, idle=1, total=30)
    started = time.monotonic()
    fault = await bench.fault(kind, said, timeouts=limits)
    assert time.monotonic() - started < 15
    assert fault.partial == ("1. " if before else "")
    assert len(bench.pids()) == 3


async def test_cancelling_ends_the_whole_tree(bench: Bench) -> None:
    bench.program("claude", f"{STUBBORN}say({delta('1. ')!r})\ntime.sleep(600)\n")
    asking = asyncio.create_task(bench.ask(timeouts=ROOMY))
    await wait_until(lambda: bool(bench.texts))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert len(bench.pids()) == 3


async def test_cancelling_twice_leaves_nothing_either(bench: Bench) -> None:
    bench.program("claude", f"{STUBBORN}say({delta('1. ')!r})\ntime.sleep(600)\n")
    asking = asyncio.create_task(bench.ask(timeouts=ROOMY))
    await wait_until(lambda: bool(bench.texts))
    for _ in range(3):
        asking.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_program_that_ends_leaves_no_helper_behind(bench: Bench) -> None:
    bench.program("claude", f"{STUBBORN}say({RESULT!r})\n")
    assert (await bench.ask(timeouts=ROOMY)).text == "1. cli.py: add the flag"
    assert len(bench.pids()) == 3


async def test_a_dribble_ends_with_the_total(bench: Bench) -> None:
    dribble = "while True:\n    print(' ', end='', flush=True)\n    time.sleep(0.01)\n"
    bench.program("claude", f"say({delta('1. ')!r})\n{dribble}")
    limits = Timeouts(first_token=20, idle=20, total=1.5)
    fault = await bench.fault(FaultKind.TIMEOUT, "was not done after 1.5 s", timeouts=limits)
    assert fault.partial == "1. "


async def test_bytes_are_a_sign_of_life_once_text_came(bench: Bench) -> None:
    ticks = "for _ in range(20):\n    say({'type': 'system'})\n    time.sleep(0.1)\n"
    bench.program("claude", f"say({delta('1. ')!r})\n{ticks}say({RESULT!r})\n")
    limits = Timeouts(first_token=20, idle=1, total=30)
    assert (await bench.ask(timeouts=limits)).text == "1. cli.py: add the flag"


async def test_a_program_that_does_not_stream_may_be_silent(bench: Bench) -> None:
    done = {"type": "turn.completed", "usage": {}}
    item = {"type": "item.completed", "item": {"type": "agent_message", "text": "1. cli"}}
    bench.program("codex", f"time.sleep(1)\nsay({item!r})\ntime.sleep(1)\nsay({done!r})\n")
    limits = Timeouts(first_token=0.1, idle=0.1, total=30)
    assert (await bench.ask("cli/codex", timeouts=limits)).text == "1. cli"


FLOODS = {
    "one line": "sys.stdout.write('x' * 10_000_000)\n",
    "lines": "for _ in range(10_000):\n    print('y' * 1000)\n",
    "a reply": f"say({delta('z')!r})\nfor n in range(10**6):\n    say({{'n': n, 'x': 'x' * 999}})\n",
    "stderr": "for _ in range(10_000):\n    print('y' * 1000, file=sys.stderr)\n",
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
async def test_ten_megabytes_are_stopped(bench: Bench, flood: str) -> None:
    bench.program("claude", f"{flood}time.sleep(600)\n")
    started = time.monotonic()
    await bench.fault(FaultKind.TOO_LONG, "more than the byte limit", timeouts=ROOMY)
    assert time.monotonic() - started < 15


async def test_text_has_the_reply_s_own_limit(bench: Bench) -> None:
    bench.declared["mine"] = {"command": ["mine"]}
    bench.program("mine", "print('x' * 3000, flush=True)\ntime.sleep(600)\n")
    limits = Timeouts(total=20, max_bytes=2_000)
    await bench.fault(FaultKind.TOO_LONG, "mine", "cli/mine", timeouts=limits)


async def test_a_reply_in_circles_is_stopped(bench: Bench) -> None:
    bench.program("claude", f"while True:\n    say({delta('again and again, ')!r})\n")
    fault = await bench.fault(FaultKind.REPETITION, "repeated itself", timeouts=ROOMY)
    assert fault.partial.startswith("again and again, ")


@pytest.mark.parametrize("code", [0, 3])
async def test_a_question_gets_the_end_of_input(bench: Bench, code: int) -> None:
    ask = "with contextlib.suppress(EOFError):\n    input('Which account? ')\n    sys.exit(9)\n"
    bench.program("claude", f"import contextlib\n{ask}sys.exit({code})\n")
    kind = FaultKind.BAD_REQUEST if code else FaultKind.NOT_A_REPLY
    await bench.fault(kind, "Which account?", timeouts=ROOMY)


async def test_no_terminal_is_there_to_ask(bench: Bench) -> None:
    look = "try:\n    open('/dev/tty')\n    note(opened=True)\nexcept OSError:\n    pass\n"
    bench.program("claude", f"{look}say({RESULT!r})\n")
    await bench.ask(timeouts=ROOMY)
    assert bench.run["tty"] == [False, False, False]
    assert '"opened"' not in bench.log.read_text()


@pytest.mark.parametrize("body, kind, said", [
    ("", FaultKind.EMPTY, "ended without any text"),
    ("print()\n", FaultKind.EMPTY, "ended without any text"),
    ("print('what happened', file=sys.stderr)\n", FaultKind.EMPTY, "what happened"),
    ("print('<html>')\n", FaultKind.NOT_A_REPLY, "<html>"),
    ("print('{\"type\": \"result\", \"result\": \"1. c')\n", FaultKind.NOT_A_REPLY, "update it"),
    ("say({'type': 'result'})\n", FaultKind.EMPTY, "without any text"),
    ("sys.exit(7)\n", FaultKind.BAD_REQUEST, "exit code 7 and no word"),
    ("print('half a plan')\nsys.exit(7)\n", FaultKind.BAD_REQUEST, "exit code 7 (“half a plan”)"),
    ("os.kill(os.getpid(), 9)\n", FaultKind.HOST_DIED, "ended by signal 9"),
    ("os.write(1, bytes(range(128, 256)) * 9)\n", FaultKind.NOT_A_REPLY, "claude"),
])  # fmt: skip
async def test_what_is_no_reply_is_a_fault(
    bench: Bench, body: str, kind: FaultKind, said: str
) -> None:
    bench.program("claude", body)
    await bench.fault(kind, said, timeouts=ROOMY)


async def test_a_reply_of_a_program_that_failed_is_only_kept_for_view(bench: Bench) -> None:
    bench.program("claude", f"say({delta('1. ')!r})\nsys.exit(7)\n")
    fault = await bench.fault(FaultKind.BAD_REQUEST, "exit code 7", timeouts=ROOMY)
    assert fault.partial == "1. "


async def test_two_calls_at_once_do_not_meet(bench: Bench) -> None:
    bench.program("claude", f"print(json.dumps({RESULT!r} | {{'result': prompt}}))\n")
    bench.expected_runs = 2
    replies = await asyncio.gather(bench.ask(prompt="one"), bench.ask(prompt="two"))
    assert [reply.text for reply in replies] == ["one", "two"]
    first, second = bench.runs()
    assert first["cwd"] != second["cwd"]
