"""Where a key lives, which of several places wins, and which place suits you.

Places are asked in a fixed order: an explicit argument, the environment, the project's `.env`. The
first that holds a key wins; the answer says which one it was, and warns when another place holds a
different key. A place is a `Source`: a name and a `read` method, and no source writes.
"""

from __future__ import annotations

from guide_helpers.storage.choice import LIFETIMES, OTHERS, PLACES, Choice, Option, recommend
from guide_helpers.storage.resolver import Found, Look, Survey, find, survey
from guide_helpers.storage.sources import DotEnv, Environment, Reading, Source

__all__ = [
    "LIFETIMES",
    "OTHERS",
    "PLACES",
    "Choice",
    "DotEnv",
    "Environment",
    "Found",
    "Look",
    "Option",
    "Reading",
    "Source",
    "Survey",
    "find",
    "recommend",
    "survey",
]
