"""The three coding CLIs that are known by name.

The prompt always goes in on stdin: as an argument it could not pass 128 KiB, and every user of
the machine would see it in `ps`. A program that does not know one of these flags refuses to start,
which is right: the flags are what takes its tools away.
"""

from collections.abc import Mapping

from core.adapters.cli_models.command import CliCommand, Output
from core.adapters.cli_models.dialects import read_claude, read_codex, read_gemini

CLAUDE = CliCommand(
    program="claude",
    args=(
        "-p",
        "--output-format",
        "stream-json",
        "--verbose",
        "--include-partial-messages",
        "--tools",
        "",
        "--strict-mcp-config",
        "--setting-sources",
        "user",
        "--settings",
        '{"disableAllHooks":true}',
        "--no-session-persistence",
        "--disable-slash-commands",
    ),
    system_args=("--system-prompt-file", "{system_file}"),
    output=Output.LINES,
    reader=read_claude,
    streams=True,
    variables={
        "CI": "",
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_MAX_RETRIES": "0",
    },
    passed=(
        "ANTHROPIC_*",
        "CLAUDE_*",
        "AWS_*",
        "CLOUD_ML_REGION",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ),
    login="run `claude` by itself and type /login",
)
"""Claude Code's print mode (CLI reference and environment variables on its documentation site).

`--tools ""` takes every tool away, `--strict-mcp-config` without a configuration every MCP server;
of the settings only the user's are read, for the way to log in. `stream-json` asks for `--verbose`.
With `CI` set the program looks for a key in the environment only and forgets who is logged in.
"""

CODEX = CliCommand(
    program="codex",
    args=(
        "exec",
        "--json",
        "--color",
        "never",
        "--sandbox",
        "read-only",
        "--skip-git-repo-check",
        "--ephemeral",
        "--ignore-user-config",
        "--ignore-rules",
        "-c",
        'approval_policy="never"',
        "-c",
        'web_search="disabled"',
        "-c",
        "features.shell_tool=false",
        "-c",
        "features.unified_exec=false",
    ),
    output=Output.LINES,
    reader=read_codex,
    passed=("OPENAI_*", "CODEX_*"),
    login="run `codex login`",
)
"""`codex exec` (openai/codex `codex-rs/exec/src/cli.rs`, features in `codex-rs/features`).

Without a prompt argument it reads stdin. The user's config.toml would start MCP servers, so it is
not loaded; who is logged in stands elsewhere and is. Messages come whole, when they are finished.
"""

GEMINI = CliCommand(
    program="gemini",
    args=(
        "--output-format",
        "stream-json",
        "--policy",
        "{own}/policy.toml",
        "--extensions",
        "none",
        "--allowed-mcp-server-names",
        "none",
        "--prompt",
        "Answer the request above.",
    ),
    output=Output.LINES,
    reader=read_gemini,
    streams=True,
    variables={"GEMINI_SYSTEM_MD": "{system_file}", "GEMINI_CLI_TRUST_WORKSPACE": "true"},
    passed=("GEMINI_*", "GOOGLE_*"),
    files={"policy.toml": '[[rule]]\ntoolName = "*"\ndecision = "deny"\npriority = 999\n'},
    login="run `gemini` by itself and sign in",
    logged_out=41,
)
"""gemini-cli's headless mode (`docs/cli/headless.md`, `docs/reference/policy-engine.md`).

`--prompt` is appended to stdin and makes the run headless. A denied tool is not even shown to the
model. What is trusted is the empty directory: an untrusted one can end the run before it starts.
Exit codes: `packages/core/src/utils/exitCodes.ts`.
"""

BUILT_IN: Mapping[str, CliCommand] = {"claude": CLAUDE, "codex": CODEX, "gemini": GEMINI}
"""By the name behind `cli/`."""
