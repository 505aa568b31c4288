"""Why a call failed: from an exception or a pasted text to a cause, whose move it is, and what to do.

The causes are data (`catalogue.toml`); the engine weighs what the error gives away against their
signs, reading `type` before `code` before words. It reads errors by attribute and imports neither
the client nor an HTTP library, so errors of openai 2.x and 3.x are told apart alike.
"""

from guide_helpers.diagnosis._catalogue import CATALOGUE, Cause
from guide_helpers.diagnosis._explain import Diagnosis, explain

__all__ = ["CATALOGUE", "Cause", "Diagnosis", "explain"]
