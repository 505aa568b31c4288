"""/v1/organization/spend_alerts, and the same under a project: mails about a month's spend."""

from __future__ import annotations

from guide_helpers.practice import body, choices, faults, paging
from guide_helpers.practice.call import Call
from guide_helpers.practice.endpoints.admin.spend_limits import CURRENCY, INTERVAL, amount, kind, note, owned
from guide_helpers.practice.faults import Refused
from guide_helpers.practice.wire import Response, json_response
from guide_helpers.practice.world.organization import Alert, Organization, Project

_CHANNEL = "notification_channel"
_CHANNELS = ("email",)
_USUAL, _MOST = 20, 100
_MOST_ALERTS, _MOST_RECIPIENTS, _LONGEST = 100, 100, 320


def create(call: Call) -> Response:
    """Set up an alert."""
    owner = owned(call, changing=True)
    alert = Alert(call.world.next_id("alert_"), *_wanted(call.json()))
    if len(owner.alerts) >= _MOST_ALERTS:
        raise Refused(faults.TOO_MANY_ALERTS.about(kind=kind(owner), most=_MOST_ALERTS))
    owner.alerts[alert.id] = alert
    return _changed(call, owner, alert)


def list_alerts(call: Call) -> Response:
    """List the alerts, oldest first or, with `order=desc`, newest first."""
    owner, query = owned(call), call.request.query
    rows = [_shown(owner, each) for each in owner.alerts.values()]
    if choices.check(query.get("order", "asc"), "order", ("asc", "desc")) == "desc":
        rows.reverse()
    return json_response(200, paging.page(rows, query, _USUAL, _MOST, least=0))


def retrieve(call: Call) -> Response:
    """Show one alert."""
    owner = owned(call)
    return json_response(200, _shown(owner, _named(call, owner)))


def update(call: Call) -> Response:
    """Change an alert. With another amount it can go out once more this month."""
    owner = owned(call, changing=True)
    alert = _named(call, owner)
    cents, recipients, prefix = _wanted(call.json())
    if cents != alert.cents:
        alert.sent = ""
    alert.cents, alert.recipients, alert.subject_prefix = cents, recipients, prefix
    return _changed(call, owner, alert)


def delete(call: Call) -> Response:
    """Take an alert away."""
    owner = owned(call, changing=True)
    alert = _named(call, owner)
    call.world.forget(owner.alerts, alert.id)
    note(call, owner, {"spend_alert": None})
    return json_response(
        200, {"id": alert.id, "object": f"{kind(owner)}.spend_alert.deleted", "deleted": True}
    )


def _changed(call: Call, owner: Organization | Project, alert: Alert) -> Response:
    note(call, owner, {"spend_alert": {"id": alert.id, "threshold_amount": alert.cents}})
    return json_response(200, _shown(owner, alert))


def _wanted(fields: body.Json) -> tuple[int, list[str], str | None]:
    """Return the cents, the recipients and the subject's prefix out of a body, or refuse."""
    cents = amount(fields)
    channel = {f"{_CHANNEL}.{name}": value for name, value in body.required(fields, _CHANNEL, dict).items()}
    choices.required(channel, f"{_CHANNEL}.type", _CHANNELS)
    param = f"{_CHANNEL}.recipients"
    recipients = body.required(channel, param, list)
    if not recipients or not all(isinstance(each, str) and 0 < len(each) <= _LONGEST for each in recipients):
        raise Refused(faults.WRONG_TYPE.about(param=param, expected="an array of addresses", got="another"))
    if len(recipients) > _MOST_RECIPIENTS:
        raise Refused(faults.TOO_MANY.about(param=param, most=_MOST_RECIPIENTS, got=len(recipients)))
    prefix = body.optional(channel, f"{_CHANNEL}.subject_prefix", str)
    return cents, recipients, prefix and prefix[:_LONGEST]


def _named(call: Call, owner: Organization | Project) -> Alert:
    found = owner.alerts.get(call.path["alert"])
    if found is None:
        raise Refused(faults.NOT_FOUND.about(param="id", kind="Spend alert", name=call.path["alert"]))
    return found


def _shown(owner: Organization | Project, alert: Alert) -> dict[str, object]:
    return {
        "id": alert.id,
        "object": f"{kind(owner)}.spend_alert",
        "threshold_amount": alert.cents,
        "currency": CURRENCY,
        "interval": INTERVAL,
        _CHANNEL: {
            "type": _CHANNELS[0],
            "recipients": alert.recipients,
            "subject_prefix": alert.subject_prefix,
        },
    }
