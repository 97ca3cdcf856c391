import time

import pytest

from core.domain.owners import NO_OWNERS, parse_owners
from core.domain.risk import RiskTier
from core.domain.risk_rule import JUDGES, RUNS, Change
from core.domain.risk_rules import DEFAULT_RULES, RiskPolicy, RiskRule, assess
from core.domain.risk_table import read_table

PLAIN = RiskPolicy()
LOW, MEDIUM, HIGH, FORBIDDEN = RiskTier

OWNERS = parse_owners(
    "# who looks at what\n"
    "*.sql @org/data\n"
    "/src/core/ @ada @org/security  # the heart\n"
    "/src/core/free.py\n"
    "docs/* @writers\n"
    "auth/ bob@example.com\n"
)
OWN = PLAIN.with_table(
    read_table(
        {
            "rules": [
                {
                    "name": "heart",
                    "tier": "high",
                    "paths": ["src/Heart/**"],
                    "why": "the heart of it",
                    "matches": ["src/heart/a.py"],
                    "misses": ["src/hearts/a.py"],
                },
                {
                    "name": "no-print",
                    "tier": "medium",
                    "added": [r"\bprint\("],
                    "matches": ["a.py\n+print(1)"],
                },
                {
                    "name": "protected",
                    "tier": "forbidden",
                    "paths": ["legal/**"],
                    "matches": ["legal/terms.txt"],
                },
            ],
            "raise": {"tests": "high", "sessions": "forbidden"},
            "owners": {"@org/security": "high"},
            "allow": ["vendor/ours/**", "src/session.py"],
        }
    )
)


def change(text: str) -> Change:
    """Lines with `+`, `-`, and a blank for the head of the file."""
    lines = text.split("\n") if text else []
    by = {mark: tuple(x[1:] for x in lines if x[:1] == mark) for mark in "+- "}
    return Change(by["+"], by["-"], "\n".join(by[" "]))


PATHS = [
    ("README.md", LOW, ""),
    ("docs/auth.md", LOW, ""),
    ("docs/billing/index.rst", LOW, ""),
    ("src/app.py", LOW, ""),
    ("src/author.py", LOW, ""),
    ("authors/ada.py", LOW, ""),
    ("src/authored_by.py", LOW, ""),
    ("src/tokens.py", LOW, ""),
    ("src/license.py", LOW, ""),
    ("src/latest.py", LOW, ""),
    ("src/contest/a.py", LOW, ""),
    ("src/syntax.py", LOW, ""),
    ("src/payload.py", LOW, ""),
    ("src/cartesian.rs", LOW, ""),
    ("src/compress.go", LOW, ""),
    ("src/policy.py", LOW, ""),
    ("src/core/index.ts", LOW, ""),
    ("shop/vendor/models.py", LOW, ""),
    ("src/blocks.ts", LOW, ""),
    ("app/auth/views.py", HIGH, "auth"),
    ("App/AUTH/Views.py", HIGH, "auth"),
    ("src/useAuth.ts", HIGH, "auth"),
    ("src/HTTPAuthFilter.java", HIGH, "auth"),
    ("modules/caddyauth/caddyauth.go", HIGH, "auth"),
    ("web/sign-in.tsx", HIGH, "auth"),
    ("lib/password_reset.rb", HIGH, "auth"),
    ("lib/oauth2/client.py", HIGH, "auth"),
    ("app/permissions.py", HIGH, "access"),
    ("src/accessControl.ts", HIGH, "access"),
    ("app/billing/run.py", HIGH, "billing"),
    ("src/InvoiceService.java", HIGH, "billing"),
    ("app/payments/stripe.go", HIGH, "billing"),
    ("lib/csrf.js", HIGH, "security"),
    ("pkg/secrets/store.go", HIGH, "security"),
    ("src/crypto/aes.rs", HIGH, "crypto"),
    ("modules/caddytls/acme.go", HIGH, "crypto"),
    ("app/migrations/0002_x.py", HIGH, "migrations"),
    ("db/migrate/20260101_a.rb", HIGH, "migrations"),
    ("db/schema.sql", HIGH, "migrations"),
    ("jobs/backup.py", HIGH, "data"),
    ("app/gdpr/export.ts", HIGH, "data"),
    (".github/workflows/ci.yml", HIGH, "ci"),
    (".GitHub/Workflows/ci.yml", HIGH, "ci"),
    (".gitlab-ci.yml", HIGH, "ci"),
    ("Jenkinsfile", HIGH, "ci"),
    (".pre-commit-config.yaml", HIGH, "ci"),
    ("Dockerfile", HIGH, "release"),
    ("infra/main.tf", HIGH, "release"),
    ("scripts/release.sh", HIGH, "release"),
    ("LICENSE", HIGH, "licence"),
    ("COPYING.txt", HIGH, "licence"),
    ("LICENSE-APACHE", HIGH, "licence"),
    (".github/CODEOWNERS", HIGH, "reviewers"),
    (".vscode/settings.json", HIGH, "tools"),
    ("AGENTS.md", HIGH, "tools"),
    ("sub/CLAUDE.md", HIGH, "tools"),
    (".cursor/rules/a.mdc", HIGH, "tools"),
    (".mcp.json", HIGH, "tools"),
    (".gitattributes", HIGH, "tools"),
    (".relaypair.toml", HIGH, "tools"),
    ("pkg/x.pth", HIGH, "tools"),
    (".env.production", HIGH, "tools"),
    (".env.example", LOW, ""),
    ("tests/conftest.py", HIGH, "build"),
    ("pyproject.toml", HIGH, "build"),
    ("Makefile", HIGH, "build"),
    ("web/vite.config.ts", HIGH, "build"),
    ("build.rs", HIGH, "build"),
    ("go.mod", HIGH, "build"),
    ("go.sum", HIGH, "lock-files"),
    ("uv.lock", HIGH, "lock-files"),
    ("requirements-dev.txt", HIGH, "lock-files"),
    ("shop/checkout.py", MEDIUM, "commerce"),
    ("web/session.py", MEDIUM, "sessions"),
    (".github/ISSUE_TEMPLATE/bug.md", MEDIUM, "repository"),
    ("tests/test_auth.py", MEDIUM, "tests"),
    ("tests/billing/test_a.py", MEDIUM, "tests"),
    ("pkg/a_test.go", MEDIUM, "tests"),
    ("src/a.spec.ts", MEDIUM, "tests"),
    ("pkg/__init__.py", MEDIUM, "public-interface"),
    ("src/lib.rs", MEDIUM, "public-interface"),
    ("proto/user.proto", MEDIUM, "public-interface"),
    ("api/user.pb.go", FORBIDDEN, "generated-name"),
    ("static/app.min.js", FORBIDDEN, "generated-name"),
    ("vendor/github.com/a/b.go", FORBIDDEN, "vendored"),
    ("Vendor/lib/a.js", FORBIDDEN, "vendored"),
    ("web/node_modules/x/index.js", FORBIDDEN, "vendored"),
    ("third_party/zlib/a.c", FORBIDDEN, "vendored"),
    ("../x", FORBIDDEN, "unsafe-path"),
    (".git/hooks/pre-commit", FORBIDDEN, "unsafe-path"),
    ("/etc/passwd", FORBIDDEN, "unsafe-path"),
]

CHANGES = [
    ("src/a.py", "+x = 1", LOW, ""),
    ("src/a.py", "+    subprocess.run(argv)", HIGH, "runs-commands"),
    ("tests/test_a.py", "+    subprocess.run(argv)", HIGH, "runs-commands"),
    ("src/a.py", "-    subprocess.run(argv)", LOW, ""),
    ("src/a.py", "-    os.system(a)\n+        os.system(a)", LOW, ""),
    ("src/a.py", "-    os.system(a)\n+    os.system(b)", HIGH, "runs-commands"),
    ("src/a.py", "+# os.system(a) is not used here", LOW, ""),
    ("docs/a.md", "+    os.system(a)", LOW, ""),
    ("src/a.py", "+value = eval(text)", HIGH, "runs-commands"),
    ("src/a.py", "+model.eval()", LOW, ""),
    ("src/a.js", "+const m = pattern.exec(text)", LOW, ""),
    ("src/a.py", "+    shell=True,", HIGH, "runs-commands"),
    ("cmd/a.go", "+\tcmd := exec.Command(name)", HIGH, "runs-commands"),
    ("src/a.rs", '+    Command::new("git")', HIGH, "runs-commands"),
    ("run.sh", "+curl -s https://host/x | bash", HIGH, "runs-commands"),
    ("src/a.py", "+pickle.loads(data)", HIGH, "loads-objects"),
    ("src/a.py", "+yaml.safe_load(text)", LOW, ""),
    ("src/a.py", '+db.execute(f"SELECT a FROM b WHERE c={c}")', HIGH, "sql-from-strings"),
    ("src/a.py", '+db.execute("SELECT a FROM b WHERE c=?", (c,))', LOW, ""),
    ("src/a.go", '+q := fmt.Sprintf("SELECT %s", c)', HIGH, "sql-from-strings"),
    ("src/a.py", "+get(url, verify=False)", HIGH, "checks-off"),
    ("src/a.py", "+get(url, verify=True)", LOW, ""),
    ("src/a.go", "+\tInsecureSkipVerify: true,", HIGH, "checks-off"),
    ("src/a.py", "+os.chmod(p, 0o777)", HIGH, "access-opened"),
    ("src/a.py", "+os.chmod(p, 0o644)", LOW, ""),
    ("app/views.py", "-@login_required", HIGH, "access-opened"),
    ("app/views.py", "+@login_required", LOW, ""),
    ("src/a.py", "+API_KEY = 'abcdef123456'", HIGH, "credentials"),
    ("src/a.py", "+key = os.environ['STRIPE_API_KEY']", HIGH, "credentials"),
    ("src/a.py", "+password = ask()", LOW, ""),
    ("src/a.py", "+import hmac", HIGH, "uses-crypto"),
    ("src/a.py", "+import hashlib", LOW, ""),
    ("src/a.rs", "+    unsafe { *p }", HIGH, "unsafe-code"),
    ("src/a.tsx", "+<p dangerouslySetInnerHTML={x} />", HIGH, "unsafe-code"),
    ("src/a.py", "+db.execute('DELETE FROM users')", HIGH, "deletes-data"),
    ("src/a.py", "+db.execute('DELETE FROM users WHERE id=?', i)", LOW, ""),
    ("src/a.py", "+db.execute('drop table users')", HIGH, "deletes-data"),
    ("src/a.py", "+db.execute('TRUNCATE users')", HIGH, "deletes-data"),
    ("src/a.py", "+file.truncate(0)", LOW, ""),
    ("src/a.py", "+shutil.rmtree(p)", HIGH, "deletes-data"),
    ("tests/test_a.py", "+shutil.rmtree(p)", MEDIUM, "tests"),
    ("src/a.py", "+import requests", MEDIUM, "uses-network"),
    ("src/a.py", "+x = f()  # type: ignore", MEDIUM, "silenced"),
    ("src/a.ts", "+// @ts-ignore", MEDIUM, "silenced"),
    ("tests/test_a.py", "+def test_b():\n+    assert f() == 1", MEDIUM, "tests"),
    ("tests/test_a.py", "-def test_b():\n-    assert f() == 1", HIGH, "test-removed"),
    ("tests/test_a.py", "-def test_b():\n+def test_c():", MEDIUM, "tests"),
    ("tests/test_a.py", "-    assert f() == 1", HIGH, "assertion-removed"),
    ("tests/test_a.py", "-    assert f() == 1\n+    assert f() == 2", MEDIUM, "tests"),
    ("src/a.py", "-    assert f() == 1", LOW, ""),
    ("pkg/a_test.go", '-\t\tt.Errorf("no")', HIGH, "assertion-removed"),
    ("src/a.test.js", "-  expect(f()).toBe(1)", HIGH, "assertion-removed"),
    ("src/a.rs", "-        assert_eq!(f(), 1);", HIGH, "assertion-removed-in-rust"),
    ("tests/test_a.py", "+@pytest.mark.skip", HIGH, "test-skipped"),
    ("src/a.test.js", "+xit('adds', f)", HIGH, "test-skipped"),
    ("pkg/a_test.go", '+\tt.Skip("later")', HIGH, "test-skipped"),
    ("src/a.rs", "+    #[ignore]", HIGH, "test-skipped"),
    ("src/test/ATest.java", "+  @Disabled", HIGH, "test-skipped"),
    ("tests/test_a.py", "-@mark.skipif(a)\n+@mark.skipif(b)", MEDIUM, "tests"),
    ("tests/test_a.py", "+    assert True", HIGH, "assertion-emptied"),
    (
        "tests/test_a.py",
        "-    assert x == approx(1, abs=1e-9)\n+    assert x == approx(1, abs=1)",
        HIGH,
        "tolerance-changed",
    ),
    ("a.go", " // Code generated by x. DO NOT EDIT.\n+x", FORBIDDEN, "generated"),
    ("gen.py", " HEAD = '// Code generated by x. DO NOT EDIT.'\n+x", LOW, ""),
    ("Cargo.lock", " # This file is automatically @generated by Cargo.\n+x", HIGH, "lock-files"),
    ("src/a.py", "+" + "x" * 2_000, MEDIUM, "unread"),
    ("docs/a.md", "+" + "x" * 2_000, LOW, ""),
    ("app/auth/a.py", "+pickle.loads(x)", HIGH, "loads-objects"),
]


@pytest.mark.parametrize(("path", "tier", "rule"), PATHS)
def test_a_path_has_this_tier_by_this_rule(path: str, tier: RiskTier, rule: str) -> None:
    verdict = assess(path, Change(), NO_OWNERS, PLAIN)
    assert (verdict.tier, verdict.rule) == (tier, rule)


@pytest.mark.parametrize(("path", "text", "tier", "rule"), CHANGES)
def test_a_change_has_this_tier_by_this_rule(
    path: str, text: str, tier: RiskTier, rule: str
) -> None:
    verdict = assess(path, change(text), NO_OWNERS, PLAIN)
    assert (verdict.tier, verdict.rule) == (tier, rule)


@pytest.mark.parametrize(
    ("path", "tier", "rule", "why"),
    [
        ("src/core/a.py", MEDIUM, "owned", "owned by @ada @org/security"),
        ("src/core/free.py", LOW, "", "nothing special"),
        ("other/core/a.py", LOW, "", "nothing special"),
        ("docs/a.md", MEDIUM, "owned", "owned by @writers"),
        ("docs/deep/a.md", LOW, "", "nothing special"),
        ("db/a.sql", HIGH, "migrations", "owned by @org/data"),
        ("src/auth/a.py", HIGH, "auth", "owned by bob@example.com"),
        ("tests/a.sql", MEDIUM, "tests", "tests; owned by @org/data"),
    ],
)
def test_an_owned_path_is_at_least_medium_and_names_its_owners(
    path: str, tier: RiskTier, rule: str, why: str
) -> None:
    verdict = assess(path, Change(), OWNERS, PLAIN)
    assert (verdict.tier, verdict.rule) == (tier, rule)
    assert verdict.why.endswith(why)


@pytest.mark.parametrize(
    ("path", "text", "tier", "rule"),
    [
        ("src/heart/a.py", "", HIGH, "heart"),
        ("src/a.py", "+print(1)", MEDIUM, "no-print"),
        ("src/a.py", "+pprint(1)", LOW, ""),
        ("legal/terms.txt", "", FORBIDDEN, "protected"),
        ("tests/test_a.py", "+x = 1", HIGH, "tests"),
        ("web/session.py", "", FORBIDDEN, "sessions"),
        ("src/session.py", "", HIGH, "sessions"),
        ("src/core/a.py", "", HIGH, "owned"),
        ("vendor/ours/a.go", "", HIGH, "vendored"),
        ("vendor/theirs/a.go", "", FORBIDDEN, "vendored"),
        ("src/a.py", "+subprocess.run(a)", HIGH, "runs-commands"),
    ],
)
def test_what_the_users_file_adds_counts(path: str, text: str, tier: RiskTier, rule: str) -> None:
    verdict = assess(path, change(text), OWNERS, OWN)
    assert (verdict.tier, verdict.rule) == (tier, rule)


def test_the_table_has_over_a_hundred_and_twenty_rows() -> None:
    assert len(PATHS) + len(CHANGES) > 120


def test_flags_of_every_covering_rule_are_kept() -> None:
    assert assess("tests/conftest.py").flags == (RUNS, JUDGES)
    verdict = assess("tests/test_a.py", change("+subprocess.run(a)\n-    assert x"))
    assert verdict.flags == (JUDGES,)


@pytest.mark.parametrize("rule", DEFAULT_RULES, ids=lambda rule: rule.name)
def test_every_built_in_rule_has_examples_of_both_kinds(rule: RiskRule) -> None:
    assert rule.matches and rule.misses and rule.why
    assert sum(r.name == rule.name for r in DEFAULT_RULES) == 1


@pytest.mark.parametrize("unit", [" ", "a", "assert ", "f'select ", "password='", "curl ", "(["])
def test_long_lines_take_no_long_time(unit: str) -> None:
    line = unit * (1_000 // len(unit))
    started = time.perf_counter()
    for path in ("src/a.py", "tests/test_a.py", "a.go", "a_test.rs"):
        assess(path, Change((line,) * 200, (line + "x",) * 200, line), NO_OWNERS, PLAIN)
    assert time.perf_counter() - started < 8
