"""``gateway import``: a file on the machine itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.settings import Settings
from tests.conftest import Client, Shop
from tests.gateway.command import gateway_here


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_file_is_imported_and_what_was_refused_is_said(
    database_url: str, settings: Settings, shop: Shop, rest: Client, tmp_path: Path, dry_run: bool
) -> None:
    """Taken out: the runner of ``_follow`` (it waits for a worker), ``_report``."""
    file, report = tmp_path / "products.csv", tmp_path / "report.csv"
    file.write_text("sku,name,price\nMUG,Mug,5.00\nBAD,Bad,x\n")
    words = ["import", str(file), "--account", shop.live.store.name, "--mode", "live", "--kind", "products"]
    words += ["--report", str(report), *(["--dry-run"] if dry_run else [])]
    given = {"GATEWAY_DATABASE_URL": database_url, "GATEWAY_DATA_DIR": str(settings.data_dir)}
    done = await asyncio.to_thread(gateway_here, *words, **given)
    assert (done.returncode, done.stdout) == (0, "1 created, 1 refused\n"), done.stderr
    assert done.stderr.splitlines()[-1] == "line 3: price: Must be a number such as 199.99."
    assert [line.split(",")[:2] for line in report.read_text().splitlines()[1:]] == [["2", "created"], ["3", "refused"]]
    assert (await rest("GET", "/v2/products/MUG")).status_code == (404 if dry_run else 200)


async def test_a_file_that_cannot_be_imported_ends_with_an_error(
    database_url: str, settings: Settings, shop: Shop, tmp_path: Path
) -> None:
    """Taken out: ``typer.Exit(1)``."""
    file = tmp_path / "stock.csv"
    file.write_text("sku,price\nMUG,5.00\n")
    words = ["import", str(file), "--account", shop.live.store.name, "--mode", "live", "--kind", "stock"]
    given = {"GATEWAY_DATABASE_URL": database_url, "GATEWAY_DATA_DIR": str(settings.data_dir)}
    done = await asyncio.to_thread(gateway_here, *words, **given)
    assert done.returncode == 1
    message = "The header has unknown columns: 'price'. Known are: sku, quantity, location, note."
    assert done.stderr.splitlines()[-1] == message
