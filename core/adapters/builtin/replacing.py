"""Replace a pattern, or run a file of rules: structural matches as exact sites."""

import re
from dataclasses import replace

from core.adapters.builtin.findings import Cannot, Rewrite, listed
from core.adapters.builtin.goals import Replace, RunRules
from core.adapters.builtin.sources import Sources
from core.domain.goal import matches
from core.edits.intent import Intent, Op, ParseFault
from core.edits.rules import parse_rules, rule_intents
from core.syntax.languages import language_of
from core.syntax.match import METAVARIABLE, Rule, rule_matches
from core.syntax.tree import RuleFault

_NOT_CODE = frozenset({"markdown", "json", "html"})


def replace_pattern(sources: Sources, wanted: Replace) -> Rewrite:
    """Every match of the pattern in the languages present. Raises Cannot with the reason."""
    _refuse_unbound(wanted)
    languages = _languages(sources, wanted)
    needle = _needle(wanted.pattern)
    intents: list[Intent] = []
    count, told = 0, []
    for path in sources.paths:
        language = language_of(path)
        if language not in languages or not _is_where(path, wanted.where):
            continue
        text = sources.text(path)
        if text is None or needle not in text:
            continue
        rule = Rule("goal", language, {"pattern": wanted.pattern}, wanted.fix)
        try:
            found = rule_matches(rule, path, text)
        except RuleFault as error:
            told.append(f"{language}: {error}")
            languages = tuple(name for name in languages if name != language)
            continue
        count += sum(match.count for match in found)
        intents += [
            Intent(path, Op.SITE, m.old, m.new, m.line, m.column) for m in found if m.old != m.new
        ]
    if not intents:
        raise Cannot(_nothing(wanted, languages, told))
    title = f"Replace `{wanted.pattern}` with `{wanted.fix}`"
    return _told(title, intents, f"{count} matches", (needle,) if len(needle) > 2 else ())


def run_rules(sources: Sources, wanted: RunRules) -> Rewrite:
    """Every match of a repository's rule file. Raises Cannot with the reason."""
    text = sources.text(wanted.path)
    if text is None:
        raise Cannot(f"There is no rule file {wanted.path} in the repository; name another path.")
    try:
        rules = parse_rules(text)
        files = {
            path: content
            for path in sources.paths
            if any(rule.applies_to(path) for rule in rules)
            and _is_where(path, wanted.where)
            and path != wanted.path
            and (content := sources.text(path)) is not None
        }
        intents, report = rule_intents(rules, files)
    except ParseFault as error:
        raise Cannot(f"{wanted.path} cannot be run: {error}") from None
    if not intents:
        raise Cannot(
            f"The rules of {wanted.path} match nothing in the scope; check their patterns."
        )
    counts = ", ".join(f"{name} {count}" for name, count in report.counts)
    return _told(f"Run the rules of {wanted.path}", list(intents), f"matches: {counts}", ())


def _told(title: str, intents: list[Intent], account: str, searches: tuple[str, ...]) -> Rewrite:
    numbered = tuple(replace(intent, number=n) for n, intent in enumerate(intents, 1))
    rewrite = Rewrite(title, numbered, searches=searches)
    rewrite.summary = f"{title}: {rewrite.count()} ({account})."
    rewrite.assumptions = ["text in strings and comments is left alone"]
    rewrite.acceptance = ("every match is replaced", "every touched file still parses")
    return rewrite


def _is_where(path: str, where: tuple[str, ...]) -> bool:
    return not where or any(matches(path, glob) for glob in where)


def _refuse_unbound(wanted: Replace) -> None:
    bound = {found[2] for found in METAVARIABLE.finditer(wanted.pattern)}
    for found in METAVARIABLE.finditer(wanted.fix):
        if found[2] not in bound or found[2].startswith("_"):
            raise Cannot(f"The replacement uses {found[0]}, which `{wanted.pattern}` never binds.")
    if wanted.pattern == wanted.fix:
        raise Cannot("The pattern and its replacement are the same; change one of them.")


def _languages(sources: Sources, wanted: Replace) -> tuple[str, ...]:
    present = tuple(name for name in sources.languages() if name not in _NOT_CODE)
    if not wanted.language:
        return present
    return ("typescript", "tsx") if wanted.language == "typescript" else (wanted.language,)


def _needle(pattern: str) -> str:
    """The longest word of a pattern that every match must contain."""
    words = re.findall(r"\w+", METAVARIABLE.sub(" ", pattern))
    return max(words, key=len, default="")


def _nothing(wanted: Replace, languages: tuple[str, ...], told: list[str]) -> str:
    if told:
        return f"`{wanted.pattern}` is no pattern ast-grep can read ({told[0]}); correct it."
    place = f" in {listed(wanted.where)}" if wanted.where else ""
    tried = listed(languages) or "no language that is bundled"
    return f"`{wanted.pattern}` matches nothing{place} (tried {tried}); check it or name the files."
