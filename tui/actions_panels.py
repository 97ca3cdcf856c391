"""Actions of one focused panel."""

from collections.abc import Iterable

from tui import reasons
from tui.action import Action


def diffs() -> Iterable[Action]:
    scope, some = "diffs", reasons.hunk
    yield Action(
        "accept",
        "y",
        scope,
        "accept",
        "accept this hunk and go to the next undecided",
        "accept",
        reasons.decide,
    )
    yield Action(
        "reject",
        "n",
        scope,
        "reject",
        "reject this hunk and go to the next undecided",
        "reject",
        reasons.decide,
    )
    yield Action(
        "accept-needed",
        "Y",
        scope,
        "with needed",
        "accept this hunk and every hunk it needs",
        "accept needed",
        reasons.accept_needed,
    )
    yield Action(
        "reject-needed",
        "N",
        scope,
        "with needing",
        "reject this hunk and every hunk that needs it",
        "reject needed",
        reasons.reject_needed,
    )
    yield Action(
        "accept-rest",
        "a",
        scope,
        "rest of file",
        "accept this hunk and the rest of the file",
        "accept rest",
        reasons.decide,
    )
    yield Action(
        "reject-rest",
        "d",
        scope,
        "drop rest",
        "reject this hunk and the rest of the file",
        "reject rest",
        reasons.decide,
    )
    yield Action(
        "accept-file",
        "A",
        scope,
        "accept file",
        "accept every hunk of the file",
        "accept file",
        reasons.decide,
    )
    yield Action(
        "reject-file",
        "D",
        scope,
        "reject file",
        "reject every hunk of the file",
        "reject file",
        reasons.decide,
    )
    yield Action(
        "toggle",
        "space",
        scope,
        "toggle",
        "undecided, accepted, rejected in turn",
        "toggle",
        reasons.decide,
    )
    yield Action(
        "split", "s", scope, "split", "split this hunk into smaller ones", "split", reasons.split
    )
    yield Action(
        "edit-hunk",
        "e",
        scope,
        "edit",
        "edit the added lines in your editor",
        "edit",
        reasons.decide,
    )
    yield Action(
        "next-hunk",
        "j,down",
        scope,
        "next",
        "next hunk (any; `t` leaves the undecided only)",
        "next",
        some,
    )
    yield Action("previous-hunk", "k,up", scope, "previous", "previous hunk", "previous", some)
    yield Action(
        "next-file", "J", scope, "next file", "first hunk of the next file", "next file", some
    )
    yield Action(
        "previous-file",
        "K",
        scope,
        "previous file",
        "first hunk of the previous file",
        "previous file",
        some,
    )
    yield Action(
        "undo-decision",
        "u",
        scope,
        "undo",
        "take back the last decision",
        "undo decision",
        reasons.undo_decision,
    )
    yield Action(
        "go-to-hunk", "g", scope, "go to", "go to a hunk by file, symbol or text", "hunk", some
    )
    yield Action(
        "undecided-only",
        "t",
        scope,
        "undecided only",
        "show undecided hunks only, or all",
        "undecided",
        some,
    )
    yield Action("centre", "z", scope, "centre", "bring the hunk to the middle", "centre", some)
    yield Action(
        "note-hunk", "c", scope, "note", "write a note about this hunk to the relay", "note", some
    )
    yield Action("copy-hunk", "ctrl+y", scope, "copy", "copy the hunk as a patch", "copy", some)
    yield Action(
        "show-hunk",
        "enter",
        scope,
        "whole",
        "show the whole hunk, its doubt and its origin",
        "show hunk",
        some,
    )


def lists() -> Iterable[Action]:
    task, item = reasons.task, reasons.item
    yield Action("next-task", "j,down", "plan", "next", "next task", "task next", task)
    yield Action(
        "previous-task", "k,up", "plan", "previous", "previous task", "task previous", task
    )
    yield Action(
        "edit-task",
        "e,enter",
        "plan",
        "edit",
        "edit title, intent, files and acceptance",
        "task edit",
        task,
    )
    yield Action("remove-task", "x", "plan", "remove", "remove the task", "task remove", task)
    yield Action(
        "include-task",
        "space",
        "plan",
        "in/out",
        "leave the task out, or take it in again",
        "task include",
        task,
    )
    yield Action("add-task", "o", "plan", "new", "add a task", "task add", reasons.run_exists)
    yield Action(
        "pin",
        "p",
        "context",
        "pin",
        "keep the item whatever the ranking says, again: release it; quote a file that is not",
        "context pin",
        item,
    )
    yield Action(
        "drop",
        "x",
        "context",
        "drop",
        "send the item to no model; again: restore it",
        "context drop",
        reasons.drop,
    )
    yield Action(
        "add-context",
        "o",
        "context",
        "add",
        "add a file, lines of it, or a definition by its name",
        "context add",
        reasons.run_exists,
    )
    yield Action(
        "show-item",
        "enter",
        "context",
        "read",
        "read the item as a model reads it",
        "context read",
        item,
    )
    yield Action(
        "sort-items",
        "T",
        "context",
        "sort",
        "list the largest items first, or in the order in which they are sent",
        "context sort",
        item,
    )
    yield Action("next-item", "j,down", "context", "next", "next item", "context next", item)
    yield Action(
        "previous-item", "k,up", "context", "previous", "previous item", "context previous", item
    )
    yield Action("next-event", "j,down", "events", "next", "next event", "event next")
    yield Action("previous-event", "k,up", "events", "previous", "previous event", "event previous")
    yield Action("follow", "F", "events", "follow", "follow the newest event, or stay", "follow")
    yield Action("show-event", "enter", "events", "detail", "show the whole event", "event read")
    yield Action(
        "show-receipt",
        "enter",
        "phases",
        "receipt",
        "read what the focused phase handed on",
        "receipt",
        reasons.receipt,
    )
    yield Action(
        "show-reply",
        "o",
        "phases",
        "raw reply",
        "read the model's own words",
        "reply",
        reasons.reply,
    )
    yield Action(
        "show-prompt",
        "p",
        "phases",
        "prompt",
        "read exactly what was sent",
        "prompt",
        reasons.reply,
    )
    yield Action("down-phase", "j,down", "phases", "next", "focus the next phase", "")
    yield Action("up-phase", "k,up", "phases", "previous", "focus the previous phase", "")
