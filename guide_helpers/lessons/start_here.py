"""Exercises and questions of notebook 00."""

from __future__ import annotations

import json
from typing import Any

from guide_helpers import practice
from guide_helpers.lessons._exercise import Exercise, NotYet, Option, Quiz

EXAMPLE = "Say hello in one short sentence."


def _own_words(reply: Any) -> str:
    if isinstance(reply, str):
        raise NotYet("That is only text.", "Hand over the whole reply, not its output_text.")
    exchange = next(
        (each for each in practice.serve().seen if getattr(reply, "id", "no id") in each.response_body), None
    )
    if exchange is None:
        raise NotYet("No such reply came from the practice API.", "Make the call with client, then check.")
    sent = str((exchange.json or {}).get("input") or "").strip()
    if not sent:
        raise NotYet(
            "The request holds no words of yours.", "Write them between the quotation marks after input=."
        )
    if sent == EXAMPLE:
        raise NotYet("The request still holds the example's words.", "Change input= to words of your own.")
    return f"The practice API received “{sent[:60]}”. Your words went over the wire as JSON."


def _host(answer: Any) -> str:
    host = str(answer).strip().lower()
    if "openai.com" in host:
        raise NotYet(
            "That is where a live client calls.", "This one was built with base_url=: print client.base_url."
        )
    if host.isdigit():
        raise NotYet("That is a port, the door within a host.", "The host stands before the colon.")
    if "127.0.0.1" not in host and "localhost" not in host:
        raise NotYet(
            f"{host[:40]!r} is not where the request went.", "Print client.base_url and read the host."
        )
    return "127.0.0.1 is this computer itself: nothing left it."


def _tokens(answer: Any) -> str:
    bodies = [
        each.response_body for each in practice.serve().seen if (each.json or {}).get("input") == EXAMPLE
    ]
    if not bodies:
        raise NotYet("The first call has not been made yet.", "Run the cell under “Get your first reply”.")
    if hasattr(answer, "total_tokens"):
        raise NotYet("That is the whole bill; one number of it is wanted.", "Take its total_tokens.")
    usage: dict[str, int] = json.loads(bodies[-1])["usage"]
    total = usage["total_tokens"]
    if str(answer).strip() == str(total):
        return (
            f"{total} tokens: {usage['input_tokens']} in and {usage['output_tokens']} out. Both are billed."
        )
    mistakes = {
        usage["input_tokens"]: "You counted only what you sent; the reply is billed too.",
        usage["output_tokens"]: "You counted only the reply; what you sent is billed too.",
        len(EXAMPLE): "You counted characters, not tokens.",
        len(EXAMPLE.split()): "You counted words, not tokens.",
    }
    seen = mistakes.get(answer) if isinstance(answer, int) else None
    raise NotYet(seen or f"{str(answer)[:40]} is not the total.", "Look at first.usage.total_tokens.")


EXERCISES = (
    Exercise(
        "00.1",
        "Send a prompt of your own and keep the reply.",
        (
            "The call is the same as above; only input= changes.",
            'reply = client.responses.create(model=MODEL, input="...your words...")',
            "Copy the cell of the first reply, change the text, and name the result reply.",
        ),
        'reply = client.responses.create(model=MODEL, input="Name three uses of a rubber duck.")',
        2,
        _own_words,
    ),
    Exercise(
        "00.2",
        "Say which host the request went to.",
        (
            "The client knows: it was told when it was made.",
            "Look at the arguments of OpenAI(...) in the first reply's cell.",
            "print(client.base_url)",
        ),
        "host = client.base_url.host",
        1,
        _host,
    ),
    Exercise(
        "00.3",
        "Find how many tokens the first call used in all.",
        (
            "The reply object carries its own bill.",
            "Look at first.usage.",
            "The sum of what went in and what came out is total_tokens.",
        ),
        "total = first.usage.total_tokens",
        2,
        _tokens,
    ),
)

QUIZZES = (
    Quiz(
        "00.q1",
        "A cell makes a call and a reply appears. What decides whether it went to OpenAI?",
        (
            Option(
                "The name of the model",
                "Both sides know the same names. The name says which model is asked for, not who is asked.",
            ),
            Option(
                "The base_url and the key that the client was made with",
                "Two arguments, decided when the client is made. Print client.base_url when in doubt.",
                right=True,
            ),
            Option(
                "Whether the computer is online",
                "The practice API answers on a computer that is online, too. Only base_url tells.",
            ),
        ),
    ),
    Quiz(
        "00.q2",
        "Which part of a practice reply is not like a live one?",
        (
            Option(
                "Its words",
                "A small program wrote them; everything around them is as it would be.",
                right=True,
            ),
            Option("Its token counts", "They are counted with the real word lists."),
            Option("Its id and its headers", "They have the same names and the same shape as live ones."),
        ),
    ),
    Quiz(
        "00.q3",
        "You ask a stranger for help and show them your request. What must not be on the picture?",
        (
            Option("The model's name", "No harm: everybody knows it."),
            Option("The x-request-id", "No harm: it names one call, and support will ask for it."),
            Option(
                "The authorization header",
                "It carries your key, and whoever reads the key can spend your money.",
                right=True,
            ),
        ),
    ),
)
