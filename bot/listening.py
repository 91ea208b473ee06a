"""Taking an address to be served at."""

from __future__ import annotations

from aiohttp import web


async def listen(runner: web.AppRunner, host: str, port: int) -> tuple[str, int]:
    """Serve what the runner was set up with; the address taken, of port 0 a free one.

    Raises OSError whose `filename` is the address: the system names it only within a sentence.
    """
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from None
    taken = runner.addresses[0]
    return taken[0], taken[1]
