"""Which paths cost how much when a change to them is wrong. Rules carry examples that must hold."""

from dataclasses import dataclass

from core.domain.goal import matches
from core.domain.path import UnsafePath, safe_path
from core.domain.risk import RiskTier

RUNS = "runs on the next check"
JUDGES = "changes how it is judged"


@dataclass(frozen=True, slots=True)
class RiskRule:
    """Paths that match any glob, compared without case, have at least this tier."""

    tier: RiskTier
    globs: tuple[str, ...]
    why: str
    flags: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    """Paths that must match: checked when a policy is built."""

    def covers(self, path: str) -> bool:
        """Whether the rule speaks of this path."""
        return any(matches(path.casefold(), glob) for glob in self.globs)


@dataclass(frozen=True, slots=True)
class RiskVerdict:
    """The tier of a path, why, and the flags of every rule that covers it."""

    tier: RiskTier
    why: str
    flags: tuple[str, ...]


def _words(*words: str) -> tuple[str, ...]:
    return tuple(
        glob
        for w in words
        for glob in (f"**/{w}", f"**/{w}/**", f"**/{w}.*", f"**/{w}_*", f"**/*_{w}.*")
    )


DEFAULT_RULES: tuple[RiskRule, ...] = (
    RiskRule(
        RiskTier.HIGH,
        _words("auth", "login", "session", "permissions", "oauth", "security", "crypto"),
        "security",
        examples=("app/auth/views.py", "src/login.ts"),
    ),
    RiskRule(
        RiskTier.HIGH,
        _words("billing", "payment", "payments", "invoice", "checkout"),
        "money",
        examples=("billing/invoice.py",),
    ),
    RiskRule(
        RiskTier.HIGH,
        (*_words("migrations", "migration"), "**/*.sql"),
        "data",
        examples=("app/migrations/0002_x.py", "db/schema.sql"),
    ),
    RiskRule(
        RiskTier.HIGH,
        (
            ".github/**",
            ".gitlab-ci.yml",
            ".circleci/**",
            "**/jenkinsfile",
            ".ci/**",
            "**/dockerfile",
            "**/*.tf",
        ),
        "delivery",
        (RUNS,),
        (".github/workflows/ci.yml",),
    ),
    RiskRule(
        RiskTier.HIGH, ("**/license*", "**/copying*", "**/notice"), "licence", examples=("LICENSE",)
    ),
    RiskRule(
        RiskTier.HIGH,
        (
            ".vscode/**",
            ".idea/**",
            ".husky/**",
            "**/.gitattributes",
            "**/.gitmodules",
            "**/.gitconfig",
            "**/agents.md",
            "**/claude.md",
            ".claude/**",
            ".cursor/**",
            "**/.env*",
            "**/*.pth",
            "**/sitecustomize.py",
            "**/.relaypair.toml",
        ),
        "configuration that other programs obey",
        (RUNS,),
        (".vscode/settings.json", "AGENTS.md"),
    ),
    RiskRule(
        RiskTier.HIGH,
        (
            "**/conftest.py",
            "**/setup.py",
            "**/setup.cfg",
            "**/pyproject.toml",
            "**/tox.ini",
            "**/pytest.ini",
            "**/noxfile.py",
            "**/makefile",
            "**/package.json",
            "**/cargo.toml",
            "**/build.rs",
            "**/build.gradle*",
            "**/pom.xml",
            "**/*.config.js",
            "**/*.config.ts",
        ),
        "build and test configuration",
        (RUNS, JUDGES),
        ("tests/conftest.py", "Makefile"),
    ),
    RiskRule(
        RiskTier.HIGH,
        (
            "**/*.lock",
            "**/package-lock.json",
            "**/pnpm-lock.yaml",
            "**/go.sum",
            "**/requirements*.txt",
        ),
        "dependencies",
        examples=("uv.lock", "requirements.txt"),
    ),
    RiskRule(
        RiskTier.MEDIUM,
        ("**/tests/**", "**/test/**", "**/test_*.py", "**/*_test.*", "**/*.test.*", "**/*.spec.*"),
        "tests",
        (JUDGES,),
        ("tests/test_a.py", "a_test.go"),
    ),
    RiskRule(
        RiskTier.MEDIUM,
        (
            "**/__init__.py",
            "**/api/**",
            "**/public/**",
            "**/index.ts",
            "**/index.js",
            "**/lib.rs",
            "**/mod.rs",
        ),
        "public interface",
        examples=("pkg/__init__.py",),
    ),
)
"""The defaults; a user's rules are added to them and can only be stricter."""


@dataclass(frozen=True, slots=True)
class RiskPolicy:
    """An ordered set of rules; the strictest that covers a path wins."""

    rules: tuple[RiskRule, ...] = DEFAULT_RULES

    def __post_init__(self) -> None:
        """Refuse a rule whose own examples do not hold. Raises ValueError."""
        for rule in self.rules:
            for example in rule.examples:
                if not rule.covers(example):
                    raise ValueError(f"risk rule {rule.why!r} does not cover its example {example}")

    def assess(self, path: str) -> RiskVerdict:
        """Tier, reason and flags of a path; an unsafe path is forbidden."""
        try:
            plain = safe_path(path)
        except UnsafePath as error:
            return RiskVerdict(RiskTier.FORBIDDEN, str(error), ())
        covering = [rule for rule in self.rules if rule.covers(plain)]
        if not covering:
            return RiskVerdict(RiskTier.LOW, "nothing special", ())
        strictest = max(covering, key=lambda rule: rule.tier)
        return RiskVerdict(
            strictest.tier, strictest.why, tuple(f for r in covering for f in r.flags)
        )
