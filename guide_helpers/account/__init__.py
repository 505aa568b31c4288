"""What an account needs before a first call: an organization, a country on the list, and credit.

Everything that OpenAI can change (menu paths, countries, amounts) is read from the ledger and shown
with its date.
"""

from guide_helpers.account._payers import PAYERS, USAGES, Sorting, Usage, who_pays
from guide_helpers.account._ready import Readiness, Step, ready
from guide_helpers.account._region import Region, region
from guide_helpers.account._screens import screens
from guide_helpers.account._tree import tree

__all__ = [
    "PAYERS",
    "USAGES",
    "Readiness",
    "Region",
    "Sorting",
    "Step",
    "Usage",
    "ready",
    "region",
    "screens",
    "tree",
    "who_pays",
]
