"""nginx with the configuration that docs/hosting.md gives, on ports of a test."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from lenet.common import paths

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def nginx_command(folder: Path, ports: list[int], https: int, http: int) -> list[str]:
    """nginx in the foreground, on its own ports and with everything that it writes in `folder`."""
    site = (paths.PROJECT / "docs" / "hosting" / "nginx.conf").read_text(encoding="utf-8")
    for old, new in (
        ("127.0.0.1:8501", f"127.0.0.1:{ports[0]}"),
        ("127.0.0.1:8502", f"127.0.0.1:{ports[1]}"),
        ("listen 443 ssl", f"listen 127.0.0.1:{https} ssl"),
        ("listen 80", f"listen 127.0.0.1:{http}"),
        ("/etc/letsencrypt/live/demo.example.org", str(folder)),
        ("    location / {", "    location /lenet/ {"),
    ):
        assert site.count(old) >= 1, old
        site = site.replace(old, new)
    return _command(folder, site)


def plain_nginx_command(folder: Path, ports: list[int], port: int) -> list[str]:
    """The same without TLS, at the root; each answer says in `X-Served-By` which server has given it."""
    site = (paths.PROJECT / "docs" / "hosting" / "nginx.conf").read_text(encoding="utf-8")
    site = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", site, flags=re.DOTALL)
    for old, new in (
        ("127.0.0.1:8501", f"127.0.0.1:{ports[0]}"),
        ("127.0.0.1:8502", f"127.0.0.1:{ports[1]}"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port}; add_header X-Served-By $upstream_addr always;"),
    ):
        assert site.count(old) == 1, old
        site = site.replace(old, new)
    return _command(folder, re.sub(r"\n    ssl_certificate.*", "", site))


def _command(folder: Path, site: str) -> list[str]:
    places = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{'user root; ' if os.geteuid() == 0 else ''}daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log {folder}/access.log;\n{places}\n{site}\n}}\n"
    )
    return [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
