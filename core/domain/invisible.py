"""Characters that let a reviewer and a compiler read different text (CVE-2021-42574)."""

import re

INVISIBLE = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)


def shown(text: str) -> str:
    """The text with each invisible character written out, as `<U+202E>`."""
    return INVISIBLE.sub(lambda m: f"<U+{ord(m[0]):04X}>", text)
