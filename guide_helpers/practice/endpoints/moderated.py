"""Moderation beside an answer: the question and the answer, judged as the moderations endpoint does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from guide_helpers.practice import body, faults
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints import moderations
from guide_helpers.practice.faults import Refused

Conversation = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Judge:
    """The moderation model a request asks to look on."""

    model: str

    def chat(self, conversation: Conversation, answer: str) -> dict[str, Any]:
        """Return both judgements as a chat shows them: a list of results for each."""
        return {
            side: {"type": "moderation_results", "model": self.model, "results": [result]}
            for side, result in self.response(conversation, answer).items()
        }

    def response(self, conversation: Conversation, answer: str) -> dict[str, Any]:
        """Return both judgements as a response shows them: one result for each."""
        asked = "\n".join(text for role, text in conversation if role == "user")
        return {"input": self._result(asked), "output": self._result(answer)}

    def _result(self, text: str) -> dict[str, Any]:
        judged = moderations.result(text, frozenset({"text"}))
        return {"type": "moderation_result", "model": self.model, **judged}


def wanted(call: Call, fields: body.Json) -> Judge | None:
    """Return the judge a request asks for, None when it asks for none; blocking is not practised."""
    asked = body.optional(fields, "moderation", dict)
    if asked is None:
        return None
    policy = body.optional(asked, "policy", dict) or {}
    for side in ("input", "output"):
        if (body.optional(policy, side, dict) or {}).get("mode", "score") != "score":
            raise Refused(faults.NOT_HERE.about(param=f"moderation.policy.{side}.mode"))
    return Judge(moderations.model(call, asked))
