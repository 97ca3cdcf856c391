"""The finder's own process: keeps the index of one root and answers questions about it.

    parent (finder.py)                                  child (finder_server.py)
    hello   root, cache                ---------->      opens the index
    refresh | rank | quote |
      names | describe          id ---------->
                                       <----------      progress  done, total   (any number)
                                       <----------      answer  id, value       (or)
                                       <----------      fault   id, sentence
    cancel  id                         ---------->      gives up what it does under that number
    (stdin closed)                     ---------->      exits at once, whatever it was doing

One question at a time, in order. What was committed to the index when the process is ended stays.
"""

import os
import queue
import threading
from dataclasses import asdict
from pathlib import Path

from core.adapters.finding import Finding
from core.adapters.lines import Message, Value, decode, say, take_the_pipes
from core.codec import validate
from core.config import environment
from core.domain.context import Candidate, Trust
from core.domain.errors import RelaypairError
from core.domain.project import Part

NICENESS = 5
"""A first index is work for the background."""


class _Cancelled(Exception):
    """The question in hand is not wanted any more."""


def main() -> None:
    """Serve until stdin closes."""
    read_end, write_end = take_the_pipes()
    os.nice(NICENESS)
    _Server(read_end, write_end).run()


class _Server:
    """Reads messages in a thread, so that a closed stdin ends even a busy process."""

    def __init__(self, read_end: int, write_end: int) -> None:
        self._read_end = read_end
        self._write_end = write_end
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._finding: Finding | None = None
        self._hello: Message = {}

    def run(self) -> None:
        """Answer messages for ever."""
        threading.Thread(target=self._listen, daemon=True).start()
        self._hello = self._inbox.get()
        while True:
            self._answer(self._inbox.get())

    def _listen(self) -> None:
        with os.fdopen(self._read_end, "rb") as lines:
            for line in lines:
                message = decode(line)
                if message["op"] == "cancel":
                    self._cancelled.add(message["id"])
                else:
                    self._inbox.put(message)
        os._exit(0)

    def _answer(self, message: Message) -> None:
        number = message["id"]
        try:
            if number not in self._cancelled:
                value = self._value(message)
                say(self._write_end, {"op": "answer", "id": number, "value": value})
        except _Cancelled:
            pass
        except RelaypairError as fault:
            say(self._write_end, {"op": "fault", "id": number, "sentence": str(fault)})
        except Exception as error:
            told = f"The search broke down ({type(error).__name__}: {error}); please report this."
            say(self._write_end, {"op": "fault", "id": number, "sentence": told})
        self._cancelled.discard(number)

    def _value(self, message: Message) -> Value:
        finding = self._open()

        def tell(done: int, total: int) -> None:
            if message["id"] in self._cancelled:
                raise _Cancelled
            say(self._write_end, {"op": "progress", "done": done, "total": total})

        match message["op"]:
            case "refresh":
                return finding.refresh(tell)
            case "rank":
                found = finding.rank(
                    message["goal"], with_history=message["with_history"], on_progress=tell
                )
                return asdict(found)
            case "quote":
                wanted = [_candidate(row) for row in message["candidates"]]
                items = finding.quote(message["goal"], wanted, message["budget"])
                return [asdict(item) for item in items]
            case "describe":
                return finding.describe(validate(tuple[Part, ...], message["parts"]))
            case _:
                places = finding.definitions(message["name"], message["limit"])
                return [asdict(place) for place in places]

    def _open(self) -> Finding:
        if self._finding is None:
            root, cache = Path(self._hello["root"]), Path(self._hello["cache"])
            self._finding = Finding.open(root, cache, environment())
        return self._finding


def _candidate(row: Message) -> Candidate:
    return Candidate(row["path"], row["score"], row["why"], Trust(row["trust"]))
