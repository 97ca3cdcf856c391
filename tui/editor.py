"""Letting the user's editor change a text, in a file that is gone afterwards."""

import subprocess
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory


def edited(command: tuple[str, ...], text: str, suffix: str) -> str | None:
    """The text after the editor ended; None when it is unchanged or the editor failed.

    Raises OSError when the command cannot be started.
    """
    with TemporaryDirectory(prefix="relaypair-") as folder:
        safe = suffix if suffix[1:].isalnum() else ".txt"
        with NamedTemporaryFile(dir=folder, suffix=safe, delete=False) as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        done = subprocess.run([*command, file.name], check=False)
        after = Path(file.name).read_bytes().decode("utf-8", "surrogateescape")
    return after if done.returncode == 0 and after != text else None
