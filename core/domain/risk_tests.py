"""The built-in rules that look at changed lines of tests: changes after which they prove less."""

from core.domain.risk import RiskTier
from core.domain.risk_never import TESTS
from core.domain.risk_rule import JUDGES, RiskRule

_RUST = ("**/*.rs",)
_TESTED = (*TESTS, *_RUST)
"""Where tests are: in Rust next to the code they test."""

WEAKENED: tuple[RiskRule, ...] = (
    RiskRule(
        "test-removed",
        RiskTier.HIGH,
        "a test is taken out",
        globs=_TESTED,
        removed=(
            r"^\s{0,40}(?:async )?def test\w{0,80}\(",
            r"^\s{0,40}(?:it|test|specify)(?:\.each)?[(`]",
            r"^\s{0,40}it ['\"]",
            r"^func (?:Test|Fuzz|Example)\w{0,80}\(",
            r"^\s{0,40}#\[(?:\w{1,20}::)?test\b",
            r"^\s{0,40}@(?:Test|ParameterizedTest)\b",
            r"^\s{0,40}\[(?:Test|TestCase|Fact|Theory)\b",
            r"^\s{0,40}public function test\w{0,80}\(",
        ),
        flags=(JUDGES,),
        matches=(
            "tests/test_a.py\n-def test_one():\n-    go()",
            "a_test.go\n-func TestOne(t *testing.T) {",
            "src/lib.rs\n-    #[test]",
            "a.spec.ts\n-  it('adds', () => {",
        ),
        misses=(
            "tests/test_a.py\n-def test_one():\n+def test_first():",
            "tests/test_a.py\n-def helper():",
            "src/a.py\n-def test_connection():",
        ),
    ),
    RiskRule(
        "assertion-removed",
        RiskTier.HIGH,
        "fewer things are asserted than before",
        globs=TESTS,
        removed=(
            r"^\s{0,60}assert\b",
            r"\bself\.(?:assert|fail)\w{1,40}\(",
            r"\bpytest\.(?:raises|warns|deprecated_call)\(",
            r"\bexpect\(",
            r"\b(?:assert|require)\.\w{1,40}\(",
            r"\bt\.(?:Error|Fatal|Fail)\w{0,3}\(",
            r"\bassert\w{1,40}[!(]",
            r"\bassert!\(",
            r"\bshould(?:\.|_not|_eq)",
        ),
        flags=(JUDGES,),
        matches=(
            "tests/test_a.py\n-    assert x == 1",
            'a_test.go\n-\t\tt.Errorf("got %d", n)',
            "src/a.test.ts\n-  expect(x).toBe(1)",
            "tests/cli.rs\n-    assert_eq!(a, b);",
        ),
        misses=(
            "tests/test_a.py\n-    assert x == 1\n+    assert x == 2",
            "tests/test_a.py\n-    assert x\n+        assert x",
            "src/a.py\n-    assert x",
        ),
    ),
    RiskRule(
        "assertion-removed-in-rust",
        RiskTier.HIGH,
        "fewer things are asserted than before",
        globs=_RUST,
        removed=(r"\bassert_(?:eq|ne|matches)!\(",),
        flags=(JUDGES,),
        matches=("src/lib.rs\n-        assert_eq!(f(1), 2);",),
        misses=("src/lib.rs\n-        debug_assert!(x);",),
    ),
    RiskRule(
        "test-skipped",
        RiskTier.HIGH,
        "a test no longer runs, or is no longer expected to pass",
        globs=_TESTED,
        gained=(
            r"@(?:pytest\.)?mark\.(?:skip|skipif|xfail)\b",
            r"\bpytest\.(?:skip|xfail|importorskip)\(",
            r"@(?:unittest\.)?(?:skip|skipIf|skipUnless|expectedFailure)\b",
            r"\bself\.skipTest\(",
            r"\b(?:it|test|describe|context)\.(?:skip|only|todo|failing)\b",
            r"^\s{0,40}(?:xit|xtest|xdescribe|fit|fdescribe)\b",
            r"\bt\.Skip(?:f|Now)?\(",
            r"^\s{0,40}#\[ignore\b",
            r"@(?:Disabled|Ignore)\b",
            r"\[Ignore\b|\bSkip\s?=\s?\"",
            r"\bmarkTest(?:Skipped|Incomplete)\(",
        ),
        flags=(JUDGES,),
        matches=(
            "tests/test_a.py\n+@pytest.mark.skip",
            "a.test.js\n+  xit('adds', f)",
            'a_test.go\n+\tt.Skip("flaky")',
            "src/a.rs\n+    #[ignore]",
            "src/test/java/ATest.java\n+  @Disabled",
        ),
        misses=(
            "tests/test_a.py\n+    skip = True",
            "tests/test_a.py\n-@mark.skipif(a)\n+@mark.skipif(b)",
            "src/a.py\n+@pytest.mark.skip",
            "a.test.js\n+  const exit = 1",
        ),
    ),
    RiskRule(
        "assertion-emptied",
        RiskTier.HIGH,
        "an assertion holds whatever the code does",
        globs=_TESTED,
        added=(
            r"^\s{0,60}assert (?:True|1|not False|\w{1,30} or True)\s{0,5}(?:$|#|,)",
            r"\bassertTrue\((?:True|true)\b",
            r"\bassert!\(true\b",
            r"\bexpect\((?:true|1)\)\.to(?:Be|Equal)\((?:true|1)\)",
            r"\bassert(?:\.|_)(?:True|true|ok)\((?:t, )?(?:true|True)\b",
            r"\|\| true\s{0,5}$",
        ),
        flags=(JUDGES,),
        matches=("tests/test_a.py\n+    assert True", "tests/a.rs\n+    assert!(true);"),
        misses=("tests/test_a.py\n+    assert True is f()", "src/a.py\n+    assert True"),
    ),
    RiskRule(
        "tolerance-changed",
        RiskTier.HIGH,
        "how far a result may be off, or how long it may take",
        globs=TESTS,
        changed=(
            r"\b(?:abs|rel|rtol|atol|delta|places|decimal|epsilon|eps|tolerance|tol)\s?[=:]\s?[\d.]",
            r"\b(?:assertAlmostEqual|toBeCloseTo|InDelta|InEpsilon|approx)\(",
            r"\b(?:max_diff|threshold|fail_under|timeout)\s?[=:]\s?[\d.]",
        ),
        flags=(JUDGES,),
        matches=(
            "tests/test_a.py\n-  assert x == approx(1, abs=1e-9)\n+  assert x == approx(1, abs=9)",
        ),
        misses=(
            "tests/test_a.py\n+    assert x == approx(1, abs=1e-9)",
            "src/a.py\n-eps = 1\n+eps = 2",
        ),
    ),
)
"""Changes after which tests prove less."""
