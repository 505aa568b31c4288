"""Who pays: eight uses of OpenAI's models, and whose bill each of them lands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from guide_helpers import html
from guide_helpers.errors import InputError

PLAN, CREDIT, AZURE, OTHERS, NOBODY = PAYERS = (
    "a ChatGPT plan",
    "API credit",
    "an Azure bill",
    "somebody else",
    "nobody",
)


@dataclass(frozen=True, slots=True)
class Usage:
    """One use: what you do, in short and whole, who pays and why, and what to say to tempting answers."""

    name: str
    label: str
    what: str
    payer: str
    why: str
    tempting: Mapping[str, str] = field(default_factory=dict)


USAGES = (
    Usage(
        "chat_web",
        "ChatGPT in the browser",
        "You type into ChatGPT in the browser",
        PLAN,
        "ChatGPT is the product with the plans; a free plan is a plan too.",
        {CREDIT: "ChatGPT never touches API credit: two products, two bills."},
    ),
    Usage(
        "own_program",
        "My own program",
        "Your own program calls through the openai client",
        CREDIT,
        "A program shows a key, and the key's organization pays from its credit.",
        {PLAN: "A ChatGPT plan brings no API credit, however much it costs a month."},
    ),
    Usage(
        "editor_plugin",
        "A plug-in, with my key",
        "An editor plug-in asks you for an API key",
        CREDIT,
        "It is your key, so it is your bill, whoever wrote the plug-in.",
        {OTHERS: "The author wrote it, but the key is yours: the bill follows the key."},
    ),
    Usage(
        "codex_plan",
        "Codex, through ChatGPT",
        "Codex, signed in with your ChatGPT account",
        PLAN,
        "How you sign in decides: signed in with ChatGPT, it uses up the plan.",
        {CREDIT: "No key is shown here, so no API credit is used."},
    ),
    Usage(
        "codex_key",
        "Codex, with my key",
        "Codex, signed in with an API key",
        CREDIT,
        "The same tool, but now it shows a key: the bill follows the key.",
        {PLAN: "The same tool, but not the same way in: with a key, the plan is left alone."},
    ),
    Usage(
        "shop_chat",
        "A shop's chat window",
        "A shop's chat window answers you",
        OTHERS,
        "The shop's program shows the shop's key. You were never asked for one.",
        {CREDIT: "Your credit needs your key, and nobody asked you for it."},
    ),
    Usage(
        "azure",
        "A model in Azure",
        "Your program calls an OpenAI model that runs in Azure",
        AZURE,
        "Microsoft sells it there, with an account and a bill of its own.",
        {CREDIT: "The model is the same, the seller is not: OpenAI's credit is not touched."},
    ),
    Usage(
        "practice",
        "These lessons",
        "You run the lessons of this guide in practice mode",
        NOBODY,
        "The practice API runs on your computer, and its keys are worth nothing.",
        {CREDIT: "The calls never leave your computer: look at base_url."},
    ),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One use with the answer it was given ("" for none yet)."""

    usage: Usage
    answer: str

    @property
    def right(self) -> bool | None:
        """Whether the answer is right; None while there is none."""
        return self.answer == self.usage.payer if self.answer else None

    @property
    def feedback(self) -> str:
        """What is said to the answer, right or wrong."""
        if self.right is None:
            return ""
        said = self.usage.tempting.get(self.answer, "")
        return self.usage.why if self.right or not said else said


@dataclass(frozen=True, slots=True)
class Sorting(html.Shown):
    """Eight uses and what you said about each."""

    lines: tuple[Line, ...]

    @property
    def right(self) -> int:
        """How many are right."""
        return sum(line.right is True for line in self.lines)

    @property
    def wrong(self) -> tuple[Line, ...]:
        """The lines with a wrong answer."""
        return tuple(line for line in self.lines if line.right is False)

    def view(self) -> html.Block:
        """Show a row per use, with a verdict in words and the reason."""
        verdicts = {
            True: html.badge("right", "good"),
            False: html.badge("not quite", "warn"),
            None: html.badge("open", "plain"),
        }
        rows = [
            [line.usage.what, line.answer or "not sorted yet", verdicts[line.right], line.feedback]
            for line in self.lines
        ]
        caption = f"Who pays? {self.right} of {len(self.lines)} right"
        return html.table(caption, ["When", "You say", "Verdict", "Why"], rows)


def who_pays(  # noqa: PLR0913 -- eight uses are eight arguments
    *,
    chat_web: str = "",
    own_program: str = "",
    editor_plugin: str = "",
    codex_plan: str = "",
    codex_key: str = "",
    shop_chat: str = "",
    azure: str = "",
    practice: str = "",
) -> Sorting:
    """Judge who pays for each of eight uses, line by line; "" leaves a line open.

    Each answer is one of `PAYERS`. Raises `InputError`, listing them, for other words.
    """
    said = {
        "chat_web": chat_web,
        "own_program": own_program,
        "editor_plugin": editor_plugin,
        "codex_plan": codex_plan,
        "codex_key": codex_key,
        "shop_chat": shop_chat,
        "azure": azure,
        "practice": practice,
    }
    for name, answer in said.items():
        if answer and answer not in PAYERS:
            raise InputError(
                f"{answer!r} is no payer this sorter knows ({name}).", f"Choose one of {', '.join(PAYERS)}."
            )
    return Sorting(tuple(Line(usage, said[usage.name]) for usage in USAGES))
