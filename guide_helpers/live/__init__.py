"""The live bridge: one switch takes the same cell to the real API, with a fuse on what it may spend.

    from guide_helpers import live

    mode = live.choose()   # practice; live.choose("live") or GUIDE_MODE=live asks for the real API
    client = OpenAI(base_url=mode.base_url, api_key=mode.key.reveal(), http_client=mode.http_client)

    with mode.live_cell():   # only here may a live client send anything
        reply = client.responses.create(model=MODEL, input="Hello", max_output_tokens=100)

The switch is thrown before the client exists, and the client keeps its mode: to change it, choose
again and make a new client. `live.spent()` shows what the kernel spent.

How it is enforced. `mode.http_client` is openai's own `DefaultHttpxClient` (whichever HTTP library it
stands on) with another `send`: every request passes there, those of loops, threads, streams and the
client's own retries too, and before a connection is opened. So nothing here imports an HTTP library.
A refusal is a `LiveError` that is an `openai.OpenAIError` too: the client hands such an error on as it
is, where it would try any other again and call it a lost connection. Clients too old to do so are
refused while they build the request; those of today hold the key in plain variables at that moment,
which a verbose traceback would print.

What it cannot see: a client made without `mode.http_client`, another program or kernel with the same
key, websockets (`client.realtime`), and a project set to a dearer service tier. The provider's own spend
limit stands behind it.
"""

from guide_helpers.live._fuse import Spent
from guide_helpers.live._mode import Mode, choose, spent

__all__ = ["Mode", "Spent", "choose", "spent"]
