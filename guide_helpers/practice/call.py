"""What an endpoint is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from guide_helpers import facts
from guide_helpers.practice import body, faults
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.reply import WORDS, Form, Reply, answer, prompt_tokens
from guide_helpers.practice.wire import Request

if TYPE_CHECKING:
    from guide_helpers.practice.world import World

# what a call is charged up front when it names no limit of its own
_EXPECTED_OUTPUT = 100


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request: the world it reached, and the words in braces of its path."""

    world: World
    request: Request
    path: Mapping[str, str]

    def json(self) -> body.Json:
        """Return the body as a JSON object, or refuse."""
        return body.parse(self.request.body)

    def model(self, fields: body.Json) -> str:
        """Return the name of the model asked for, or refuse when it does not answer."""
        return self.world.model(body.required(fields, "model", str)).id

    def text_model(self, fields: body.Json) -> str:
        """Return the name of a model that answers with text, or refuse."""
        name = self.model(fields)
        if name in facts.get("embedding.dimensions").value:
            raise Refused(faults.NO_TEXT)
        return name

    def reply(
        self,
        model: str,
        conversation: list[tuple[str, str]],
        most_tokens: int | None,
        form: Form = WORDS,
        choices: int = 1,
    ) -> tuple[Reply, Mapping[str, str]]:
        """Play any scenario, charge the limits, and answer; return the reply and the limit headers."""
        self.world.act()
        expected = choices * (most_tokens or _EXPECTED_OUTPUT)
        headers = self.world.draw(model, prompt_tokens(model, conversation) + expected)
        return answer(model, conversation, most_tokens, form), headers
