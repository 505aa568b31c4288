"""`key-guide`: open the guide, run the practice API in a terminal, look at the ledger."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from guide_helpers import __version__, facts, launch
from guide_helpers.errors import GuideError

app = typer.Typer(
    help="An interactive guide to OpenAI API keys. Without a command it opens notebook 00 in JupyterLab.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Port = Annotated[int, typer.Option(min=1, max=65_535, help="First port to try; a taken one gives way.")]


def main() -> None:
    """Run the command line; one of the guide's own errors becomes two sentences and exit code 1."""
    try:
        app()
    except GuideError as error:
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
def practice(
    *,
    port: Port = 8765,
    seed: Annotated[int, typer.Option(help="Decides the key and the ids.")] = 0,
) -> None:
    """Run the practice API in this terminal, for any program that speaks OpenAI's protocol."""
    from guide_helpers.practice import terminal

    chosen = launch.free_port(port)
    if chosen != port:
        typer.echo(f"Port {port} is taken; using {chosen}.")
    served = terminal.Terminal(chosen, seed)
    typer.echo("The practice API answers on this computer only. In the terminal of your program, type:\n")
    for name, value in served.variables.items():
        typer.echo(f"  {_export(name, value)}")
    typer.echo("\nThe key is a practice key and worth nothing. Stop with Ctrl+C.")
    served.run()


def _export(name: str, value: str) -> str:
    return f'$env:{name} = "{value}"' if os.name == "nt" else f'export {name}="{value}"'


@app.command("facts")
def facts_(
    *,
    stale: Annotated[
        bool, typer.Option("--stale", help="Show only facts past their check-by date; exit 1 if any.")
    ] = False,
) -> None:
    """Show the ledger: every fact with its date and source."""
    shown = [fact for fact in facts.all_facts() if fact.stale or not stale]
    table = Table("Fact", "What", "Value", "As of", "Check by", "Source")
    for fact in shown:
        words = "(a table)" if isinstance(fact.value, list) and fact.words.startswith("{") else fact.words
        dates = fact.as_of.isoformat(), fact.check_by.isoformat()
        table.add_row(fact.id, fact.says, words, *dates, fact.source)
    if shown:
        Console().print(table)
    else:
        typer.echo("No fact is past its check-by date.")
    raise typer.Exit(1 if stale and shown else 0)
