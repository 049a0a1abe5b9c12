"""The one step of the build that pyproject.toml cannot say: put the app into the package.

`streamlit run` needs a file with its pages and its configuration beside it. At the top of site-packages, `app` and
`pages` could be anybody's; a wheel has them as `lenet/_app/`, where `lenet/launch.py` finds them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithApp(build_py):
    """Copies what `lenet/` holds, as always, and then the app."""

    def run(self) -> None:
        if self.editable_mode:  # `pip install -e .` uses the checkout as it is
            super().run()
            return
        shutil.rmtree(self.build_lib, ignore_errors=True)  # an earlier build may have left files that are no more
        super().run()
        app = Path(self.build_lib) / "lenet" / "_app"
        shutil.copytree("pages", app / "pages", ignore=shutil.ignore_patterns("__pycache__"))
        (app / ".streamlit").mkdir()
        for name in ("app.py", ".streamlit/config.toml"):
            shutil.copyfile(name, app / name)


setup(cmdclass={"build_py": BuildWithApp})
