"""As on a public server: two server processes over one runs directory, behind nginx with TLS, below a sub-path.

nginx runs with the file that docs/hosting.md gives, but for ports, certificate and location. Skipped where there is
no nginx or openssl.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import signal
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import brotli
import pytest
from playwright.sync_api import Browser, Page, expect

from lenet.common import paths
from lenet.runs import visitors
from tests.browser.conftest import a_reader
from tests.helpers.nginx import NGINX, nginx_command
from tests.helpers.processes import Process, answers, free_port, serve, wait_for

OPENSSL = shutil.which("openssl")
PASSWORD = "correct horse"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(NGINX is None or OPENSSL is None, reason="no nginx or no openssl on this machine"),
]
TRUSTING = ssl._create_unverified_context()


@dataclass
class Site:
    url: str
    runs: Path
    start: Callable[[int], Process]  # a server on that port
    servers: dict[int, Process]  # by port

    def log(self) -> list[dict[str, object]]:
        lines = (self.runs / ".log" / "lenet.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


def certificate(folder: Path) -> None:
    command = [
        OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem"),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    runs, https, ports = folder / "runs", free_port(), [free_port(), free_port()]
    secrets = folder / "secrets.toml"
    secrets.write_text(f'[operator]\npassword = "{PASSWORD}"\n')
    environment = {
        "LENET_HOSTED": "1", "STREAMLIT_SERVER_ADDRESS": "127.0.0.1", "STREAMLIT_SERVER_BASE_URL_PATH": "lenet",
        "STREAMLIT_SECRETS_FILES": str(secrets),
    }  # fmt: skip
    certificate(folder)
    with ExitStack() as stack:

        def start(port: int) -> Process:
            _url, server = stack.enter_context(serve(runs, port=port, trains=False, **environment))
            return server

        servers = {port: start(port) for port in ports}
        proxy = stack.enter_context(Process(nginx_command(folder, ports, https, free_port())))
        url = f"https://localhost:{https}/lenet"
        wait_for(lambda: answers(f"{url}/_stcore/health", context=TRUSTING))
        yield Site(url, runs, start, servers)
        proxy.terminate()  # killed, it would leave its workers behind
        proxy.wait(30)


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """A fresh browser that takes the test's certificate."""
    # A connection that the proxy closed while it was asked for a file: Chromium tries again by itself, and so does the
    # loader of components, which says so.
    forgiven = "ERR_TOO_MANY_RETRIES|could not be loaded"
    with a_reader(browser, is_new=True, ignore_https_errors=True, forgiven=forgiven) as page:
        yield page


def server_of(page: Page, site: Site) -> str:
    """Which server process this browser is connected to, as its status page says to the operator."""
    page.goto(f"{site.url}/status")
    field, inside = page.get_by_label("Operator’s password"), page.get_by_role("button", name="Sign out")
    expect(field.or_(inside)).to_be_visible()
    if field.is_visible():
        field.fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
    place = page.get_by_text(re.compile(r"^process \d+$"))
    expect(place).to_be_visible()
    return place.inner_text().removeprefix("process ")


def test_a_visitor_stays_with_one_server_and_many_are_spread(site: Site, browser: Browser, visitor: Page) -> None:
    mine = server_of(visitor, site)
    assert {server_of(visitor, site) for _ in range(3)} == {mine}
    found = {mine}
    for _ in range(12):
        context = browser.new_context(ignore_https_errors=True)
        found.add(server_of(context.new_page(), site))
        context.close()
        if len(found) > 1:
            break
    assert found == {str(server.pid) for server in site.servers.values()}


def test_links_lead_below_the_sub_path(site: Site, visitor: Page) -> None:
    root, asked = site.url.removesuffix("/lenet"), []
    visitor.on("request", lambda r: asked.append(r.url))
    for path, heading in (
        ("/", "LeNet Explorer"),
        ("/pooling?kernel=3", "What a pooling layer does"),
        ("/kernels?lang=zh_CN", "第一层"),
        ("/architecture", "LeNet: every layer"),
        ("/training?run=reference-modern", "Train LeNet"),
    ):
        visitor.goto(site.url + path)
        expect(visitor.get_by_role("heading", level=1)).to_contain_text(heading)
        expect(visitor.locator("[data-testid=stStatusWidget]")).to_have_count(0)
    visitor.goto(f"{site.url}/?lang=en")
    visitor.get_by_role("link", name="What the first layer learned").click()
    expect(visitor).to_have_url(re.compile(re.escape(f"{site.url}/kernels")))
    visitor.get_by_role("link", name="Training", exact=True).click()
    expect(visitor).to_have_url(re.compile(re.escape(f"{site.url}/training")))
    links = visitor.locator("a[href]").evaluate_all("all => all.map(a => a.href)")
    for address in [*asked, *links]:
        if address.startswith((root, root.replace("https", "wss"))):
            assert re.match(r"(https|wss)://[^/]+/lenet([/#?]|$)", address), address


def test_a_shared_link_leads_below_the_sub_path(site: Site, visitor: Page) -> None:
    visitor.goto(f"{site.url}/kernels?present=1&run=reference-modern")
    expect(visitor.get_by_role("img", name=re.compile("^Kernel 1:")).first).to_be_visible()
    visitor.keyboard.press("l")
    link = visitor.locator("a.address")
    expect(link).to_be_visible()
    port_and_path = site.url.split(":")[2]
    assert re.match(
        rf"https://[^/]+:{port_and_path}/kernels\?.*run=reference-modern", link.get_attribute("href") or ""
    )


def test_an_upload_reaches_the_server_of_its_session(site: Site, visitor: Page) -> None:
    visitor.goto(f"{site.url}/kernels")
    visitor.get_by_role("button", name="Files").click()
    weights = (paths.REFERENCE_DIR / "modern" / "model.safetensors").read_bytes()
    visitor.locator("input[type=file]").set_input_files(
        {"name": "mine.safetensors", "mimeType": "application/octet-stream", "buffer": weights}
    )
    expect(visitor).to_have_url(re.compile("run=%7Eupload|run=~upload"))
    expect(visitor.get_by_text("mine.safetensors: 0.weight").first).to_be_attached()


def test_what_is_for_the_operator_alone_is_not_shown_to_the_world(site: Site) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{site.url}/_stcore/metrics", context=TRUSTING)


def test_scripts_and_the_visitors_key_pass_the_proxy_as_they_are(site: Site) -> None:
    def get(path: str, **headers: str) -> tuple[Message, bytes]:
        request = urllib.request.Request(
            site.url + path, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        with urllib.request.urlopen(request, context=TRUSTING, timeout=60) as answer:
            return answer.headers, answer.read()

    headers, page = get("/", Accept="text/html", Accept_Encoding="gzip")
    assert headers["Content-Encoding"] == "gzip", "by the proxy"
    (cookie,) = [c for c in headers.get_all("Set-Cookie") if c.startswith(visitors.COOKIE)]
    assert {"Path=/lenet", "HttpOnly", "Secure", "SameSite=Lax"} <= set(cookie.split("; "))
    assert headers["Cache-Control"] == "private, no-cache"
    script = re.search(r"/static/js/index\.\w+\.js", gzip.decompress(page).decode())
    assert script
    _headers, plain = get(script.group())
    for coding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        headers, packed = get(script.group(), Accept_Encoding=coding)
        assert (headers["Content-Encoding"], unpack(packed)) == (coding, plain)
        assert f"-{coding}" in headers["ETag"], "by the app"
        assert "Accept-Encoding" in headers["Vary"] and "immutable" in headers["Cache-Control"]
        assert visitors.COOKIE not in str(headers)
    headers, part = get(script.group(), Accept_Encoding="br", Range="bytes=5-9")
    assert (headers["Content-Encoding"], part) == (None, plain[5:10])


def test_when_one_server_goes_its_visitors_go_on_with_the_other(site: Site, browser: Browser) -> None:
    """What an update does, one server at a time."""
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    first = server_of(page, site)
    (port,) = [port for port, server in site.servers.items() if str(server.pid) == first]
    gone = site.servers.pop(port)
    (other,) = site.servers.values()
    gone.terminate()
    assert gone.wait(60) in (0, -signal.SIGTERM)
    ends = [e for e in site.log() if e["event"] == "server_stopped"]
    assert [e["pid"] for e in ends] == [gone.pid]
    page.goto(f"{site.url}/pooling?kernel=3")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What a pooling layer does")
    assert server_of(page, site) == str(other.pid)
    site.servers[port] = site.start(port)
    context.close()


def test_one_address_asks_for_as_many_pages_as_a_class_needs_and_for_few_sign_ins(site: Site) -> None:
    def status(path: str, body: bytes | None = None) -> int:
        try:
            with urllib.request.urlopen(f"{site.url}{path}", body, context=TRUSTING, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    told = [status("/operator/sign-in", b"password=guess") for _ in range(60)]
    assert 403 in told, "the app refuses what no page has sent"
    assert 429 in told, "and the proxy what comes too often"
    assert {status("/_stcore/health") for _ in range(100)} == {200}
