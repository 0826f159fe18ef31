"""The optional compiled build: the modules named in `pyproject.toml` as C extensions, made by mypyc.

HATCH_BUILD_HOOK_ENABLE_CUSTOM=1 pip install .

The hook of hatch-mypyc knows one source folder, and the wheel has four; and it leaves what it compiled beside
the sources, where it would be imported in place of whatever is edited next.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Types as they are written: neither the strictness of `pyproject.toml` nor other packages' stubs are needed.
MYPY = ("--config-file=", "--follow-imports=silent", "--ignore-missing-imports")


class CompiledBuild(BuildHookInterface):
    """Puts compiled modules into a wheel, beside their sources, and leaves the checkout as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, unless the sources are to stay editable."""
        if version == "editable":
            return
        self._folder = TemporaryDirectory()
        made = compile_modules(self.config["modules"], Path(self._folder.name))
        build_data["infer_tag"] = True
        build_data["pure_python"] = False
        build_data["force_include"].update({str(made / name): name for name in _files(made)})

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Clear away what the wheel now holds."""
        if version != "editable":
            self._folder.cleanup()


def compile_modules(modules: list[str], work: Path) -> Path:
    """Compile the modules in the folder `work`, and say which part of it holds the result."""
    import setuptools  # mypyc looks whether it is there
    from mypyc.build import mypycify

    paths = [f"engine/{module.replace('.', '/')}.py" for module in modules]
    extensions = mypycify(
        [*MYPY, f"--cache-dir={work / 'types'}", *paths],
        opt_level="3",
        group_name="followcue.compiled",
        target_dir=str(work / "c"),
    )
    distribution = setuptools.Distribution({"name": "followcue", "ext_modules": extensions})
    build = distribution.get_command_obj("build_ext")
    build.build_lib, build.build_temp = str(work / "made"), str(work / "objects")
    build.ensure_finalized()
    build.run()
    return work / "made"


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
