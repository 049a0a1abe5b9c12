"""A class on two servers of one runs directory behind nginx: the phones on one of them, the projector on the other.

Skipped where there is no nginx.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from lenet import classroom
from lenet.classroom import questions
from lenet.common import paths
from tests.classroom.test_faults import all_at, ask_the_class, hand_in, leave, until
from tests.helpers.nginx import NGINX, plain_nginx_command
from tests.helpers.phones import Connection, Phone, Teacher, new_cookie
from tests.helpers.processes import Process, answers, free_port, run_apart, serve, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.skipif(NGINX is None, reason="no nginx on this machine")]


@dataclass
class Site:
    url: str
    servers: dict[str, Process]  # by address, as nginx names them


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    ports, port = [free_port(), free_port()], free_port()
    with ExitStack() as stack:
        started = {}
        for one in ports:
            _url, started[f"127.0.0.1:{one}"] = stack.enter_context(serve(paths.runs_dir(), port=one, trains=False))
        proxy = stack.enter_context(Process(plain_nginx_command(tmp_path, ports, port)))
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(f"{url}/_stcore/health"))
        yield Site(url, started)
        proxy.terminate()  # killed, it would leave its workers behind
        proxy.wait(30)


async def server_of(url: str, cookie: str) -> str:
    """The server to which nginx sends a browser with these cookies."""
    connection = Connection(url, cookie)
    await connection.ask("GET", "/_stcore/health")
    connection.close()
    return connection.fields["x-served-by"]


async def cookies_of(url: str, server: str, n: int) -> list[str]:
    """The cookies of so many new browsers that nginx has sent to this server, and sends there again."""
    found: list[str] = []
    while len(found) < n:
        cookie = f"{new_cookie()}; lenet_server={secrets.token_hex(16)}"
        if await server_of(url, cookie) == server:
            found.append(cookie)
    return found


def test_phones_on_one_server_and_the_projector_on_the_other(site: Site) -> None:
    here, there = site.servers

    async def lesson() -> None:
        (cookie,), cookies = await cookies_of(site.url, here, 1), await cookies_of(site.url, there, 3)
        teacher = Teacher(site.url, cookie=cookie)
        code = await teacher.open_class()
        phones = [Phone(site.url, code, cookie=each) for each in cookies]
        for phone in phones:
            await phone.open()
        assert [phone.number for phone in phones] == [1, 2, 3]

        await teacher.show("pooling", "kernel=3", leads=True)
        await all_at(phones, "pooling", "kernel=3")
        await until(lambda: (teacher.told["here"], teacher.told["following"], teacher.told["members"]) == (3, 3, 3))

        await teacher.session.go("class", f"join={code}")
        await teacher.show("class")
        asked = ask_the_class(code)
        for phone in phones[:2]:
            await hand_in(phone, [0.5] * 25)
        tabs = teacher.session.by_key("_ui_panel_words")
        await teacher.session.change(tabs, tabs.options[2])
        await until(lambda: "2 of 3" in teacher.session.scenes["class_answers"])

        # The phones' server goes: nginx sends them to the other, where they are who they were.
        site.servers[there].kill()
        site.servers[there].wait()
        await until(lambda: all(phone.returned for phone in phones), 90)
        assert [phone.number for phone in phones] == [1, 2, 3]
        await hand_in(phones[2], [0.25] * 25)
        assert set(classroom.answers(code, asked.id)) == {1, 2, 3}
        assert questions.kernels(classroom.answers(code, asked.id))[3] == (25,) * 25
        await until(lambda: json.loads(teacher.session.scenes["class_answers"])[0]["count"].startswith("3 of 3"))
        await teacher.show("kernels", "run=reference-classic")
        await all_at(phones, "kernels", "run=reference-classic")
        await until(lambda: teacher.told["here"] == 3)
        await leave(teacher, *phones)

    run_apart(lesson())
