"""Helpers for the OpenAI Key Guide: they set the scene and check the answer, never hide the call.

The map, from the reader's side down to the ground (imports only ever point down):

============ ==========================================================================
cli          `key-guide`: open the guide, run the practice API, look at the ledger
lessons      exercises that check themselves, questions that explain themselves, progress
widgets      the guide's panels, each a plain function with knobs on
live         the switch to the real API, and a fuse on what it may spend
launch       opens the guide in JupyterLab
practice     a local API that speaks OpenAI's protocol: no key, no card, no network
storage      where a key lives, and which of several places wins
surroundings what the guide needs around it, and what to do when it is missing
routes       00: which way through the guide is yours
account      01: what an account needs before a first call
claims       01: what the 2024 article said, each claim judged, dated and with its source
keys         02: what a key looks like: ApiKey, check, redact, key names
pricing      04: what a request costs
tokens       04: how text becomes tokens
limits       05: how fast you may go
diagnosis    06: why a call failed
incident     07: what the first minutes of a leak cost
facts        the ledger: every price, limit, date and menu path, with its source
vocabulary   the tokenizer's two word lists, packed, so counting needs no network
html         tables, badges and alerts, each with a plain-text twin
errors       the exceptions, drawn as a tree
============ ==========================================================================
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 -- a checkout can be put on an old Python's path
    raise ImportError(
        "The guide needs Python 3.11 or newer; this is %d.%d. "  # noqa: UP031 -- parses on any Python 3
        "Install a newer Python, make a new virtual environment with it, and install the guide there."
        % sys.version_info[:2]
    )

__version__ = "0.1.0"
