"""The faults of secrets and trust, of what models say, and of providers: what happens at each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One fault, in words."""

    fault: str
    outcome: str


ROWS = {
    71: Row(
        "a key stands in a file that was found",
        "it is left out of every prompt, the gap is shown, and the user is told; a rerun whose note"
        " begins `as is:` sends once what the note holds",
    ),
    72: Row(
        "`.env` and other key files",
        "not found, not shown and not edited, even when a model asks for them by name",
    ),
    73: Row(
        "a provider repeats the key in its error",
        "`[key]` stands in its place on the screen and in the journal, which is the user's alone",
    ),
    74: Row(
        "a repository's files name models, addresses, keys, limits or checks",
        "ignored, each with a notice; checks are proposed and wait for an answer",
    ),
    75: Row(
        "a proposed check was changed after it was allowed",
        "asked about again, whether its words or the file changed",
    ),
    76: Row(
        "a repository brings a state of Relaypair along",
        "never read: state is kept in the user's own folder, by the repository's path",
    ),
    77: Row(
        "a file gives orders to models",
        "quoted between fences and flagged; a model that obeys is turned down by the scope, and its"
        " words answer no question",
    ),
    78: Row(
        "a reply speaks of files or lines that are not there",
        "asked once more with the false claim named, then the phase fails",
    ),
    79: Row(
        "a reply ends at the output limit",
        "not read, even where it looks complete; asked once more with that fact",
    ),
    80: Row(
        "a model refuses, or says nothing",
        "named as such; asked once more, then one step up or the user",
    ),
    81: Row(
        "a reply is of another form",
        "goes back once with the error in the rule's own words, then the phase fails",
    ),
    82: Row(
        "a reply does not end",
        "stopped at the byte limit while it streams, the request ended, its tokens counted; asked"
        " once more",
    ),
    83: Row(
        "a reply dribbles, stops in the middle, or never begins",
        "ended by the limit of the whole call, of silence, or of the first text; asked at most three"
        " times",
    ),
    84: Row(
        "a reply goes round in circles",
        "noticed and stopped long before the byte limit; asked once more",
    ),
    85: Row(
        "edits of one reply contradict one another",
        "nothing of the reply is staged; it goes back with both edits named",
    ),
    86: Row(
        "an edit's text or file is not there",
        "goes back once with the nearest text; what is not alike enough is never staged",
    ),
    87: Row(
        "an edit leaves the scope",
        "the reply is turned down with the path named; the second time the phase fails",
    ),
    88: Row("an edit changes nothing", "said so, and no success; asked once more"),
    89: Row(
        "the same edit fails again",
        "one step up or the user, no third time with the same model; a repair is not tried again",
    ),
    90: Row(
        "an edit of a file that the model was never shown", "refused, and the second time it fails"
    ),
    91: Row(
        "the key is refused",
        "stops at once and names the variable; nothing is tried again but the route's next model",
    ),
    92: Row(
        "quota or credit is used up",
        "stops at once and offers another model; the route's next one is asked where there is one",
    ),
    93: Row(
        "a provider asks for a pause",
        "waited for, counted down and open to cancelling, at most twice; a pause of more than a"
        " minute is not waited for",
    ),
    94: Row(
        "a provider is overloaded",
        "asked again at most twice after uneven pauses, apart from the one retry for what is said",
    ),
    95: Row(
        "no connection, or no answer in time",
        "the cause is named; the run can be taken up again, and local engines go on",
    ),
    96: Row(
        "the line is cut in the middle",
        "what came stays in view and is not used; its tokens and price are marked as an estimate",
    ),
    97: Row(
        "something else than a reply comes back",
        "one line with its first printable characters; asked at most three times",
    ),
    98: Row(
        "a prompt does not fit the model",
        "not sent where the window is known; else the lowest-ranked context is left out, once, and"
        " told",
    ),
    99: Row(
        "nobody knows the model",
        "refused as its phase begins, with names like it; a call that runs is not touched",
    ),
    100: Row(
        "no price is known",
        "shown as `$?`, never as 0; a limit in dollars then counts tokens; a price in the user's own file is one",
    ),
    101: Row(
        "token counts are missing or zero",
        "estimated; a price from them is marked `~`, an unknown one `$?`",
    ),
    102: Row(
        "a call passes a limit of the budget",
        "it ends, or is cut where `[budget] cut` says so; no other is made, and the phase stops until"
        " the limit is raised",
    ),
    103: Row(
        "every model of a route fails",
        "each is tried once, however often the route names it, and all are listed",
    ),
}
