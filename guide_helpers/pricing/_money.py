"""How money is written."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

_CENT = Decimal("0.01")
_THREE_DIGITS = Context(prec=3, rounding=ROUND_HALF_UP)


def money(amount: Decimal) -> str:
    """Write USD: cents from a dollar up, three significant digits below it.

    >>> [money(Decimal(each)) for each in ("0", "0.000401", "0.05", "0.9996", "1234.5")]
    ['$0', '$0.000401', '$0.0500', '$1.00', '$1,234.50']
    """
    if amount == 0:
        return "$0"
    rounded = _THREE_DIGITS.plus(amount)
    if rounded >= 1:
        return f"${amount.quantize(_CENT, ROUND_HALF_UP):,f}"
    return f"${rounded:.{2 - rounded.adjusted()}f}"


def rate(price: Decimal) -> str:
    """Write a price per million tokens exactly, with two decimals or more.

    >>> [rate(Decimal(each)) for each in ("0.2", "0.125", "30", "0")]
    ['$0.20', '$0.125', '$30.00', '$0.00']
    """
    return f"${price:.2f}" if price == price.quantize(_CENT) else f"${price.normalize():f}"
