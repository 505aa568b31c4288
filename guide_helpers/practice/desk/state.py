"""What the live page shows, as plain data for JSON. No key, no prompt and no answer is in it."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import Any

from guide_helpers import keys
from guide_helpers.practice.desk.rows import money, row
from guide_helpers.practice.world import World
from guide_helpers.practice.world.keyring import KeyRecord
from guide_helpers.practice.world.ledger import NOTHING
from guide_helpers.practice.world.limiter import Bucket, Limiter
from guide_helpers.practice.world.organization import Organization
from guide_helpers.practice.world.scenarios import Play

_REQUESTS, _REFUSALS, _KEYS, _BUCKETS, _ORGANIZATIONS, _PROJECTS, _MODELS = 50, 5, 50, 12, 10, 20, 20
_REFUSED = 400


def state(world: World) -> dict[str, Any]:
    """Return everything the page shows, the newest first. Times are the world's seconds since 1970."""
    with world.lock:
        now = world.clock.now()
        rows = [row(record) for record in islice(reversed(world.records), _REQUESTS)]
        return {
            "now": now,
            "stopped": world.clock.stopped,
            "count": world.requests,
            "requests": rows,
            "refusals": [each for each in rows if each["status"] >= _REFUSED][:_REFUSALS],
            "keys": [_key(each, now) for each in islice(reversed(world.keyring.records.values()), _KEYS)],
            "buckets": _buckets(world, now),
            "money": [
                _money(world, each, now) for each in list(world.organizations.values())[:_ORGANIZATIONS]
            ],
            "playing": [_play(world, each) for each in world.plays],
        }


def _key(record: KeyRecord, now: float) -> dict[str, Any]:
    return {
        "name": keys.redact(record.name),
        "masked": record.masked,
        "kind": record.kind.replace("_", " "),
        "project": record.project,
        "used": record.last_used,
        "requests": record.requests,
        "state": _standing(record, now),
    }


def _standing(record: KeyRecord, now: float) -> str:
    if record.deleted:
        return "deleted"
    if record.revoked is not None:
        return "revoked"
    return "expired" if record.expires is not None and now >= record.expires else "works"


def _buckets(world: World, now: float) -> list[dict[str, Any]]:
    """Return the limiters drawn on last, with what each bucket holds now."""
    found = sorted(world.buckets().items(), key=lambda each: -each[1].requests.at)
    return [
        {"organization": organization, "project": project, "model": model, "bars": _bars(limiter, now)}
        for (organization, project, model), limiter in found[:_BUCKETS]
    ]


def _bars(limiter: Limiter, now: float) -> list[dict[str, Any]]:
    bars = [_bar(limiter.requests, now), _bar(limiter.tokens, now)]
    return bars if limiter.day is None else [*bars, _bar(limiter.day, now)]


def _bar(bucket: Bucket, now: float) -> dict[str, Any]:
    """Return a bucket's level as it is now, without touching the bucket."""
    level = min(bucket.most, bucket.level + (now - bucket.at) * bucket.most / bucket.period)
    left = max(0, int(level + 1e-9))
    full = (bucket.most - level) * bucket.period / bucket.most if bucket.most else 0.0
    return {"unit": bucket.unit, "short": bucket.short, "left": left, "most": bucket.most, "full_in": full}


def _money(world: World, organization: Organization, now: float) -> dict[str, Any]:
    ledger = world.ledger
    month = ledger.month(now)
    projects = {name: ledger.spent(organization.id, name, month) for name in organization.projects}
    spent = ledger.spent(organization.id)
    credit = organization.credit
    return {
        "organization": organization.id,
        "tier": organization.tier,
        "credit": None if credit is None else money(max(credit - spent, NOTHING)),
        "spent": money(spent),
        "month": month,
        "spent_this_month": money(ledger.spent(organization.id, "", month)),
        "projects": [
            {"name": keys.redact(organization.projects[name].name), "id": name, "spent": money(cost)}
            for name, cost in sorted(projects.items(), key=lambda each: -each[1])[:_PROJECTS]
            if cost
        ],
        "models": _models(world, organization.id, now),
    }


def _models(world: World, organization: str, now: float) -> list[dict[str, Any]]:
    """Sum up this month by model, the dearest first."""
    today = dt.datetime.fromtimestamp(now, tz=dt.UTC)
    first = today.replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()
    sums: dict[str, dict[str, Any]] = {}
    for each in world.ledger.between(first, now + 1):
        if each.owner.organization == organization:
            new = {"model": each.model, "requests": 0, "tokens": 0, "cost": NOTHING}
            row = sums.setdefault(each.model, new)
            row["requests"] += each.requests
            row["tokens"] += each.input_tokens + each.output_tokens
            row["cost"] += each.cost
    dearest = sorted(sums.values(), key=lambda each: (-each["cost"], each["model"]))
    return [{**each, "cost": money(each["cost"])} for each in dearest[:_MODELS]]


def _play(world: World, play: Play) -> dict[str, Any]:
    key = None if play.key is None else world.keyring.by_id(play.key)
    return {
        "name": play.name,
        "left": play.left,
        "key": key and keys.redact(key.name),
        "path": play.path and keys.redact(play.path),
        "share": play.share,
    }
