"""`key-guide`: open the guide, run the practice API in a terminal, look at the ledger."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from guide_helpers import __version__, facts, launch
from guide_helpers.errors import GuideError

app = typer.Typer(
    help="An interactive guide to OpenAI API keys. Without a command it opens notebook 00 in JupyterLab.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_LONGEST_LIST = 20

Port = Annotated[int, typer.Option(min=1, max=65_535, help="First port to try; a taken one gives way.")]


def main() -> None:
    """Run the command line; one of the guide's own errors becomes two sentences and exit code 1."""
    try:
        app()
    except GuideError as error:
        from rich.console import Console

        console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        console.print(error.what, style="bold")
        console.print(error.cure)
        sys.exit(1)


@app.callback()
def default(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Open the guide when no command was named."""
    if version:
        typer.echo(f"openai-key-guide {__version__}")
    elif context.invoked_subcommand is None:
        open_()


@app.command("open")
def open_(
    notebook: Annotated[str, typer.Argument(help="Which notebook to open.")] = "00_start_here",
    *,
    port: Port = launch.FIRST_PORT,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
) -> None:
    """Open the guide in JupyterLab."""
    ready = launch.prepare(notebook=notebook, port=port, browser=browser)
    if ready.port != port:
        typer.echo(f"Port {port} is taken; using {ready.port}.")
    if browser and not ready.browser:
        typer.echo("No browser was found here. Open this address in one:")
    typer.echo(f"The guide: {ready.address}\nStop it with Ctrl+C.")
    raise typer.Exit(launch.run(ready))


@app.command()
def practice(  # noqa: PLR0913 -- one argument for each option
    *,
    port: Port = 8765,
    host: Annotated[
        str, typer.Option(help="Address to listen on. Any but this computer's own lets the network in.")
    ] = "127.0.0.1",
    seed: Annotated[
        int | None,
        typer.Option(
            help="Decides the keys and the ids. Else 0 on this computer, a random one on a network."
        ),
    ] = None,
    tier: Annotated[str, typer.Option(help="Usage tier, which decides the rate limits.")] = "1",
    credit: Annotated[
        str, typer.Option(help="USD of practice money paid in; none never ends. Else the smallest payment.")
    ] = "",
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:SHARE]",
            help="Something that goes wrong until you stop, such as no_credit; overloaded:0.2 hits one "
            "request in five. May be given several times.",
        ),
    ] = None,
    latency: Annotated[float, typer.Option(help="Seconds before each answer.")] = 0.0,
    jitter: Annotated[float, typer.Option(help="By how many seconds the latency varies, up or down.")] = 0.0,
    tokens_per_second: Annotated[float, typer.Option(help="Speed of streamed answers; 0 is at once.")] = 0.0,
    speed: Annotated[
        float, typer.Option(help="Speed of the practice clock: 60 makes a minute a second.")
    ] = 1.0,
    state: Annotated[
        str | None, typer.Option(metavar="FILE", help="Keep keys, projects and spending in this file.")
    ] = None,
    log: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write a line of JSON per request; - is this terminal.")
    ] = None,
    compat: Annotated[
        str | None, typer.Option(metavar="PROFILE", help="Answer a client's own test suite: openai-python.")
    ] = None,
) -> None:
    """Run the practice API in this terminal, for any program that speaks OpenAI's protocol.

    It needs no account and costs nothing. A page in your browser shows every request as it comes.
    """
    from guide_helpers.practice import terminal
    from guide_helpers.practice.world.pace import Pace

    pace = Pace(latency, jitter, tokens_per_second)
    seed = terminal.seed_for(host) if seed is None else seed
    world = terminal.found(seed=seed, tier=tier, credit=credit, pace=pace, speed=speed)
    terminal.play(world, scenario or [])
    if compat is not None:
        terminal.prepare(world, compat, state)
    chosen = launch.free_port(port)
    served = terminal.Terminal(world, chosen, host=host, log=log, state=state)
    say = partial(typer.echo, err=log == "-")  # the log has standard output for itself then
    if chosen != port:
        say(f"Port {port} is taken; using {chosen}.")
    if served.loopback:
        say("The practice API answers on this computer only.")
    else:
        say(
            "Everybody who can reach this computer can reach the practice API now. Calls need a practice "
            "key; the live page and attaching need the token. Nothing is encrypted: use it in networks you "
            "trust."
        )
    say(f"Watch it live: {served.page}\n\nIn the terminal of your program, type:\n")
    for name, value in served.variables.items():
        say(f"  {_export(name, value)}")
    say("\nThe keys are practice keys and worth nothing. Stop with Ctrl+C.")
    served.run()


def _export(name: str, value: str) -> str:
    return f'$env:{name} = "{value}"' if os.name == "nt" else f'export {name}="{value}"'


@app.command()
def progress(
    *,
    code: Annotated[
        bool, typer.Option("--code", help="Print a short code of it, to read out to a teacher.")
    ] = False,
    read: Annotated[
        str | None, typer.Option("--read", metavar="CODE", help="Show the progress behind somebody's code.")
    ] = None,
) -> None:
    """Show how far you are. The code holds counts for each notebook, and nothing about you."""
    from guide_helpers import lessons

    shown = lessons.progress() if read is None else lessons.from_code(read)
    if code:
        typer.echo(shown.code)
        return
    typer.echo(str(shown))
    if shown.kept:
        typer.echo(f"Kept in {shown.kept}.")


@app.command()
def solve(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write to; made if missing.")],
    *,
    run: Annotated[bool, typer.Option("--run", help="Run them too, and keep their outputs.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
) -> None:
    """Write the solved notebooks: each exercise done in one right way."""
    from guide_helpers import lessons

    for path in lessons.solve(out, force=force, run=run):
        typer.echo(str(path))


@app.command("facts")
def facts_(
    *,
    stale: Annotated[
        bool, typer.Option("--stale", help="Show only facts past their check-by date; exit 1 if any.")
    ] = False,
) -> None:
    """Show the ledger: every fact with its date and source."""
    from rich.console import Console
    from rich.table import Table

    shown = [fact for fact in facts.all_facts() if fact.stale or not stale]
    table = Table("Fact", "What", "Value", "As of", "Check by", "Source")
    for fact in shown:
        words = "(a table)" if isinstance(fact.value, list) and fact.words.startswith("{") else fact.words
        if isinstance(fact.value, list) and len(fact.value) > _LONGEST_LIST:
            words = f"{fact.value[0]} … {fact.value[-1]} ({len(fact.value)} in all)"
        dates = fact.as_of.isoformat(), fact.check_by.isoformat()
        table.add_row(fact.id, fact.says, words, *dates, fact.source)
    if shown:
        Console().print(table)
    else:
        typer.echo("No fact is past its check-by date.")
    raise typer.Exit(1 if stale and shown else 0)
