"""What a request costs: prices with their date, the sum with its numbers, and what may spoil it.

Prices come from the `genai_prices` package, which is read offline. Where it has none, the ledger
speaks; the ledger also knows what the package does not: when a model is shut down. Money is
`Decimal`, in USD, and is rounded only when it is shown.

An estimate leaves out what is not tokens of text: images, tools, storage, and the charge that the
newest models make for writing a prompt to the cache.
"""

from guide_helpers.pricing._compare import Comparison, Row, compare
from guide_helpers.pricing._estimate import Estimate, estimate
from guide_helpers.pricing._money import money
from guide_helpers.pricing._rates import Rates, current_models, rates

__all__ = [
    "Comparison",
    "Estimate",
    "Rates",
    "Row",
    "compare",
    "current_models",
    "estimate",
    "money",
    "rates",
]
