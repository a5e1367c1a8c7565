"""Damaged or large JSON, element by element: what is whole becomes a line, each damage one of its own.

Arrays, API pages, and documents behind one another are read in a window of bounded size. An element is whole
when it parses. Damage ends where its brackets close, or earlier, at the next object behind a comma that
parses and has the members that its neighbours have: an object inside of a damaged one has others.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from sequence_warehouse.load.discovery import LandedFile
from sequence_warehouse.load.emoji import SUBSTITUTE, TOO_LONG
from sequence_warehouse.load.encodings import open_text
from sequence_warehouse.load.inspection import PAGE, mended_json
from sequence_warehouse.load.limits import MAX_RECORD_CHARACTERS
from sequence_warehouse.load.scanning import scan

_PAGE = re.compile(PAGE)
_WINDOW = MAX_RECORD_CHARACTERS + 1  # characters that an element must end in

_SPACE = re.compile(r"[ \t\n\r\ufeff]*")
_STRING = r'"(?:[^"\\]++|\\[\s\S])*+"'
_MEMBER = re.compile(rf"[ \t\n\r]*({_STRING})[ \t\n\r]*:[ \t\n\r]*(\[?)")
_BRACKET = re.compile(rf'(?:[^"{{}}\[\]]++|{_STRING})*+([{{}}\[\]])')
_WORD = re.compile(r'[^,\[\]{}"]+')
_NEXT = re.compile(r"(?:[,}][ \t\n\r]*|\n)(\{)")
_SIGN = re.compile(r'\\[\s\S]|["{}\[\]]')
_CLOSED_BY = {"{": "}", "[": "]"}


class Elements:
    """Writes the elements of a JSON text that comes in chunks as lines.

    members: of the elements, as far as they are known; those of the last whole one, afterwards. inner: those
    of them that hold others.
    is_first_damaged: there was damage while they were not known. places: lines that were written. objects:
    how many of them were whole objects. is_cut: the text ends before what it opened is closed. gap: behind
    how many lines a sign between two elements is first missing or too much, or None.
    """

    def __init__(
        self, chunks: Iterable[str], copy: TextIO, members: Iterable[str] = (), inner: Iterable[str] = ()
    ) -> None:
        self._chunks: Iterator[str] = iter(chunks)
        self._copy = copy
        self._text = ""
        self._at = 0
        self._is_last = False
        self.members, self.inner = set(members), set(inner)
        self._found: tuple[tuple[set[str], set[str]], str, int, int | None] = ((set(), set()), "", 0, None)
        self.is_first_damaged = False
        self.places = self.objects = 0
        self.is_cut = False
        self.gap: int | None = None

    def write(self) -> Elements:
        """Read all of it; returns itself."""
        while sign := self._next():
            if sign == "[":
                self._at += 1
                self._array()
            elif sign in ",]}":
                self._at += 1
                self._note_gap()
            elif sign == "{" and self._enters_page():
                self._array()
                self._leave_page()
            else:
                self._element()
        return self

    def _fill(self) -> None:
        """Have a whole window of text from here on, or all that is left."""
        if self._is_last or len(self._text) - self._at >= _WINDOW:
            return
        parts = [self._text[self._at :]]
        size = len(parts[0])
        while size < 2 * _WINDOW:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._is_last = True
                break
            parts.append(chunk)
            size += len(chunk)
        self._text, self._at = "".join(parts), 0

    def _next(self) -> str:
        """The next sign that is no blank, which is where the text is at then; none at its end."""
        while True:
            self._at = _behind_space(self._text, self._at)
            if self._at < len(self._text) or self._is_last:
                return self._text[self._at : self._at + 1]
            self._fill()

    def _array(self) -> None:
        """The elements of an array, from behind its bracket to behind the other."""
        before = "["
        while True:
            sign = self._next()
            if not sign:
                self.is_cut = True
                return
            if sign in ",]}":
                self._at += 1
                if sign == "}" or (before == "," or (before == "[" and sign == ",")):
                    self._note_gap()
                if sign == "]":
                    return
                before = sign if sign == "," else before
                continue
            if before == "element":
                self._note_gap()
            before = self._element()

    def _enters_page(self) -> bool:
        """Whether an API's page begins here; if so, its elements are next."""
        self._fill()
        text, at = self._text, self._at
        while member := _MEMBER.match(text, at + 1):
            if member[1] == '"results"' and member[2]:
                self._at = member.end()
                return True
            if member[1] == '"id"':
                return False
            try:
                _, at = scan(text, member.start(2))
            except (ValueError, StopIteration, RecursionError):
                return False
            at = _behind_space(text, at)
        return False

    def _leave_page(self) -> None:
        """The members of a page behind its elements."""
        while (sign := self._next()) == ",":
            self._fill()
            member = _MEMBER.match(self._text, self._at + 1)
            if not member:
                return
            try:
                _, self._at = scan(self._text, member.start(2))
            except (ValueError, StopIteration, RecursionError):
                self._at = member.start(2)
                return
        if sign == "}":
            self._at += 1
        self.is_cut = self.is_cut or not sign

    def _element(self) -> str:
        """Write the element that begins here, whole or not; returns what was read last, for ``_array``."""
        self._fill()
        text, start = self._text, self._at
        try:
            value, end = scan(text, start)
        except RecursionError:
            return self._too_deep()
        except json.JSONDecodeError as error:
            return self._damaged(error.pos, str(error))
        except StopIteration as stop:
            return self._damaged(stop.value, str(stop))
        follower = text[(at := _behind_space(text, end)) : at + 1]
        if isinstance(value, dict):
            self.members = set(value) or self.members
            self.inner = {name for name in value if isinstance(value[name], dict | list)} or self.inner
            self.objects += 1
        elif follower not in {",", "]", ""}:
            return self._damaged(end, "")
        elif not follower and not self._is_last:
            return self._damaged(len(text), "")
        self._put(text[start:end])
        self._at = end
        return "element"

    def _too_deep(self) -> str:
        """An element of too many brackets for this reading: what it is worth is told of its line."""
        end = self._balanced_end(len(self._text))
        if end is None:
            return self._skip()
        self._put(self._text[self._at : end])
        self._at = end
        return "element"

    def _damaged(self, place: int, problem: str) -> str:
        """Write the damaged element that begins here, which is wrong from a place on."""
        text, start = self._text, self._at
        is_open = problem.startswith("Unterminated string") or place >= len(text) - 10
        if is_open and not self._is_last:
            return self._skip()
        if word := _WORD.match(text, start):
            end = word.end()
            if end < len(text) or self._is_last:
                self._put(text[start:end].rstrip(), is_bad=True)
                self._at = end
                return "element" if text[end : end + 1] in ",]" else ","
        end, read = self._damage_end(place)
        self._put(text[start:end].rstrip(" \t\n\r,"), is_bad=True)
        self._at = end
        while end == len(text) and not self._is_last:  # on to the next element, however far
            self._fill()
            text = self._text
            found = self._next_object(self._at)
            end = self._at = len(text) if found is None else found
        return read

    def _damage_end(self, place: int) -> tuple[int, str]:
        """Where damage that was noticed at a place ends, and what was read last then."""
        text, start = self._text, self._at
        self.is_first_damaged = self.is_first_damaged or not self.members
        # a string that is not closed ends with the next one's quote, behind the next element's bracket
        first = max(start + 1, text.rfind('"', start, max(start, place - 1)))
        found = self._next_object(first)
        closed = self._balanced_end(len(text) if found is None else found)
        if closed is not None:
            return closed, "element"
        return (len(text) if found is None else found), ","

    def _next_object(self, first: int) -> int | None:
        """Where, from a place on, an element begins that is whole. Asked for each of many damaged ones."""
        known, text, since, at = self._found
        is_known = text is self._text and known == (self.members, self.inner)
        if is_known and since <= first and (at is None or at >= first):
            return at
        at = self._search(first)
        self._found = ((self.members, self.inner), self._text, first, at)
        return at

    def _search(self, first: int) -> int | None:
        for found in _NEXT.finditer(self._text, first):
            at = found.start(1)
            try:
                value, _ = scan(self._text, at)
            except (ValueError, StopIteration, RecursionError):
                continue
            # an object inside of a damaged element may have the same names, but holds no others
            is_alike = 2 * len(self.members & set(value)) >= len(self.members)
            if is_alike and (not self.inner or self.inner & set(value)):
                return at
        return None

    def _balanced_end(self, last: int) -> int | None:
        """Where, before a place, the bracket that is open here closes, and those in it; None: they do not."""
        open_ones = []
        for sign in _BRACKET.finditer(self._text, self._at, last):
            if sign[1] in _CLOSED_BY:
                open_ones.append(_CLOSED_BY[sign[1]])
            elif not open_ones or open_ones.pop() != sign[1]:
                return None
            if not open_ones:
                return sign.end()
        return None

    def _skip(self) -> str:
        """Pass over an element that is longer than a window: its beginning is its line."""
        self._put(self._text[self._at : self._at + _WINDOW], is_bad=True)
        depth, is_text = 0, False
        while True:
            for sign in _SIGN.finditer(self._text, self._at):
                if sign[0] == '"':
                    is_text = not is_text
                elif not is_text and sign[0][0] != "\\":
                    depth += 1 if sign[0] in "{[" else -1
                if depth <= 0 and not is_text:
                    self._at = sign.start() if depth < 0 else sign.end()
                    return "element"
            tail = self._text.endswith("\\") and not self._is_last  # it may escape what follows
            self._at = len(self._text) - tail
            if self._is_last:
                return "element"
            self._fill()

    def _put(self, text: str, is_bad: bool = False) -> None:
        line = text.replace("\n", " ")
        if len(text) > MAX_RECORD_CHARACTERS:
            line = line[:MAX_RECORD_CHARACTERS] + TOO_LONG
        elif is_bad and is_object(line):  # a line end inside of a text was the damage
            line = text.replace("\n", SUBSTITUTE)
        self._copy.write(line + "\n")
        self.places += 1

    def _note_gap(self) -> None:
        if self.gap is None:
            self.gap = self.places


def spool_elements(file: LandedFile, target: Path) -> Elements:
    """Write the elements of a JSON file in UTF-8 to ``target`` as lines; returns what was found."""

    def read(*known: Iterable[str]) -> Elements:
        with target.open("w", encoding="utf-8", newline="") as copy:
            return Elements(mended_json(file), copy, *known).write()

    found = read()
    # what the others hold tells where damage in the first one ends
    return read(found.members, found.inner) if found.is_first_damaged and found.members else found


def spool_pages(file: LandedFile, target: Path) -> Path:
    """Write a copy of JSON lines in UTF-8 to ``target``, damaged pages of a line element by element."""
    with (
        open_text(file, file.path, newline="\n") as stream,
        target.open("w", encoding="utf-8", newline="") as copy,
    ):
        while line := stream.readline(2 * MAX_RECORD_CHARACTERS):
            elements = io.StringIO(newline="")
            if _PAGE.match(line) and not _is_json(line):
                found = Elements([line], elements).write()
                if found.objects:
                    copy.write(elements.getvalue())
                    if found.is_cut or found.gap is not None:
                        copy.write(f"…{line.rstrip()[-200:]}\n")  # one line for what is missing
                    continue
            copy.write(line)
    return target


def is_object(text: str) -> bool:
    """Whether a text is one JSON object."""
    return _is_json(text, dict)


def _is_json(text: str, kind: type = object) -> bool:
    try:
        return isinstance(json.loads(text), kind)
    except (ValueError, RecursionError):
        return False


def _behind_space(text: str, at: int) -> int:
    """Where the blanks that begin at a place end: there, when there are none."""
    found = _SPACE.match(text, at)
    return found.end() if found else at
