"""A public server in a real browser: whose a run is, and what another visitor can do with it."""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lenet.runs import visitors
from tests.browser.test_training import bar, button, open_training, press_train, shown_run
from tests.helpers.processes import end_workers, serve, wait_for
from tests.helpers.visitors import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def public_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("public")


@pytest.fixture(scope="module")
def public_url(public_runs: Path) -> Iterator[str]:
    secrets = public_runs / "secrets.toml"
    secrets.write_text(f'[operator]\npassword = "{PASSWORD}"\n')
    limits = {"LENET_HOSTED": "1", "LENET_MAX_EPOCHS": "400", "LENET_MAX_WAITING": "2"}
    with serve(public_runs, STREAMLIT_SECRETS_FILES=str(secrets), **limits) as (url, _server):
        yield url
    end_workers(public_runs)


def key_of(context: BrowserContext) -> str:
    """The key of a browser, which it has with its first page."""
    (key,) = [c["value"] for c in context.cookies() if c["name"] == visitors.COOKIE]
    return key


def test_a_run_is_its_starters_also_after_a_reload_and_nobody_elses(
    page: Page, browser: Browser, public_url: str, public_runs: Path
) -> None:
    open_training(page, public_url, "?epochs=100&data=sample&batch=16")  # half a minute at least
    key = key_of(page.context)
    run = press_train(page)
    assert (public_runs / run / "owner").read_text() == visitors.owner_of(key)
    wait_for(lambda: bar(page).startswith("training"))
    link = page.evaluate("location.href")

    stranger = browser.new_context(locale="en-US")
    other = stranger.new_page()
    other.goto(link)
    other.locator(".js-plotly-plot .main-svg").first.wait_for()
    expect(other.get_by_text("you can watch it")).to_be_visible()
    assert shown_run(other) == run
    expect(button(other, "Stop")).to_have_count(0)
    expect(button(other, "Pause")).to_have_count(0)
    assert key_of(stranger) != key

    page.reload()  # a new session, which knows the browser by its cookie
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    assert key_of(page.context) == key
    button(page, "Stop").click()
    wait_for(lambda: bar(page).startswith("stopped"))
    # Neither the link, nor the pages that were sent to anybody, nor the run directory, nor the log has the key.
    everything = [link, page.content(), other.content(), other.evaluate("document.cookie")]
    everything += [f.read_text(errors="replace") for f in public_runs.rglob("*") if f.is_file()]
    assert not [text[:80] for text in everything if key in text]
    stranger.close()


@contextmanager
def losing_cookies(url: str) -> Iterator[str]:
    """Another address of a server, by which no cookie reaches the browser."""
    port = int(url.rpartition(":")[2])

    def pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(2**16):
                target.sendall(data.replace(b"set-cookie:", b"lost-cookie:"))
            target.shutdown(socket.SHUT_WR)

    class Forward(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as server:
                back = threading.Thread(target=pump, args=(server, self.request), daemon=True)
                back.start()
                pump(self.request, server)
                back.join()

    class Forwarder(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Forwarder(("127.0.0.1", 0), Forward) as forwarder:
        threading.Thread(target=forwarder.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{forwarder.server_address[1]}"
        forwarder.shutdown()


def test_a_visitor_without_cookies_owns_runs_until_the_page_is_left(page: Page, public_url: str) -> None:
    with losing_cookies(public_url) as url:
        open_training(page, url, "?epochs=1&data=sample&seed=3")
        assert not [c for c in page.context.cookies() if c["name"] == visitors.COOKIE]
        press_train(page)
        wait_for(lambda: bar(page).startswith("finished"))
        expect(button(page, "Extend")).to_be_visible()
        page.goto("about:blank")


def test_a_key_of_old_stays_and_no_script_can_read_it_any_more(
    page: Page, public_url: str, public_runs: Path
) -> None:
    """It was made by a script; so were the runs that its browser may change. Also where the page comes from the cache."""
    open_training(page, public_url, "?epochs=1&data=sample&seed=5")
    old = "ab" * 32
    page.context.clear_cookies(name=visitors.COOKIE)
    page.evaluate(f"document.cookie = '{visitors.COOKIE}={old}; path=/; max-age=34560000; samesite=strict'")
    page.reload()
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    (cookie,) = [c for c in page.context.cookies() if c["name"] == visitors.COOKIE]
    assert (cookie["value"], cookie["httpOnly"], cookie["sameSite"]) == (old, True, "Lax")
    assert visitors.COOKIE not in page.evaluate("document.cookie")
    run = press_train(page)
    assert (public_runs / run / "owner").read_text() == visitors.owner_of(old)


def test_the_operator_signs_in_for_all_tabs_and_out_of_all(page: Page, public_url: str) -> None:
    page.goto(f"{public_url}/status?lang=zh_CN")
    field = page.locator("input[name=password]")
    field.fill("guess")
    field.press("Enter")
    expect(page.get_by_text("这不是管理员密码。")).to_be_visible()
    page.goto(f"{public_url}/status")
    page.get_by_label("Operator’s password").fill(PASSWORD)
    button(page, "Sign in").click()
    expect(page.get_by_text("Free disk space")).to_be_visible()
    expect(page).to_have_url(f"{public_url}/status")
    page.reload()
    expect(page.get_by_text("Free disk space")).to_be_visible()
    other = page.context.new_page()
    other.goto(public_url)
    other.get_by_text("This installation").click()
    expect(other.get_by_text("Status of this server")).to_be_visible()
    other.goto(f"{public_url}/status")
    expect(other.get_by_text("Free disk space")).to_be_visible()
    (cookie,) = [c for c in page.context.cookies() if c["name"] == "lenet_operator"]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    button(page, "Sign out").click()
    expect(page.get_by_label("Operator’s password")).to_be_visible()
    expect(other.get_by_label("Operator’s password")).to_be_visible()  # by itself, although it was not touched
    assert [c for c in page.context.cookies() if c["name"] == "lenet_operator"] == []
    page.context.add_cookies([cookie])  # as somebody would who has copied it
    page.reload()
    expect(page.get_by_label("Operator’s password")).to_be_visible()


def test_name_pin_and_delete(page: Page, public_url: str, public_runs: Path) -> None:
    open_training(page, public_url, "?epochs=1&data=sample&seed=4")
    run = press_train(page)
    wait_for(lambda: bar(page).startswith("finished"))
    page.get_by_test_id("stPopover").get_by_role("button").click()
    page.get_by_label("Name", exact=True).fill("my first")
    page.get_by_label("Name", exact=True).press("Enter")
    wait_for(lambda: (public_runs / run / "name").exists())
    expect(page.get_by_role("combobox", name="Run")).to_have_value(re.compile("^my first · classic"))
    page.get_by_text("Pinned", exact=True).click()
    wait_for(lambda: (public_runs / run / "pinned").exists())
    sure = page.get_by_role("checkbox", name="Delete permanently")
    expect(sure).to_be_disabled()
    page.get_by_text("Pinned", exact=True).click()
    wait_for(lambda: not (public_runs / run / "pinned").exists())
    expect(sure).to_be_enabled()  # the page says so later than the file
    page.get_by_text("Delete permanently").click()
    button(page, "Delete").click()
    wait_for(lambda: not (public_runs / run).exists())
    wait_for(lambda: shown_run(page) not in ("", run))
