"""Write the two lists of docs/practice_api.md: what is there, and which refusals nobody has seen.

    python tools/practice_page.py

The first comes from the practice API's description, the second from the faults marked unverified.
"""

from __future__ import annotations

import json
from pathlib import Path

from guide_helpers.practice import faults
from guide_helpers.practice.faults import Fault

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/practice_api.md"
DESCRIPTION = ROOT / "guide_helpers/practice/openapi.json"

NOTES = {
    "models": "those of the guide's ledger that answer today",
    "responses": "whole or streamed, in the background, kept; function calls, JSON that follows a schema",
    "chat.completions": "whole or streamed, kept if asked; the same",
    "embeddings": "as numbers or base64, of any size the model has",
    "moderations": "texts, and images nobody looks at",
    "images": "PNG; whole, or streamed with partial pictures",
    "files": "up to 10 MB",
    "batches": "of responses, chats and embeddings",
    "admin.organization.projects.rate_limits": "no higher than those of the organization",
    "admin.organization.projects.model_permissions": "which models a project may use",
    "admin.organization.spend_limit": "one that stops calls",
    "admin.organization.projects.spend_limit": "one that stops calls",
    "admin.organization.usage": "from the practice ledger; `costs` is beside `usage/`",
    "admin.organization.audit_logs": "what was changed, by whom",
}


def resources() -> list[tuple[str, list[str], str]]:
    """Return each resource as it stands behind `client.`, its methods, and the address they share."""
    paths = json.loads(DESCRIPTION.read_text(encoding="utf-8"))["paths"]
    found: dict[str, tuple[list[str], str]] = {}
    for path, operations in paths.items():
        for operation in operations.values():
            resource, _, method = operation["operationId"].rpartition(".")
            methods, shared = found.get(resource, ([], path))
            found[resource] = ([*methods, method], _common(shared, path))
    return [(resource, *each) for resource, each in found.items()]


def _common(one: str, other: str) -> str:
    words = zip(one.split("/"), other.split("/"), strict=False)
    shared = []
    for left, right in words:
        if left != right:
            break
        shared.append(left)
    return "/".join(shared)


def addresses() -> str:
    """Return the table of what is there."""
    rows = [
        f"| `{resource}` | {_words(methods)} | `{path}` | {NOTES.get(resource, '')} |"
        for resource, methods, path in resources()
    ]
    return "\n".join(["| client. | methods | address | |", "| --- | --- | --- | --- |", *rows])


def _words(methods: list[str]) -> str:
    return ", ".join(f"`{each}`" for each in methods)


def unverified() -> str:
    """Return the list of refusals that nobody has seen."""
    staged = [fault for stage in faults.STAGED.values() for fault in stage.values()]
    every = [*(each for each in vars(faults).values() if isinstance(each, Fault)), *staged]
    doubted = {each for each in every if not each.verified and "practice API" not in each.message}
    rows = sorted((each.status, each.code or "", each.message.replace("|", r"\|")) for each in doubted)
    lines = [f"| {status} | {f'`{code}`' if code else ''} | {text} |" for status, code, text in rows]
    return "\n".join(["| status | code | words |", "| --- | --- | --- |", *lines])


def written() -> str:
    """Return the page with both lists as they are now."""
    text = PAGE.read_text(encoding="utf-8")
    for name, made in (("addresses", addresses()), ("unverified", unverified())):
        before, start, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        text = f"{before}{start}\n{made}\n\n{end}{after}"
    return text


def main() -> None:
    """Write the page."""
    PAGE.write_text(written(), encoding="utf-8")


if __name__ == "__main__":
    main()
