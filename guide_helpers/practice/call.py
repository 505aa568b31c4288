"""What an endpoint is given, and what it asks of the world on the way to an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from guide_helpers import facts, keys
from guide_helpers.practice import body, faults, gate
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.reply import WORDS, Form, Reply, answer, prompt_tokens
from guide_helpers.practice.wire import Request
from guide_helpers.practice.world.kept import Shelf
from guide_helpers.practice.world.keyring import KeyRecord
from guide_helpers.practice.world.ledger import Use
from guide_helpers.practice.world.limiter import FREE, Draw
from guide_helpers.practice.world.organization import Organization, Project
from guide_helpers.practice.world.scenarios import Play

if TYPE_CHECKING:
    from guide_helpers.practice.world import World

# what a call is charged up front when it names no limit of its own
_EXPECTED_OUTPUT = 100


@dataclass(slots=True)
class Call:
    """One authenticated request: the world it reached, whose it is, and the words in braces of its path.

    `play` is the scenario this request meets, if any; a line of a `batch` draws on no rate limit and
    pays half.
    """

    world: World
    request: Request
    path: Mapping[str, str]
    key: KeyRecord
    play: Play | None = None
    batch: bool = False

    @property
    def organization(self) -> Organization:
        """The organization of the key."""
        return self.world.organizations[self.key.organization]

    @property
    def project(self) -> Project:
        """The project of the key; an admin key has none."""
        return self.organization.projects[self.key.project]

    @property
    def shelf(self) -> Shelf:
        """What the project of the key keeps."""
        return self.world.shelves.setdefault(self.key.project, Shelf())

    def json(self) -> body.Json:
        """Return the body as a JSON object, or refuse; a request that names no type is taken at its word."""
        form = self.request.headers.get("content-type", "application/json")
        if not form.lower().startswith("application/json"):
            raise Refused(faults.WRONG_FORM.about(got=keys.redact(form)))
        return body.parse(self.request.body)

    def model(self, fields: body.Json) -> str:
        """Return the name of the model asked for, or refuse when it does not answer this project."""
        name = body.required(fields, "model", str)
        return self.permitted(self.world.model(name).id)

    def permitted(self, model: str) -> str:
        """Return a model's name, or refuse when the project may not use it."""
        if self.play is not None:
            gate.act(self, "model", model)
        allowed = self.project.models
        if allowed is not None and not allowed.allow(model):
            raise Refused(faults.NO_ACCESS.about(project=self.project.id, model=model))
        return model

    def text_model(self, fields: body.Json) -> str:
        """Return the name of a model that answers with text, or refuse."""
        name = self.model(fields)
        if name in _embedding_models():
            raise Refused(faults.NO_TEXT)
        return name

    def admit(self, model: str, tokens: int) -> Draw:
        """Let the request through to the model: money first, then the limits, then what is played.

        `tokens` is what it may use at most, as far as is known; `charge` corrects it.
        """
        gate.afford(self)
        if self.play is not None:
            gate.act(self, "money", model)
        draw = FREE if self.batch else self.world.draw(self.key, model, tokens)
        if self.play is not None:
            gate.act(self, "rate", model)
            gate.act(self, "last", model)
        return draw

    def charge(self, draw: Draw, use: Use) -> None:
        """Write what was used into the ledger, and correct the limits' estimate."""
        self.world.charge(self.key, use._replace(batch=True) if self.batch else use)
        draw.settle(use.input_tokens + use.output_tokens)

    def reply(
        self,
        model: str,
        conversation: list[tuple[str, str]],
        most_tokens: int | None,
        form: Form = WORDS,
        choices: int = 1,
    ) -> tuple[Reply, Mapping[str, str]]:
        """Answer a conversation and charge for it; return the reply and the limit headers."""
        asked = prompt_tokens(model, conversation)
        draw = self.admit(model, asked + choices * (most_tokens or _EXPECTED_OUTPUT))
        reply = answer(model, conversation, most_tokens, form, asked)
        self.charge(draw, Use("completions", model, asked, choices * reply.output_tokens))
        return reply, draw.headers


@cache
def _embedding_models() -> frozenset[str]:
    return frozenset(facts.get("embedding.dimensions").value)
