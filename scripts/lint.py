"""Every linter and what it looks at, said once: for make, for the pre-commit hooks and for the tests.

python -m scripts.lint                          all of them: `make lint`
python -m scripts.lint --fix                    what they can mend by themselves: `make format`
python -m scripts.lint --only sqlfluff file …   one of them, over those of these files that are its own
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sequence_warehouse.config.project import PROJECT

_TOOLS = Path(sys.executable).parent


@dataclass(frozen=True)
class Linter:
    """check, fix: commands that take files; fix is empty where nothing can be mended.

    places: folders and files of the project; of a folder the files that end in ``suffix``. Without any it is
    a tool that takes no files: its own settings say where it looks.
    """

    check: tuple[str, ...]
    places: tuple[str, ...] = ()
    suffix: str = ""
    fix: tuple[str, ...] = ()

    def owns(self, path: Path) -> bool:
        """Whether it looks at a file, given from the project on."""
        named = str(path) in self.places
        return named or (path.suffix == self.suffix and any(map(path.is_relative_to, self.places)))

    def files(self) -> list[str]:
        """All that it looks at; `.` stands for itself: the tool leaves out what git ignores."""
        found = []
        for place in self.places:
            folder = PROJECT / place
            inside = sorted(folder.rglob(f"*{self.suffix}")) if place != "." and folder.is_dir() else [folder]
            found += [str(path.relative_to(PROJECT)) for path in inside]
        return found


_SHELL = ("scripts", ".ci/run")
_SHFMT = ("shfmt", "--indent", "4")
_SQLFLUFF = ("python", "-m", "scripts.lint_sql")
LINTERS = {
    "ruff-check": Linter(("ruff", "check"), (".",), ".py", ("ruff", "check", "--fix")),
    "ruff-format": Linter(("ruff", "format", "--check"), (".",), ".py", ("ruff", "format")),
    "imports": Linter(("lint-imports",)),
    "mypy": Linter(("mypy",)),
    "shellcheck": Linter(("shellcheck",), _SHELL, ".sh"),
    "shfmt": Linter((*_SHFMT, "--diff"), _SHELL, ".sh", (*_SHFMT, "--write")),
    "hadolint": Linter(("hadolint",), ("Dockerfile",), "Dockerfile"),
    "workflows": Linter(
        ("check-jsonschema", "--quiet", "--builtin-schema", "vendor.github-workflows"),
        (".github/workflows",),
        ".yml",
    ),
    "sqlfluff": Linter(
        (*_SQLFLUFF, "lint", "--disable-progress-bar"),
        ("models", "macros", "tests/dbt"),
        ".sql",
        (*_SQLFLUFF, "fix", "--disable-progress-bar"),
    ),
}


def run(name: str, fix: bool = False, given: list[Path] | None = None) -> int:
    """Run one linter over all its files, or over its own among some. Returns its exit status."""
    linter = LINTERS[name]
    command = linter.fix if fix else linter.check
    files = linter.files() if given is None else [str(path) for path in given if linter.owns(path)]
    if not command or (linter.places and not files):
        return 0
    return subprocess.run([_TOOLS / command[0], *command[1:], *files], cwd=PROJECT).returncode


def main() -> int:
    """Returns 0 when every linter is content, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--fix", action="store_true", help="mend instead of telling")
    parser.add_argument("--only", choices=LINTERS, help="this linter")
    parser.add_argument("files", nargs="*", type=Path, help="only these files")
    given = parser.parse_args()
    names = [given.only] if given.only else list(LINTERS)
    failed = [name for name in names if run(name, given.fix, given.files or None)]
    if failed and not given.fix:
        print(f"error: {', '.join(failed)}: see above; make format mends some of it", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
