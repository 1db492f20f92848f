"""A real Chromium, and people who have signed in to the admin with it."""

import os

import pytest
from playwright.sync_api import expect, sync_playwright

from tests import cluster

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def sign_in(chromium, server):
    """Return a function that gives a page on which that user of the sandbox has signed in."""
    contexts = []

    def open_as(group):
        passwords = dict(line.split() for line in (cluster.FOLDER / "users").read_text().splitlines())
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/admin/")
        page.fill("input[name=username]", group)
        page.fill("input[name=password]", passwords[group])
        page.click("input[type=submit]")
        expect(page.locator("#user-tools")).to_contain_text(group)
        return page

    yield open_as
    for context in contexts:
        context.close()
