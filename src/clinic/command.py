"""`myotome clinic ...`: set up, serve, check, show, back up and verify one clinic.

A clinic is a folder (`--at`, or MYOTOME_CLINIC). `serve` refuses what must not meet patients: a
demonstration database, default keys, a public address without TLS. `demo` makes a throw-away clinic
with invented people on this machine only. Exit codes: 0 done, 1 the answer is no, 2 wrong input.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from myotome.errors import CannotWrite, MyotomeError


class InPlainWords(TyperGroup):
    """Commands whose failures at the disk or the database are said in a line, without a trace."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - its own copy of click, newer or older
        """Run the command."""
        try:
            return super().invoke(ctx)
        except MyotomeError:
            raise
        except Exception as error:
            words = _plain(error)
            if not words:
                raise
            raise CannotWrite(words) from error


def _plain(error: Exception) -> str:
    """What failed and how to mend it; empty for what nobody thought of."""
    from django.apps import apps
    from django.db import DatabaseError

    if apps.ready:
        from clinic.audit.actions import ChainCut

        if isinstance(error, ChainCut):
            return f"{error} Follow it with 'myotome clinic verify-audit'."
    if isinstance(error, DatabaseError):
        return (
            f"The database does not answer, or takes nothing more ({type(error).__name__}). Is its"
            " disk full or read-only, or its server stopped? Nothing was written by halves."
        )
    if isinstance(error, OSError):
        at = f" {error.filename}" if error.filename else ""
        return f"{error.strerror or type(error).__name__}:{at}. Nothing was written by halves."
    return ""


app = typer.Typer(
    cls=InPlainWords, help="The clinic: a site on this machine.", no_args_is_help=True
)
At = Annotated[
    Path | None, typer.Option("--at", metavar="DIR", help="The clinic's folder (MYOTOME_CLINIC).")
]
Port = Annotated[int, typer.Option(help="The port; the next free one is taken if it is in use.")]


def _open(at: Path | None, *, may_lack_keys: bool = False) -> None:
    """Make the process a Django process of the clinic in a folder, which has keys of its own."""
    os.umask(0o077)  # whatever is written from now on is the clinic's alone
    if at is not None:
        os.environ["MYOTOME_CLINIC"] = str(at.absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    from clinic.place import ADDRESS

    os.environ.pop(ADDRESS, None)  # a demonstration says it to its own parts alone
    import django

    django.setup()
    from django.conf import settings

    if not may_lack_keys:
        settings.PLACE.keys.refuse_default()


@app.command()
def setup(
    owner: Annotated[str, typer.Option(help="Email address of the first owner.")],
    name: Annotated[str, typer.Option(help="The clinic's name.")],
    time_zone: Annotated[str, typer.Option(help="Such as America/Vancouver.")],
    jurisdiction: Annotated[str, typer.Option(help="Such as ca-bc.")] = "elsewhere",
    address: Annotated[str, typer.Option(help="Public address.")] = "http://localhost:8000",
    database: Annotated[str, typer.Option(help="postgresql://... ; left out: SQLite.")] = "",
    site: Annotated[str, typer.Option(help="Name of the first site.")] = "Main site",
    at: At = None,
) -> None:
    """Make a clinic in an empty folder: keys, database, first owner. Prints the owner's link."""
    from clinic.answers import refuse_wrong_answers
    from clinic.place import make_place, named_key_file

    refuse_wrong_answers(
        owner=owner,
        name=name,
        site=site,
        time_zone=time_zone,
        jurisdiction=jurisdiction,
        address=address,
        database=database,
    )
    folder = at or Path(os.environ.get("MYOTOME_CLINIC", "clinic-data"))
    behind_a_proxy = int(address.startswith("https://"))  # which holds the certificate
    settings: dict[str, str | int] = {"name": name, "address": address, "database": database}
    make_place(folder, settings | {"trusted_proxies": behind_a_proxy}, named_key_file())
    _open(folder)
    from clinic.setting_up import set_up

    path = set_up(owner=owner, name=name, site=site, time_zone=time_zone, jurisdiction=jurisdiction)
    typer.echo(f"The clinic is ready in {folder}. Keep its keys apart from the data, and copied.")
    typer.echo(f"The first owner's link, for three days and once: {address}{path}")


@app.command()
def invite(email: str, at: At = None) -> None:
    """A fresh link for somebody who has an account and lost every way of signing in."""
    _open(at)
    from django.conf import settings

    from clinic.setting_up import invite_again

    typer.echo(settings.PLACE.address + invite_again(email))


@app.command()
def serve(port: Port = 8000, at: At = None) -> None:
    """Serve the clinic until Ctrl-C or TERM; for reading only while its audit does not hold."""
    _open(at)
    from clinic.checking import breaks, clocks, displaced, refusals
    from clinic.place import READ_ONLY
    from clinic.serving import listen, serve_until_told

    if found := refusals():
        for line in found:
            typer.echo(line, err=True)
        raise typer.Exit(1)
    os.environ.pop(READ_ONLY, None)
    for line in displaced():
        typer.echo(f"Must be mended: {line}", err=True)
    if broken := breaks():
        os.environ[READ_ONLY] = "yes"
        for line in broken:
            typer.echo(f"Must be mended: {line}", err=True)
        typer.echo("Until then the clinic is open for reading only.", err=True)
    for line in clocks():
        typer.echo(f"Look at this: {line}", err=True)
    serve_until_told(listen(port))


@app.command()
def demo(port: Port = 8000, at: At = None) -> None:
    """A throw-away clinic of invented people, on this machine only, with links for each role."""
    os.environ.pop("MYOTOME_CLINIC_KEYS", None)  # invented people never meet a clinic's own keys
    with tempfile.TemporaryDirectory(prefix="myotome-clinic-") as own:
        folder = at or Path(own)
        from clinic.place import ADDRESS, KEY_FILE, make_place
        from clinic.serving import listen, port_of, serve_until_told

        listening = listen(port)
        port = port_of(listening)
        address = f"http://localhost:{port}"
        is_new = not (folder / KEY_FILE).exists()
        if is_new:
            make_place(folder, {"name": "Demonstration clinic", "address": address})
        _open(folder)
        from clinic.demonstration import furnish, links, refuse_real_people

        if is_new:
            furnish()
        refuse_real_people()
        # One that is opened again may get another port than it had, and what it mails leads there.
        os.environ[ADDRESS] = address
        serve_until_told(listening, after=lambda: _print_links(links(), port))


def _print_links(found: list[tuple[str, str]], port: int) -> None:
    width = max(len(who) for who, _ in found)
    for who, path in found:
        typer.echo(f"  {who.ljust(width)}  http://localhost:{port}{path}")


@app.command()
def check(at: At = None) -> None:
    """Say what stands between this clinic and patients; exit 1 if anything must be mended."""
    _open(at, may_lack_keys=True)
    from clinic.checking import advice, breaks, displaced, refusals

    must, should = refusals() + breaks() + displaced(), advice()
    for line in must:
        typer.echo(f"Must be mended: {line}")
    for line in should:
        typer.echo(f"Look at this: {line}")
    if not must and not should:
        typer.echo("Nothing to mend.")
    raise typer.Exit(1 if must else 0)


@app.command("verify-audit")
def verify_audit(at: At = None) -> None:
    """Follow the audit's chain to its exported head; exit 1 at the first thing that is wrong."""
    _open(at)
    from clinic.audit.queries import verify

    verdict = verify()
    if not verdict.is_whole:
        typer.echo(f"The audit is broken. {verdict.problem}")
        raise typer.Exit(1)
    typer.echo(f"The audit is whole: {verdict.linked} linked, {verdict.waiting} waiting.")


@app.command()
def retz(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    at: At = None,
) -> None:
    """After new time-zone rules: move instants under agreed wall times; exit 1 if any is open."""
    _open(at)
    from clinic.audit.actor import system
    from clinic.booking import retz as rules

    found = rules.planned()
    for line in rules.lines(found):
        typer.echo(line)
    if not found:
        return
    if not (yes or typer.confirm("Carry this out?", default=False)):
        typer.echo("Nothing is done.")
        raise typer.Exit(1)
    try:
        done = rules.carry_out(by=system("retz"), agreed=None if yes else found)
    except rules.ChangedMeanwhile as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo("Done:")
    for line in rules.lines(done):
        typer.echo(line)
    raise typer.Exit(1 if any(shift.problem for shift in done) else 0)


@app.command()
def backup(
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Left out: `backups` in the folder.")
    ] = None,
    at: At = None,
) -> None:
    """Write a sealed copy of everything, while the clinic runs."""
    _open(at)
    from django.conf import settings

    from clinic.backup import back_up

    typer.echo(str(back_up(to or settings.PLACE.backups)))


@app.command()
def restore(file: Path, at: At = None) -> None:
    """Bring a sealed copy back into an empty place, and check it row by row."""
    _open(at)
    from clinic.backup import bring_back

    restored = bring_back(file)
    typer.echo(f"{restored.rows} rows in {restored.tables} tables are as they were copied.")
    typer.echo(f"The audit is whole: {restored.linked} linked.")
