"""The ledger: every price, limit, country and menu path, with its source and its date.

Nothing that the world can change is typed into a notebook. It stands once, in `facts.toml`
beside this file, and is shown with the date it was true and the place it was read. When the
check-by date has passed, the guide says so in the open.
"""

from guide_helpers.facts._ledger import Fact, Model, all_facts, get, model, models, show, today

__all__ = ["Fact", "Model", "all_facts", "get", "model", "models", "show", "today"]
