"""Models behind coding CLIs: `cli/claude`, `cli/claude:opus`, `cli/NAME` for the user's own."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from core.adapters.cli_models import faults
from core.adapters.cli_models.call import Call, Setting
from core.adapters.cli_models.command import CliCommand
from core.adapters.cli_models.environment import search_path
from core.adapters.model_host.redact import excerpt, secrets_in
from core.domain.errors import FaultKind, ModelFault
from core.domain.model import ModelInfo, ModelReply, ModelRequest, OnText
from core.ports import ignore

PREFIX = "cli"

_MODEL = re.compile(r"[A-Za-z0-9][\w.:/@\[\]-]*", re.ASCII)
"""What may follow the colon: nothing that a program could take for a flag."""

_NO_PRICES: Mapping[str, tuple[float, float]] = {}


class CliModels:
    """`ModelClient` over programs of the user's, each call one run of one program.

    A program runs in an empty temporary directory, which is deleted afterwards, as the user and
    with the network: it needs its own login. It gets no terminal, no path to the repository, and
    its input ends after the prompt. When a call ends, for whatever reason, no process of it is
    left.
    Several calls may run at once.
    """

    def __init__(
        self,
        commands: Mapping[str, CliCommand],
        env: Mapping[str, str],
        *,
        repository: Path,
        prices: Mapping[str, tuple[float, float]] = _NO_PRICES,
        on_note: OnText = ignore,
    ) -> None:
        """`env` is the user's environment, `prices` dollars per million tokens in and out by model
        id; `on_note` hears of files that a program wrote and that were ignored.
        """
        self._commands = dict(commands)
        self._env = dict(env)
        self._repository = repository.resolve()
        self._prices = dict(prices)
        self._on_note = on_note
        self._secrets = secrets_in(env)
        self._is_closed = False

    @property
    def models(self) -> tuple[ModelInfo, ...]:
        """One per command, found or not; any model of its own may follow behind a colon."""
        return tuple(self._info(name) for name in sorted(self._commands))

    def find(self, name: str) -> str:
        """The path of a command's program, or an empty string. Raises KeyError for no command."""
        program = self._commands[name].program
        return shutil.which(program, path=search_path(self._env, self._repository)) or ""

    async def complete(self, request: ModelRequest, on_text: OnText = ignore) -> ModelReply:
        """Answer by running the program once. Raises ModelFault.

        Cancelling ends every process of the run. `max_output` and `temperature` have no flag in any
        of the programs, are not passed on, and the reply says so.
        """
        if self._is_closed:
            raise ModelFault(FaultKind.CANNOT, request.model, "Relaypair is closing.")
        name, _, model = request.model.removeprefix(f"{PREFIX}/").partition(":")
        command = self._command(request.model, name, model)
        executable = self.find(name)
        if not executable:
            trouble = faults.missing(command)
            raise ModelFault(trouble.kind, request.model, trouble.sentence)
        setting = Setting(
            command,
            executable,
            model,
            self._env,
            self._repository,
            self._prices.get(request.model),
            self._secrets,
            self._on_note,
        )
        try:
            return await Call(setting, request, on_text).run()
        except OSError as error:
            why = excerpt(str(error), self._secrets, 100)
            raise ModelFault(
                FaultKind.CANNOT,
                request.model,
                f"{command.program} could not be started ({why}); choose another model for this "
                "phase.",
            ) from error

    async def close(self) -> None:
        """Start nothing more; a call that runs ends when it is cancelled."""
        self._is_closed = True

    def _command(self, asked: str, name: str, model: str) -> CliCommand:
        command = self._commands.get(name)
        if command is None:
            known = ", ".join(f"{PREFIX}/{one}" for one in sorted(self._commands))
            sentence = f"There is no coding CLI {name}; known are {known}."
        elif model and not command.model_args:
            sentence = f"{PREFIX}/{name} takes no model behind a colon; leave it out."
        elif (model or asked.endswith(":")) and not _MODEL.fullmatch(model):
            sentence = f"{asked} names no model behind its colon; write {PREFIX}/{name}:MODEL."
        else:
            return command
        raise ModelFault(FaultKind.UNKNOWN_MODEL, asked, sentence)

    def _info(self, name: str) -> ModelInfo:
        asked = f"{PREFIX}/{name}"
        price_in, price_out = self._prices.get(asked, (None, None))
        program, found = self._commands[name].program, self.find(name)
        note = "coding CLI with its own login" if found else f"{program} is not installed"
        lacks = "" if found else f"{program} on your PATH"
        return ModelInfo(asked, price_in, price_out, None, "", bool(found), PREFIX, note, lacks)
