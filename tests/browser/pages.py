"""What every test in a browser does with a page: take its picture, and hold it to the rules of accessibility."""

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe

from tests import cluster

PICTURES = Path(os.environ.get("PICTURES", cluster.FOLDER / "pictures"))


def picture(page, name):
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(PICTURES / f"{name}.png"), full_page=True)


def accessible(page):
    """Assert that no rule of the accessibility checker is seriously broken."""
    found = Axe().run(page).response["violations"]
    grave = [(rule["id"], rule["nodes"][0]["html"]) for rule in found if rule["impact"] in {"serious", "critical"}]
    assert grave == [], grave
