"""What may be changed in the models and in the reference, one small change at a time, and how some are drawn.

A mutation is known by what it changes and not by where that stands: its file's name, its rule and the line
as it is written, so that two states of the project can be measured by the same mutations.
"""

from __future__ import annotations

import hashlib
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

# Rule -> [(pattern, replacement)]; \b and spaces keep them off parts of words and of other signs.
# A name that is read: not the alias, the key or the argument that it is given to.
NAME, END = r"(?<!\bas )\b", r"\b(?!\": |=)"
BOTH = {
    "boundary": [
        (r"(?<=\s)<=(?=\s)", "<"),
        (r"(?<=\s)>=(?=\s)", ">"),
        (r"(?<=\s)<(?=\s)", "<="),
        (r"(?<=\s)>(?=\s)", ">="),
    ],
    "direction": [(r"(?<=\s)<=?(?=\s)", ">"), (r"(?<=\s)>=?(?=\s)", "<")],
    "and or": [(r"(?<!between 0)(?<=\s)and(?=\s)", "or"), (r"(?<=\s)or(?=\s)", "and")],
    "least most": [(r"\bmin(_by)?\(", r"max\1("), (r"\bmax(_by)?\(", r"min\1(")],
    "constant": [(r"(?<![\w.'\"%-])[1-9]\d*(?![\w.'\"%])", "+1")],
    "another column": [
        (rf"{NAME}(first_|is_|total_|contact_)?opened{END}", r"\1clicked"),
        (rf"{NAME}(first_|is_|total_|contact_)?clicked{END}", r"\1replied"),
        (rf"{NAME}(first_|is_|total_|contact_)?replied{END}", r"\1opened"),
        (rf"{NAME}opens{END}", "clicks"),
        (rf"{NAME}started_at{END}", "enrolled_at"),
        (rf"{NAME}ended_at{END}", "started_at"),
        (rf"{NAME}created_at{END}", "closed_at"),
    ],
}
SQL = BOTH | {
    "no condition": [(r"^ *and .*\n", "")],
    "no tie": [
        (r"(?<=order by )([^,()\n]+), [^()\n]+$", r"\1"),
        (r"^( *order by [^,()\n]+), [^()\n]+$", r"\1"),
    ],
    "order": [(r" desc\b", " asc"), (r" asc\b", " desc"), (r"nulls last", "nulls first")],
    "coalesce": [(r"\bcoalesce\(([\w.]+), ([\w.']+)\)", r"coalesce(\2, \1)")],
    "union": [(r"\bunion all\b", "union")],
    "join": [(r"\bleft join\b", "inner join"), (r"\binner join\b", "left join")],
    "null": [(r"\bis null\b", "is not null"), (r"\bis not null\b", "is null")],
    "distinct": [(r"count\(distinct ", "count("), (r"\bselect distinct\b", "select")],
    "not": [(r"(?<=\s)not (?!null|materialized|exists|in\b)", "")],
}
PYTHON = BOTH | {
    "null": [(r"\bis None\b", "is not None"), (r"\bis not None\b", "is None")],
    "order": [(r"reverse=True", "reverse=False"), (r"\[-1\]", "[0]"), (r"\[0\]", "[-1]")],
    "not": [(r"(?<=\s)not (?!in\b|None)", "")],
    "equal": [(r"(?<=\s)==(?=\s)", "!="), (r"(?<=\s)!=(?=\s)", "==")],
    "sum": [(r"(?<=[\w)] )\+(?= [\w(])", "-"), (r"(?<=[\w)] )-(?= [\w(])", "+")],
}
# Of the project file the constants of the definitions alone.
VARS = {"var": [(r"(?<=: )[1-9]\d*$", "+1")]}

# Not part of the definitions: the generator of random accounts, what writes them down, the tests.
NO_REFERENCE = ("random_", "write", "test_", "__init__")


@dataclass(frozen=True)
class Mutation:
    """text: the changed line as it was, at: which of its matches, nth: which of the file's equal lines."""

    kind: str
    file: str
    rule: str
    text: str
    at: int
    nth: int
    becomes: str

    @property
    def key(self) -> str:
        return f"{self.stem} | {self.rule} | {self.text} | {self.becomes} | {self.at}.{self.nth}"

    @property
    def stem(self) -> str:
        return Path(self.file).stem

    def as_row(self) -> dict:
        return asdict(self)


@dataclass(frozen=True)
class Place:
    """Where a mutation is in a state of the project: line number, and the file's text with it."""

    mutation: Mutation
    line: int
    mutated: str


def files(project: Path) -> Iterator[tuple[str, Path]]:
    """(sql, vars or reference, file) of all that is mutated."""
    for folder in ("models", "macros"):
        yield from (("sql", path) for path in sorted((project / folder).rglob("*.sql")))
    yield "vars", project / "dbt_project.yml"
    for path in sorted((project / "tests/reference").glob("*.py")):
        if not path.name.startswith(NO_REFERENCE):
            yield "reference", path


def places(project: Path) -> dict[str, Place]:
    """Key -> place, of every mutation that there is."""
    found = {}
    for kind, path in files(project):
        for place in _of_file(kind, path, path.relative_to(project).as_posix()):
            found.setdefault(place.mutation.key, place)
    return found


def draw(available: dict[str, Place], number: int, seed: int) -> list[Mutation]:
    """A third of the reference, the rest of SQL; of each rule as many as of any other, as far as there are.

    What is drawn first is decided by seed and key: a mutation that is new in a state displaces few others.
    """

    def rank(mutation: Mutation) -> str:
        return hashlib.sha256(f"{seed} {mutation.key}".encode()).hexdigest()

    drawn: list[Mutation] = []
    for of_reference, share in ((True, number // 3), (False, number - number // 3)):
        by_rule: dict[str, list[Mutation]] = {}
        for place in available.values():
            if (place.mutation.kind == "reference") == of_reference:
                by_rule.setdefault(place.mutation.rule, []).append(place.mutation)
        # the best of each rule, then the second of each …
        turns = [
            (turn, rank(one), one)
            for some in by_rule.values()
            for turn, one in enumerate(sorted(some, key=rank))
        ]
        drawn += [one for _, _, one in sorted(turns, key=lambda turn: turn[:2])[:share]]
    return drawn


def find(available: dict[str, Place], wanted: Mutation) -> Place | None:
    """The place of a mutation drawn from another state; by its line alone where one other file has it."""
    if wanted.key in available:
        return available[wanted.key]
    same = [
        place
        for place in available.values()
        if (place.mutation.rule, place.mutation.text, place.mutation.at, place.mutation.becomes)
        == (wanted.rule, wanted.text, wanted.at, wanted.becomes)
    ]
    return same[0] if len(same) == 1 else None


def _of_file(kind: str, path: Path, name: str) -> Iterator[Place]:
    rules = {"sql": SQL, "vars": VARS, "reference": PYTHON}[kind]
    text = path.read_text(encoding="utf-8")
    hidden = _python_words(text) if kind == "reference" else _sql_words(text)
    seen: dict[tuple[str, str, int], int] = {}
    start = 0
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        for rule, changes in rules.items():
            matches = [(m, becomes) for pattern, becomes in changes for m in re.finditer(pattern, line, re.M)]
            matches = [(m, b) for m, b in matches if not any(a <= start + m.start() < z for a, z in hidden)]
            for at, (match, becomes) in enumerate(sorted(matches, key=lambda one: (one[0].start(), one[1]))):
                new = str(int(match[0]) + 1) if becomes == "+1" else match.expand(becomes)
                mutated = line[: match.start()] + new + line[match.end() :]
                said = " ".join(mutated.split()) or "(nothing)"
                once = (rule, " ".join(line.split()), at)
                seen[once] = seen.get(once, -1) + 1
                mutation = Mutation(kind, name, *once, seen[once], said)
                yield Place(mutation, number, text[:start] + mutated + text[start + len(line) :])
        start += len(line)


def _sql_words(text: str) -> list[tuple[int, int]]:
    """Where comments and settings stand."""
    pattern = r"--[^\n]*|\{#.*?#\}|\{\{\s*config\(.*?\}\}|^\s*#[^\n]*"
    return [match.span() for match in re.finditer(pattern, text, re.S | re.M)]


def _python_words(text: str) -> list[tuple[int, int]]:
    """Where comments, texts of more than one word and imports stand."""
    lines = [0]
    for line in text.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    words = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        is_words = token.type == tokenize.STRING and (" " in token.string or token.string.startswith('"""'))
        if is_words or token.type == tokenize.COMMENT:
            words.append((lines[token.start[0] - 1] + token.start[1], lines[token.end[0] - 1] + token.end[1]))
    return words
