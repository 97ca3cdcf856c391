"""Numbers as they are shown: seconds, tokens, dollars, clock times."""

import time

from core.domain.metrics import Usage, money
from core.domain.words import counted as counted
from core.record.cost import Cost


def seconds(value: float) -> str:
    """`0.4s`, `14s`, `1m12s`, `2h05m`."""
    if value < 9.95:
        return f"{value:.1f}s"
    whole = int(value)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"


def tokens(value: int) -> str:
    """`812`, `3.4k`, `31k`, `1.2M`."""
    if value < 1000:
        return str(value)
    if value < 9_950:
        return f"{value / 1000:.1f}k"
    if value < 999_500:
        return f"{value / 1000:.0f}k"
    return f"{value / 1_000_000:.1f}M"


def price(usage: Usage) -> str:
    """The cost of calls: `$0.0190`, `~$1.20`, `$?`; nothing where there was none."""
    return usage.price if usage.calls else ""


def dollars(cost: Cost) -> str:
    """`$1.20`, `~$0.0310` with estimated tokens, `$1.20+$?` where a part has no known price."""
    if cost.unpriced and not cost.dollars:
        return "$?"
    return sum_of(cost.dollars, cost.is_estimated) + ("+$?" if cost.unpriced else "")


def sum_of(value: float | None, is_estimated: bool) -> str:
    """Dollars, more exactly below ten cents; `-` for none."""
    return "-" if value is None else money(value, is_estimated=is_estimated)


def per_million(value: float | None) -> str:
    """A price per million tokens; `$?` where unknown, `free` for 0."""
    if value is None:
        return "$?"
    return f"${value:.2f}" if value else "free"


def clock(at: float) -> str:
    """Local wall time, `12:03:41`."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def short_model(model: str) -> str:
    """The part of a model id that tells it apart; recordings say so."""
    name = model.rsplit("/", 1)[-1]
    return f"recorded {name}" if model.startswith("demo/") else name
