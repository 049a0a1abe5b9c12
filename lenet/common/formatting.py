"""How numbers are written, everywhere in the app and in both languages."""

from __future__ import annotations

import math


def number(value: float) -> str:
    """A number rounded to a whole one, with commas between thousands: 61,706."""
    return f"{round(value):,}".replace("-", "−")


def as_typed(value: float) -> str:
    """A number as a reader can type it, with all its digits: 0.1, 1e-08, 4294967295."""
    if isinstance(value, int):
        return str(value)
    short = f"{value:.12g}"
    return short if float(short) == value else repr(value)


def decimals(value: float, digits: int) -> str:
    """A number with `digits` decimal places and a true minus sign: −0.25."""
    return f"{value:.{digits}f}".replace("-", "−")


def pair_text(pair: tuple[int, int]) -> str:
    """A number for height and width, written once where they are alike: 2, 3×2."""
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}×{pair[1]}"


def size_text(pair: tuple[int, int]) -> str:
    """Height and width, or rows and columns: 5×5; 0 where there are none."""
    return "×".join(map(str, pair)) if 0 not in pair else "0"


def percent(share: float) -> str:
    """A share of one in percent, with one decimal: 95.8%."""
    return f"{100 * share:.1f}%"


def byte_size(size: float) -> str:
    """Bytes in the largest binary unit of which there is at least one: 14.26 MiB."""
    unit = min(int(math.log2(size)) // 10, 3) if size else 0
    return f"{size / 1024**unit:.4g} {('B', 'KiB', 'MiB', 'GiB')[unit]}"


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any: 0:07, 3:20, 1:02:00."""
    minutes, s = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{s:02}" if hours else f"{minutes}:{s:02}"
