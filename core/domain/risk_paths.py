"""The built-in rules that look at a path alone."""

from core.domain.risk import RiskTier
from core.domain.risk_never import LOCKS, PROSE, TESTS, listed
from core.domain.risk_rule import JUDGES, RUNS, RiskRule


def phrases(text: str) -> tuple[str, ...]:
    """The words of a text; `sign_in` is two words in a row."""
    return tuple(word.replace("_", " ") for word in text.split())


_TERMS = ("license", "licence", "copying", "notice", "unlicense", "copyright")

PLACES: tuple[RiskRule, ...] = (
    RiskRule(
        "auth",
        RiskTier.HIGH,
        "who a user is",
        globs=("**/*auth/**", "**/*auth.*", "**/*auth2/**"),
        words=phrases("""
            auth authn authz authentication authenticate authenticator authorization authorisation
            authorize oauth oauth2 oidc saml sso jwt login logout signin sign_in password passwords
            passwd credential credentials mfa totp webauthn ldap
        """),
        unless=(*TESTS, *PROSE),
        matches=("app/auth/views.py", "src/login.ts", "src/useAuth.ts", "modules/caddyauth/a.go"),
        misses=("authors/a.py", "src/author.py", "tests/test_auth.py", "docs/auth.md"),
    ),
    RiskRule(
        "access",
        RiskTier.HIGH,
        "who may do what",
        words=phrases("""
            permission permissions acl acls rbac iam sudo sudoers privilege privileges
            access_control accesscontrol
        """),
        unless=(*TESTS, *PROSE),
        matches=("app/permissions.py", "lib/access_control/x.rb", "src/AccessControl.java"),
        misses=("src/accessor.py", "src/dacl2.py", "tests/test_permissions.py", "data/access.py"),
    ),
    RiskRule(
        "billing",
        RiskTier.HIGH,
        "money",
        words=phrases("""
            billing payment payments payout payouts payroll invoice invoices invoicing refund
            refunds pricing stripe paypal braintree
        """),
        unless=(*TESTS, *PROSE),
        matches=("billing/models.py", "src/InvoiceService.java", "app/payments/api.go"),
        misses=("src/payload.py", "docs/billing.md", "src/striped.py", "tests/billing/test_a.py"),
    ),
    RiskRule(
        "security",
        RiskTier.HIGH,
        "a guard against attacks",
        words=phrases("""
            security csrf xsrf cors csp sanitize sanitise sanitizer sanitiser firewall secret
            secrets vault
        """),
        unless=(*TESTS, *PROSE),
        matches=("app/security/headers.py", "lib/csrf.js", "pkg/secrets/store.go"),
        misses=("SECURITY.md", "src/secretary.py", "tests/test_cors.py", "src/scores.py"),
    ),
    RiskRule(
        "crypto",
        RiskTier.HIGH,
        "encryption and keys",
        globs=("**/*tls/**", "**/*tls.*"),
        words=phrases("""
            crypto cryptography cipher ciphers encrypt encryption decrypt decryption hmac tls ssl
            x509 pki keystore keyring certificate certificates certs
        """),
        unless=(*TESTS, *PROSE),
        matches=("src/crypto/aes.py", "modules/caddytls/tls.go", "lib/x509/chain.rs"),
        misses=("src/decipherable.py", "docs/tls.md", "src/titles.py", "tests/test_hmac.py"),
    ),
    RiskRule(
        "migrations",
        RiskTier.HIGH,
        "stored data, which a wrong step changes for good",
        globs=("**/*.sql", "**/db/migrate/**", "**/db/schema.rb", "**/schema.prisma"),
        words=("migration", "migrations", "alembic", "flyway", "liquibase"),
        unless=(*TESTS, *PROSE),
        matches=("app/migrations/0002_x.py", "db/schema.sql", "db/migrate/20260101_a.rb"),
        misses=("docs/migration.md", "src/immigration.py", "tests/data/rows.sql"),
    ),
    RiskRule(
        "data",
        RiskTier.HIGH,
        "personal or saved data",
        words=phrases("""
            gdpr privacy pii anonymize anonymise anonymizer retention backup backups erasure
        """),
        unless=(*TESTS, *PROSE),
        matches=("jobs/backup.py", "app/gdpr/export.py", "lib/PiiFilter.java"),
        misses=("docs/privacy.md", "src/pipe.py", "tests/test_backup.py"),
    ),
    RiskRule(
        "ci",
        RiskTier.HIGH,
        "what builds and publishes the project, with its keys",
        globs=listed("""
            .github/workflows/** .github/actions/** **/action.yml **/action.yaml **/.gitlab-ci*
            .gitlab/ci/** **/.circleci/** **/jenkinsfile* **/.ci/** **/.buildkite/** **/.travis.yml
            **/.cirrus.yml **/appveyor.yml **/.appveyor.yml **/azure-pipelines*.yml
            **/bitbucket-pipelines.yml **/.drone.yml **/.woodpecker* **/.pre-commit-config.yaml
        """),
        flags=(RUNS,),
        matches=(".github/workflows/ci.yml", "Jenkinsfile", ".gitlab-ci.yml"),
        misses=(".github/ISSUE_TEMPLATE/bug.md", "src/ci.py", "docs/jenkins.md"),
    ),
    RiskRule(
        "release",
        RiskTier.HIGH,
        "what is shipped and where it runs",
        globs=listed("""
            **/dockerfile* **/*.dockerfile **/containerfile **/docker-compose* **/compose.yml
            **/compose.yaml **/*.tf **/*.tfvars **/.goreleaser* **/procfile **/k8s/**
            **/kubernetes/** **/helm/** **/charts/** **/ansible/** **/serverless.yml **/fly.toml
            **/vercel.json **/netlify.toml **/release.sh **/release.py **/release.toml
            **/scripts/release* **/deploy*.sh **/deploy/** **/.github/dependabot.yml
            **/renovate.json*
        """),
        unless=PROSE,
        matches=("Dockerfile", "infra/main.tf", "scripts/release.py", "docker-compose.prod.yml"),
        misses=("docs/release.md", "src/helmet.py", "src/deployed.py", "docker.py"),
    ),
    RiskRule(
        "licence",
        RiskTier.HIGH,
        "the terms under which the code is used",
        globs=(
            "licenses/**",
            *(f"**/{name}{end}" for name in _TERMS for end in ("", ".md", ".txt", ".rst", "-*")),
            "**/copying.lesser",
        ),
        matches=("LICENSE", "LICENSE-MIT", "licenses/apache.txt", "NOTICE"),
        misses=("src/license.py", "src/notice.ts", "tests/license_test.go"),
    ),
    RiskRule(
        "reviewers",
        RiskTier.HIGH,
        "who must review which files",
        globs=("codeowners", ".github/codeowners", "docs/codeowners", ".gitlab/codeowners"),
        matches=("CODEOWNERS", ".github/CODEOWNERS"),
        misses=("src/codeowners.py",),
    ),
    RiskRule(
        "tools",
        RiskTier.HIGH,
        "configuration that editors, agents and git obey",
        globs=listed("""
            **/.vscode/** **/*.code-workspace **/.idea/** **/.zed/** **/.fleet/**
            **/.devcontainer/** **/.devcontainer.json **/.husky/** **/.githooks/** **/lefthook.y*
            **/.gitattributes **/.gitmodules **/.gitconfig **/.gitignore_global **/.editorconfig
            **/.exrc **/.nvim.lua **/.nvimrc **/.envrc **/.npmrc **/.yarnrc* **/pip.conf **/.pypirc
            **/.netrc **/.mise.toml **/.tool-versions **/agents.md **/agents.override.md
            **/claude*.md **/gemini.md **/.claude/** **/.codex/** **/.gemini/** **/.cursor/**
            **/.cursorrules **/.cursorignore **/.windsurf/** **/.windsurfrules **/.clinerules*
            **/.roo/** **/.roomodes **/.junie/** **/.continue/** **/.aider* **/.mcp.json **/mcp.json
            **/opencode.json* **/copilot-instructions.md .github/instructions/** .github/prompts/**
            **/.env **/.env.* **/*.pth **/sitecustomize.py **/usercustomize.py **/.relaypair*
        """),
        unless=("**/.env.example", "**/.env.sample", "**/.env.template", "**/.env.dist"),
        flags=(RUNS,),
        matches=(".vscode/settings.json", "AGENTS.md", "sub/.mcp.json", ".relaypair.toml"),
        misses=("docs/agents/index.md", "src/vscode.ts", ".env.example"),
    ),
    RiskRule(
        "build",
        RiskTier.HIGH,
        "build and test configuration",
        globs=listed("""
            **/conftest.py **/setup.py **/setup.cfg **/pyproject.toml **/tox.ini **/pytest.ini
            **/mypy.ini **/ruff.toml **/.ruff.toml **/.flake8 **/.coveragerc **/.pylintrc
            **/noxfile.py **/tasks.py **/makefile **/gnumakefile **/*.mk **/justfile **/taskfile.yml
            **/rakefile **/gemfile **/*.gemspec **/package.json **/tsconfig*.json **/deno.json*
            **/gulpfile.* **/gruntfile.* **/*.config.js **/*.config.cjs **/*.config.mjs
            **/*.config.ts **/.eslintrc* **/.babelrc* **/.mocharc* **/cargo.toml **/build.rs
            **/.cargo/** **/rust-toolchain* **/go.mod **/go.work **/.golangci* **/build.gradle*
            **/settings.gradle* **/gradlew* **/gradle/wrapper/** **/pom.xml **/mvnw* **/*.csproj
            **/*.sln **/directory.build.* **/nuget.config **/cmakelists.txt **/*.cmake
            **/meson.build **/build.bazel **/*.bzl **/configure.ac **/composer.json **/mix.exs
            **/package.swift **/pipfile **/environment.yml
        """),
        flags=(RUNS, JUDGES),
        matches=("tests/conftest.py", "Makefile", "web/vite.config.ts", "go.mod"),
        misses=("src/makefile.py", "docs/setup.md", "src/config.ts"),
    ),
    RiskRule(
        "lock-files",
        RiskTier.HIGH,
        "which code of others is used",
        globs=LOCKS,
        matches=("uv.lock", "requirements.txt", "web/package-lock.json", "requirements/dev.txt"),
        misses=("src/lock.py", "src/blocks.ts", "docs/requirements.md"),
    ),
    RiskRule(
        "commerce",
        RiskTier.MEDIUM,
        "orders and prices",
        words=phrases("""
            checkout cart price prices discount coupon tax subscription
        """),
        unless=(*TESTS, *PROSE),
        matches=("shop/checkout.py", "src/CartView.tsx"),
        misses=("src/syntax.py", "src/cartesian.py", "docs/cart.md"),
    ),
    RiskRule(
        "sessions",
        RiskTier.MEDIUM,
        "what a server remembers of a user",
        words=("session", "sessions", "cookie", "cookies"),
        unless=(*TESTS, *PROSE),
        matches=("web/session.py", "lib/cookies/jar.ts"),
        misses=("src/obsession.py", "tests/test_session.py"),
    ),
    RiskRule(
        "repository",
        RiskTier.MEDIUM,
        "settings of the repository",
        globs=(".github/**", ".gitlab/**", "**/.gitignore", "**/.dockerignore"),
        matches=(".github/ISSUE_TEMPLATE/bug.md", ".gitignore"),
        misses=("src/github.py",),
    ),
    RiskRule(
        "tests",
        RiskTier.MEDIUM,
        "tests",
        globs=(*TESTS, "**/*.snap", "**/*.ambr", "**/__snapshots__/**"),
        flags=(JUDGES,),
        matches=("tests/test_a.py", "a_test.go", "src/a.spec.ts", "FooTest.java"),
        misses=("src/contest.py", "src/latest.py", "attestation.py"),
    ),
    RiskRule(
        "public-interface",
        RiskTier.MEDIUM,
        "what other code is written against",
        globs=listed("""
            **/__init__.py **/api/** **/public/** index.ts index.js **/src/index.ts
            **/src/index.js **/lib/index.js **/lib.rs **/*.d.ts **/*.proto **/*.graphql
            **/openapi.*
        """),
        unless=(*TESTS, *PROSE),
        matches=("pkg/__init__.py", "src/lib.rs", "proto/user.proto"),
        misses=("tests/__init__.py", "docs/api/index.md", "src/core/index.ts"),
    ),
)
"""Places where a wrong change costs more than elsewhere."""
