"""Which place for a key suits you: by where the program runs, who else is there, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from guide_helpers import html
from guide_helpers.errors import InputError

PLACES = ("own computer", "Colab", "Codespaces", "CI job", "server", "shared room or Binder")
OTHERS = ("nobody else", "colleagues", "strangers")
LIFETIMES = ("this session", "this project", "for months")

_STRANGERS = OTHERS.index("strangers")
_PUBLIC = "shared room or Binder"


@dataclass(frozen=True, slots=True)
class Store:
    """A kind of place for a key.

    `lasts` counts in `LIFETIMES`. `holds` counts in `OTHERS`: the company it keeps a key safe from.
    `reach` says who can read the key there.
    """

    name: str
    places: tuple[str, ...]
    lasts: int
    holds: int
    why: str
    reach: str
    snippet: str


_READS_ENVIRONMENT = "from openai import OpenAI\n\nclient = OpenAI()  # reads OPENAI_API_KEY"

# In order of preference where two stores fit equally well.
_STORES = (
    Store(
        "no key at all: workload identity",
        ("CI job", "server"),
        lasts=2,
        holds=2,
        why="a short-lived token takes the key's place; nothing is left to leak or rotate",
        reach="only the workload itself",
        snippet='from openai import OpenAI\n\nclient = OpenAI(workload_identity={"provider": ...})',
    ),
    Store(
        "prompt with getpass",
        ("own computer", "Colab", "Codespaces"),
        lasts=0,
        holds=1,
        why="lives in memory only and is written nowhere",
        reach="whoever can read this program's memory",
        snippet="from getpass import getpass\n\nfrom openai import OpenAI\n\n"
        'client = OpenAI(api_key=getpass("Key: ").strip())',
    ),
    Store(
        "Colab Secrets",
        ("Colab",),
        lasts=2,
        holds=1,
        why="stays with your Google account and is not part of the notebook you share",
        reach="each notebook that you grant it to",
        snippet="from google.colab import userdata\nfrom openai import OpenAI\n\n"
        'client = OpenAI(api_key=userdata.get("OPENAI_API_KEY"))',
    ),
    Store(
        "Codespaces secret",
        ("Codespaces",),
        lasts=2,
        holds=1,
        why="arrives as a variable and is no file of the repository",
        reach="every program in the codespace",
        snippet=_READS_ENVIRONMENT,
    ),
    Store(
        "the CI system's secret store",
        ("CI job",),
        lasts=2,
        holds=1,
        why="arrives as a variable for one job and is masked in its log",
        reach="every step of a job that asks for it",
        snippet=_READS_ENVIRONMENT,
    ),
    Store(
        "cloud secret manager",
        ("server",),
        lasts=2,
        holds=1,
        why="each read is allowed by identity and logged, and a new version replaces the old one",
        reach="the identities you allow",
        snippet=_READS_ENVIRONMENT,
    ),
    Store(
        ".env file, mode 600",
        ("own computer", "server"),
        lasts=1,
        holds=0,
        why="next to the project, closed to other accounts, easy to replace",
        reach="whoever reads the folder, its backups or its sync",
        snippet="from dotenv import load_dotenv\nfrom openai import OpenAI\n\n"
        "load_dotenv()\nclient = OpenAI()",
    ),
    Store(
        "system keychain",
        ("own computer",),
        lasts=2,
        holds=1,
        why="encrypted on the disk, opened by your login",
        reach="every program you start while you are logged in",
        snippet="import keyring\nfrom openai import OpenAI\n\n"
        'client = OpenAI(api_key=keyring.get_password("openai", "reading-app"))',
    ),
    Store(
        "password manager",
        ("own computer",),
        lasts=2,
        holds=1,
        why="encrypted, shared on purpose or not at all, and it asks before it hands a key out",
        reach="those you share the entry with",
        snippet="from getpass import getpass\n\nfrom openai import OpenAI\n\n"
        'client = OpenAI(api_key=getpass("Paste it from the manager: ").strip())',
    ),
    Store(
        "environment variable",
        ("own computer", "server"),
        lasts=0,
        holds=0,
        why="no file, and every program knows how to read one",
        reach="every program started from there, and whoever inspects it",
        snippet=_READS_ENVIRONMENT,
    ),
)

_PRACTICE = Store(
    "a practice key",
    PLACES,
    lasts=2,
    holds=2,
    why="worth nothing, so nothing is lost when somebody reads it",
    reach="everybody, and it does not matter",
    snippet="from openai import OpenAI\n\nfrom guide_helpers import practice\n\nserver = practice.serve()\n"
    "client = OpenAI(base_url=server.base_url, api_key=server.api_key)",
)


@dataclass(frozen=True, slots=True)
class Option:
    """A store with what speaks against it here; nothing, for one that fits."""

    store: Store
    against: tuple[str, ...]

    @property
    def name(self) -> str:
        """The store's name."""
        return self.store.name

    @property
    def fits(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.against


@dataclass(frozen=True, slots=True)
class Choice(html.Shown):
    """The stores that exist where you are, best first."""

    options: tuple[Option, ...]

    @property
    def best(self) -> Option:
        """The first of them."""
        return self.options[0]

    def view(self) -> html.Block:
        """Show the ranked stores with reasons, and the code for the best."""
        rows = [
            [rank, each.name, each.store.why, each.store.reach, "; ".join(each.against) or "nothing"]
            for rank, each in enumerate(self.options, 1)
        ]
        headers = ["Rank", "Where", "Why", "Who can read it", "What speaks against it"]
        tone: html.Tone = "good" if self.best.fits else "warn"
        return html.stack(
            html.badge(f"Best here: {self.best.name}", tone),
            html.table("Where your key could live", headers, rows),
            html.code(self.best.store.snippet),
        )


def recommend(
    place: str = "own computer", others: str = "nobody else", lifetime: str = "this project"
) -> Choice:
    """Rank the stores for a key by where it runs, who else is there, and how long it is needed.

    First come those with the least against them, then those that keep the key no longer than
    needed. `place` is one of `PLACES`, `others` of `OTHERS`, `lifetime` of `LIFETIMES`. Raises
    `InputError` for other words.
    """
    for word, known in ((place, PLACES), (others, OTHERS), (lifetime, LIFETIMES)):
        if word not in known:
            raise InputError(f"The guide does not know {word!r}.", f"Choose one of {', '.join(known)}.")
    company = _STRANGERS if place == _PUBLIC else OTHERS.index(others)
    needed = LIFETIMES.index(lifetime)
    stores = [*_STORES, _PRACTICE] if company == _STRANGERS else _STORES
    options = [Option(store, _against(store, company, needed)) for store in stores if place in store.places]
    options.sort(key=lambda each: (len(each.against), max(0, each.store.lasts - needed)))
    return Choice(tuple(options))


def _against(store: Store, company: int, needed: int) -> tuple[str, ...]:
    reasons = []
    if store.holds < company:
        reasons.append(f"not safe from {OTHERS[company]}")
    if store.lasts < needed:
        reasons.append(f"kept for {LIFETIMES[store.lasts]} only")
    return tuple(reasons)
