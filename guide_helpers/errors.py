"""What can go wrong inside the guide, as a tree.

::

    GuideError
    ├── InputError (ValueError)            an argument cannot be used as it is
    │   └── UnknownNameError (LookupError) a fact, model or scenario nobody has heard of
    ├── VocabularyError (OSError)          a packed word list is damaged or cannot be unpacked
    ├── StorageError (OSError)             a place for keys cannot be read or written
    ├── PracticeError (RuntimeError)       the practice API cannot do that
    ├── SurroundingsError (RuntimeError)   this machine lacks something the guide needs
    └── LiveError (RuntimeError)           a live call is not allowed here, and was not made
        └── CapError                       it could cost more than is left under the cap

Each message says what happened and what to do next, and quotes no key.
Every class is also the builtin a Python reader would expect to catch.
"""

__all__ = [
    "CapError",
    "GuideError",
    "InputError",
    "LiveError",
    "PracticeError",
    "StorageError",
    "SurroundingsError",
    "UnknownNameError",
    "VocabularyError",
]


class GuideError(Exception):
    """The guide's own errors; `what` happened and the `cure` are kept apart for display."""

    def __init__(self, what: str, cure: str = "") -> None:
        """Keep both halves; the message is the two joined."""
        super().__init__(f"{what} {cure}".strip())
        self.what = what
        self.cure = cure


class InputError(GuideError, ValueError):
    """An argument cannot be used as it is."""


class UnknownNameError(InputError, LookupError):
    """A name the guide does not know; the message offers near ones."""


class VocabularyError(GuideError, OSError):
    """A packed word list is damaged or cannot be unpacked."""


class StorageError(GuideError, OSError):
    """A place for keys cannot be read or written."""


class PracticeError(GuideError, RuntimeError):
    """The practice API cannot do what was asked."""


class SurroundingsError(GuideError, RuntimeError):
    """This machine lacks something the guide needs."""


class LiveError(GuideError, RuntimeError):
    """A live call is not allowed here, and was not made."""


class CapError(LiveError):
    """A live call could cost more than is left under the cap, and was not made."""
