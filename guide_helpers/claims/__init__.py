"""The claims of the 2024 article that this guide grew out of, each judged, dated and with its source.

A verdict is one of four words: "true" (it holds today), "dated" (it held once), "wrong" (as it stands, it
did not hold even then) and "unverifiable" (no source was found, or it is an opinion).
"""

from guide_helpers.claims._claims import TOPICS, VERDICTS, Claim, Claims, ask, get, show

__all__ = ["TOPICS", "VERDICTS", "Claim", "Claims", "ask", "get", "show"]
