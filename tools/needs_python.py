"""Stop an installation on an old Python with a clear sentence.

pip resolves the dependencies before it looks at `requires-python`, and then blames one of those.
"""

import sys
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

OLDEST = (3, 11)


class NeedsPython(MetadataHookInterface):  # type: ignore[misc] # hatchling is only there while building
    """Changes nothing in the metadata."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Raise when this Python is too old."""
        del metadata
        if sys.version_info < OLDEST:
            found = ".".join(map(str, sys.version_info[:2]))
            raise RuntimeError(
                f"The guide needs Python 3.11 or newer; this is {found}. "
                "Install a newer Python and make the virtual environment with it."
            )
