"""The built-in rules that look at changed lines."""

from core.domain.risk import RiskTier
from core.domain.risk_never import TESTS
from core.domain.risk_rule import JUDGES, RiskRule

_PY = ("**/*.py", "**/*.pyi", "**/*.ipynb")
_JS = tuple(f"**/*.{end}" for end in ("js", "jsx", "ts", "tsx", "mjs", "cjs", "vue", "svelte"))
_GO, _RUST = ("**/*.go",), ("**/*.rs",)
_JVM = ("**/*.java", "**/*.kt", "**/*.scala", "**/*.groovy")
_RUBY, _PHP, _CS = ("**/*.rb", "**/*.rake"), ("**/*.php",), ("**/*.cs",)
_C = tuple(f"**/*.{end}" for end in ("c", "h", "cc", "cpp", "hpp", "cxx"))
_SHELL = ("**/*.sh", "**/*.bash", "**/*.zsh", "**/dockerfile*", "**/makefile", "**/*.mk")
_CODE = (*_PY, *_JS, *_GO, *_RUST, *_JVM, *_RUBY, *_PHP, *_CS, *_C, *_SHELL)

_SQL = "(?:select|insert into|update|delete from)"

CODE: tuple[RiskRule, ...] = (
    RiskRule(
        "runs-commands",
        RiskTier.HIGH,
        "a program is started, or text is run as code",
        globs=_CODE,
        added=(
            r"\bsubprocess\.(?:run|Popen|call|check_call|check_output|getoutput|getstatusoutput)\b",
            r"\bcreate_subprocess_(?:exec|shell)\(",
            r"\bos\.(?:system|popen|exec[lv]p?e?|spawn[lv]p?e?|posix_spawn)\(",
            r"\bshell\s?=\s?True\b",
            r"(?:^|[=(,:\s])(?:eval|exec)\([^)\s]",
            r"\b__import__\(|\bimportlib\.import_module\(",
            r"\bchild_process\b|\bnew Function\(|\bvm\.runIn\w{0,20}Context\(",
            r"\bexec\.Command(?:Context)?\(|\bsyscall\.(?:Exec|ForkExec)\(",
            r"\bCommand::new\(",
            r"\bgetRuntime\(\)\.exec\(|\bnew ProcessBuilder\(",
            r"\bProcess\.Start\(|\bnew ProcessStartInfo\b",
            r"\b(?:shell_exec|passthru|proc_open|popen)\(|(?:^|[=(;\s])system\(",
            r"\b(?:instance_eval|class_eval|Open3\.\w{1,20})\b",
            r"\b(?:curl|wget)\b[^\n|]{0,150}\|\s?(?:sudo )?(?:ba|z)?sh\b",
        ),
        matches=(
            "src/a.py\n+    subprocess.run([cmd])",
            "src/a.py\n+x = eval(text)",
            "main.go\n+\tcmd := exec.Command(name)",
            "install.sh\n+curl https://host/x | sh",
            "src/a.js\n+const { spawn } = require('child_process')",
            'src/a.rs\n+    Command::new("git")',
        ),
        misses=(
            "src/a.py\n+    model.eval()",
            "src/a.js\n+  const m = re.exec(text)",
            "src/a.py\n+# never use eval(text)",
            "docs/a.md\n+subprocess.run(x)",
            "src/a.py\n-    subprocess.run([cmd])",
            "src/a.py\n-    subprocess.run(cmd)\n+        subprocess.run(cmd)",
        ),
    ),
    RiskRule(
        "loads-objects",
        RiskTier.HIGH,
        "data is turned into objects, which can run code",
        globs=_CODE,
        added=(
            r"\b(?:pickle|cPickle|dill|cloudpickle|marshal|jsonpickle)\.(?:loads?|decode|Unpickler)\b",
            r"\b(?:shelve\.open|joblib\.load|torch\.load|pd\.read_pickle)\(",
            r"\byaml\.(?:unsafe_load|full_load)\w{0,4}\(|\byaml\.load\([^,\n)]{1,80}\)",
            r"\bObjectInputStream\(|\bBinaryFormatter\b|\bTypeNameHandling\.(?:All|Auto|Objects)\b",
            r"(?:^|[=(\s])unserialize\(|\bMarshal\.load\(|\bYAML\.(?:unsafe_)?load\(",
        ),
        matches=("src/a.py\n+    x = pickle.loads(data)", "src/a.py\n+yaml.load(text)"),
        misses=(
            "src/a.py\n+yaml.safe_load(text)",
            "src/a.py\n+yaml.load(text, Loader=yaml.SafeLoader)",
            "src/a.py\n+    pickle.dumps(x)",
        ),
    ),
    RiskRule(
        "sql-from-strings",
        RiskTier.HIGH,
        "a statement for a database is put together from text",
        globs=_CODE,
        added=(
            rf"(?i)\bf(?:\"{{1,3}}|'{{1,3}})\s{{0,3}}{_SQL}\b[^\n]{{0,60}}\{{",
            rf"(?i)[\"']{_SQL} [^\"'\n]{{0,120}}[\"']\s{{0,2}}(?:%|\+|\.format\()",
            rf"(?i)`\s{{0,3}}{_SQL}\b[^`\n]{{0,150}}\$\{{",
            rf"(?i)\b(?:sprintf|format!)\(\s{{0,3}}[\"`]{_SQL}\b",
        ),
        unless=TESTS,
        matches=(
            'src/a.py\n+    db.execute(f"SELECT * FROM users WHERE id = {i}")',
            'src/a.js\n+  db.query("SELECT a FROM b WHERE c = " + c)',
            'a.go\n+\tq := fmt.Sprintf("SELECT %s", c)',
        ),
        misses=(
            'src/a.py\n+    db.execute("SELECT * FROM users WHERE id = ?", (i,))',
            'src/a.py\n+    log(f"updated {name}")',
        ),
    ),
    RiskRule(
        "checks-off",
        RiskTier.HIGH,
        "a certificate, a host or a form is no longer checked",
        globs=(*_CODE, "**/*.yml", "**/*.yaml", "**/*.toml", "**/*.json", "**/.gitconfig"),
        unless=TESTS,
        added=(
            r"\bverify(?:_ssl|_certs)?\s?=\s?False\b|\bssl\s?=\s?False\b",
            r"\bCERT_NONE\b|\bcheck_hostname\s?=\s?False\b|\b_create_unverified_context\b",
            r"\bInsecureSkipVerify:\s{1,4}true\b",
            r"\brejectUnauthorized['\"]?\s?:\s?false\b|\bNODE_TLS_REJECT_UNAUTHORIZED\b",
            r"\bdanger_accept_invalid_\w{1,20}\(true\)",
            r"\bVERIFY_NONE\b|\bCURLOPT_SSL_VERIFYPEER\b|\bsslVerify\b",
            r"\bcurl\b[^\n]{0,100} (?:-k|--insecure)\b|--no-check-certificate\b",
            r"\bStrictHostKeyChecking[ =]no\b|\bAutoAddPolicy\(",
            r"\bcsrf_exempt\b|\bskip_before_action :verify_authenticity_token\b",
        ),
        matches=("src/a.py\n+    get(url, verify=False)", "a.go\n+\tInsecureSkipVerify: true,"),
        misses=("src/a.py\n+    get(url, verify=True)", "src/a.py\n+    verified = False"),
    ),
    RiskRule(
        "access-opened",
        RiskTier.HIGH,
        "who may do what",
        globs=(*_CODE, "**/*.yml", "**/*.yaml"),
        added=(
            r"\bchmod\b[^\n]{0,40}\b(?:0?o?777|a\+w|[ugo]{0,3}\+s)\b",
            r"\b0o?777\b",
            r"\bsetuid\(|\bseteuid\(",
            r"\b(?:AllowAny|permitAll|AllowAnonymous|allow_any_instance)\b",
            r"(?i)\baccess-control-allow-origin['\":, ]{1,5}\*",
            r"^\s{0,40}privileged:\s?true\b",
        ),
        removed=(
            r"@(?:login_required|permission_required|user_passes_test|requires?_\w{1,30})\b",
            r"@(?:PreAuthorize|RolesAllowed|Secured|Authorize)\b|\[Authorize\b",
            r"\bpermission_classes\b|\bbefore_action :(?:auth|require)\w{0,30}",
            r"\b(?:check|require|ensure|assert|has|verify)_?[pP]ermissions?\(",
        ),
        matches=(
            "src/a.py\n+    os.chmod(path, 0o777)",
            "app/views.py\n-@login_required",
            "a.java\n+  .anyRequest().permitAll()",
        ),
        misses=("app/views.py\n+@login_required", "src/a.py\n+    os.chmod(path, 0o755)"),
    ),
    RiskRule(
        "credentials",
        RiskTier.HIGH,
        "a key or a password",
        globs=(*_CODE, "**/*.yml", "**/*.yaml", "**/*.toml", "**/*.json", "**/*.ini", "**/*.cfg"),
        unless=TESTS,
        added=(
            r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----",
            r"\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bsk-[A-Za-z0-9_-]{20,80}\b",
            r"(?i)\b\w{0,20}(?:password|passwd|secret|api_?key|access_?token)['\"]?\s?[:=]\s?['\"][^'\"\s{}$<]{6,80}['\"]",
            r"(?i)\b(?:environ|getenv|env)\W{1,4}\w{0,30}(?:password|secret|api_?key|token)\w{0,10}",
            r"\bgetpass\.getpass\(|\bkeyring\.(?:get|set)_password\(",
        ),
        matches=(
            "src/a.py\n+API_KEY = 'abcdef123456'",
            "src/a.py\n+key = os.environ['STRIPE_API_KEY']",
            "deploy.yml\n+-----BEGIN RSA PRIVATE KEY-----",
        ),
        misses=(
            "src/a.py\n+password = input()",
            "src/a.py\n+    def password(self): ...",
            "tests/test_a.py\n+PASSWORD = 'correcthorse'",
        ),
    ),
    RiskRule(
        "uses-crypto",
        RiskTier.HIGH,
        "encryption and keys",
        globs=_CODE,
        unless=TESTS,
        added=(
            r"^\s{0,20}(?:from|import) (?:cryptography|Crypto|Cryptodome|nacl)\b",
            r"^\s{0,20}(?:from|import) (?:jwt|jose|bcrypt|argon2|ssl|hmac|secrets)\b",
            r"\"crypto/(?:aes|cipher|des|ecdsa|ed25519|elliptic|hmac|rand|rsa|tls|x509)\"",
            r"\bcreate(?:Cipher|Decipher|Hmac|Sign)\w{0,4}\(",
            r"\brequire\(['\"](?:bcrypt|jsonwebtoken|crypto-js)['\"]\)",
            r"\bjavax\.crypto\b|\bCipher\.getInstance\(|\bSystem\.Security\.Cryptography\b",
            r"^\s{0,8}use (?:ring|rustls|aes|rsa|openssl|ed25519\w{0,10})::",
        ),
        matches=("src/a.py\n+import hmac", 'a.go\n+\t"crypto/tls"'),
        misses=(
            "src/a.py\n+import hashlib",
            'a.go\n+\t"crypto/sha256"',
            "src/a.py\n+import secretsauce",
        ),
    ),
    RiskRule(
        "unsafe-code",
        RiskTier.HIGH,
        "the compiler no longer guards memory, or a page shows text as markup",
        globs=(*_RUST, *_GO, *_JS, *_C),
        added=(
            r"\bunsafe (?:\{|fn|impl|trait|extern)",
            r"\bunsafe\.(?:Pointer|Slice|String)\w{0,4}\(",
            r"\bdangerouslySetInnerHTML\b|\.(?:inner|outer)HTML\s?\+?=[^=]|\bv-html\b|\bdocument\.write\(",
            r"\b(?:strcpy|strcat|sprintf|gets|vsprintf)\(",
        ),
        matches=("src/a.rs\n+    unsafe { *p }", "src/a.tsx\n+<p dangerouslySetInnerHTML={x} />"),
        misses=(
            "src/a.rs\n+    // unsafe { *p }",
            "src/a.js\n+if (e.innerHTML === x)",
            "a.c\n+snprintf(b, n, f);",
        ),
    ),
    RiskRule(
        "deletes-data",
        RiskTier.HIGH,
        "rows or files are deleted for good",
        globs=(*_CODE, "**/*.sql", "**/*.yml", "**/*.yaml"),
        unless=TESTS,
        added=(
            r"(?i)\bdrop (?:table|database|schema|column|view|index)\b",
            r"(?i)\btruncate table\b|(?:^|['\"`;])\s{0,9}truncate \w{1,60}\s?(?:;|['\"`]|$)",
            r"(?i)\bdelete from [\w.\"`\[\]]{1,80}\s{0,3}(?:;|['\"`]\s{0,3}[,;)]|['\"`]$)",
            r"\bshutil\.rmtree\(|\bos\.RemoveAll\(|\bremove_dir_all\(|\bFileUtils\.rm_r?f\b",
            r"\b(?:fs|fsp|fsPromises)\.(?:rm|rmSync|rmdir|rmdirSync)\(|\brimraf\b",
            r"\brm -(?:rf|fr|r)\b",
            r"\.objects\.all\(\)\.delete\(|\bdropDatabase\(|\bdeleteMany\(\{\s?\}|\bFLUSHALL\b",
            r"\bop\.drop_(?:table|column)\(|\b(?:DeleteModel|RemoveField)\(",
        ),
        matches=(
            "src/a.py\n+    db.execute('DELETE FROM users')",
            "db/x.sql\n+DROP TABLE users;",
            "clean.sh\n+rm -rf build",
            "a.go\n+\tos.RemoveAll(dir)",
        ),
        misses=(
            "src/a.py\n+    db.execute('DELETE FROM users WHERE id = ?', (i,))",
            "src/a.py\n+    file.truncate(0)",
            "src/a.py\n+    frame.drop(columns=['a'])",
            "tests/test_a.py\n+    shutil.rmtree(path)",
        ),
    ),
    RiskRule(
        "uses-network",
        RiskTier.MEDIUM,
        "the code talks to other machines",
        globs=_CODE,
        unless=TESTS,
        added=(
            r"^\s{0,20}(?:from|import) (?:socket|requests|httpx|aiohttp|urllib3?|http)\b",
            r"^\s{0,20}(?:from|import) (?:smtplib|ftplib|paramiko|websockets?)\b",
            r"^\s{0,8}(?:_ |\w{1,20} )?\"(?:net|net/http|net/smtp|net/rpc)\"",
            r"\b(?:require\(|from )['\"](?:node:)?(?:net|https?|dgram|axios|node-fetch|got)['\"]",
            r"\bfetch\(['\"`]http|\bnew WebSocket\(|\bXMLHttpRequest\(",
            r"^\s{0,8}use (?:reqwest|hyper|std::net|tokio::net)\b",
            r"\bjava\.net\.|\bHttpClient\b|\bfile_get_contents\(['\"]http|\bNet::HTTP\b",
            r"(?:^|[\s;&|(])(?:curl|wget) [^\n]{0,60}http",
        ),
        matches=(
            "src/a.py\n+import requests",
            'a.go\n+\t"net/http"',
            "src/a.js\n+fetch('https://a')",
        ),
        misses=(
            "src/a.py\n+import sockets_of_mine",
            "src/a.py\n+from http_tools import x",
            'a.go\n+\t"net/url"',
        ),
    ),
    RiskRule(
        "silenced",
        RiskTier.MEDIUM,
        "a linter, a type checker or a coverage count is told to look away",
        globs=_CODE,
        added=(
            r"#\s?(?:type: ignore|noqa|nosec|pragma: no cover|pylint: disable|pyright: ignore)",
            r"(?:eslint-disable|@ts-(?:ignore|nocheck|expect-error)|biome-ignore)\b",
            r"(?:istanbul|c8) ignore\b",
            r"//\s?(?:nolint|#nosec)\b",
            r"#!?\[allow\(|@SuppressWarnings\b|#pragma warning disable\b|\brubocop:disable\b",
        ),
        comments=True,
        flags=(JUDGES,),
        matches=("src/a.py\n+x = f()  # type: ignore", "src/a.ts\n+// @ts-ignore"),
        misses=("src/a.py\n+# ignore the type here", "docs/a.md\n+# type: ignore"),
    ),
)
"""Code that does what needs a look wherever it stands."""
