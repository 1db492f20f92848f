"""What the tests of the CertPub stand-in share: it runs behind a real socket, with files of each test's own."""

import shutil
import threading
from types import SimpleNamespace

import pytest
import urllib3
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler

from sandbox.certpub.authority import existing_authority
from sandbox.certpub.preparing import prepare
from sandbox.certpub.site import Site


@pytest.fixture(scope="session")
def certpub_server():
    """A listening server without an application yet; its address stands in the certificates, which are made once."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def prepared_folder(certpub_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    prepare(Site(folder, f"http://127.0.0.1:{certpub_server.server_port}"))
    return folder


@pytest.fixture
def certpub(certpub_server, prepared_folder, tmp_path, settings):
    """The stand-in, asked by `get` and `post` with paths below its address."""
    site = Site(tmp_path / "sandbox", f"http://127.0.0.1:{certpub_server.server_port}")
    shutil.copytree(prepared_folder, site.folder)
    settings.ROOT_URLCONF, settings.MIDDLEWARE, settings.SANDBOX_FOLDER = "sandbox.urls", [], site.folder
    settings.MASKINPORTEN_ISSUER = f"{site.origin}/sandbox/maskinporten/"
    certpub_server.set_app(WSGIHandler())
    with urllib3.PoolManager(retries=False, timeout=10) as http:

        def ask(method, path, **further):
            return http.request(method, site.address(path), redirect=False, **further)

        yield SimpleNamespace(
            site=site,
            authority=existing_authority(site),
            ask=ask,
            get=lambda path: ask("GET", path),
            post=lambda path, body, kind: ask("POST", path, body=body, headers={"Content-Type": kind}),
        )
