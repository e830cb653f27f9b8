"""An iCalendar file taken apart without judging it: components and content lines (RFC 5545, section 3.1). Pure.

Damage stays where it is: a component that does not end, or a line that is none, is a fault of that component alone.
Old vCalendar files write quoted-printable; its lines go on after a "=" at their end.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.filed_task import plain

# Not splitlines(): it also splits where Unicode has a separator, which may stand inside a value.
_LINE_END = re.compile(rb"\r\n|\n|\r")
_NAME = re.compile(r"[A-Za-z0-9-]+")
_PARAMETER = re.compile(r';\s*([A-Za-z0-9-]+)\s*=((?:"[^"]*"|[^";:,])*(?:,(?:"[^"]*"|[^";:,])*)*)')
_QUOTED_PRINTABLE = re.compile(rb"^[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE[;:]", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LONGEST = 1_000_000  # characters of one value
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One content line. `value` is as it was written, only quoted-printable is decoded; `raw` is the whole line."""

    name: str
    parameters: dict[str, str]
    value: str
    raw: str

    @property
    def text(self) -> str:
        """The value as TEXT (section 3.3.11)."""
        return unescaped(self.value)


@dataclass(slots=True)
class Block:
    """A component: its lines by name, what is inside it, and what is wrong with its form."""

    name: str
    lines: dict[str, list[Line]] = field(default_factory=dict)
    inside: list["Block"] = field(default_factory=list)
    fault: str | None = None

    def first(self, name: str) -> Line | None:
        """Return the first line of a name."""
        found = self.lines.get(name)
        return found[0] if found else None


def blocks(data: bytes) -> Iterator[Block]:
    """Yield the components of a file, those in VCALENDAR, in their order."""
    open_blocks: list[Block] = []
    for line in _unfolded(data):
        keyword, _, name = line.partition(b":")
        match keyword.strip().upper(), name.strip().upper().decode("ascii", "replace"):
            case b"BEGIN", "VCALENDAR":
                yield from _broken_off(open_blocks)
            case b"BEGIN", found:
                # A task never stands inside a task: the one before has not ended.
                if found in {"VTODO", "VEVENT", "VTIMEZONE"}:
                    yield from _broken_off(open_blocks)
                if len(open_blocks) < DEEPEST:
                    open_blocks.append(Block(found))
            case b"END", "VCALENDAR":
                yield from _broken_off(open_blocks)
            case b"END", found:
                yield from _end(open_blocks, found)
            case _:
                if open_blocks:
                    _add(open_blocks[-1], line)
    yield from _broken_off(open_blocks)


def unescaped(value: str) -> str:
    r"""Return TEXT without its backslashes: \n is a new line, any other character stands for itself."""
    return plain(_ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value))


def split_list(value: str) -> list[str]:
    """Return the parts between commas that no backslash precedes, unescaped, without empty ones."""
    parts = re.findall(r"(?:\\.|[^,\\])+", value, flags=re.DOTALL)
    return [text for part in parts if (text := unescaped(part).strip())]


def _broken_off(open_blocks: list[Block]) -> Iterator[Block]:
    if open_blocks:
        open_blocks[0].fault = f"BEGIN:{open_blocks[-1].name} has no END"
        yield open_blocks[0]
        open_blocks.clear()


def _end(open_blocks: list[Block], name: str) -> Iterator[Block]:
    if not open_blocks:
        return
    if open_blocks[-1].name != name:
        open_blocks[0].fault = f"END:{name} ends nothing: {open_blocks[-1].name} is open"
        if name not in {block.name for block in open_blocks}:
            return
        while open_blocks[-1].name != name:
            open_blocks.pop()
    done = open_blocks.pop()
    if open_blocks:
        open_blocks[-1].inside.append(done)
    else:
        yield done


def _add(block: Block, raw: bytes) -> None:
    if not raw.strip():
        return
    try:
        line = _parsed(raw)
    except ValueError as error:
        block.fault = block.fault or str(error)
        return
    block.lines.setdefault(line.name, []).append(line)


def _parsed(raw: bytes) -> Line:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        if not _QUOTED_PRINTABLE.match(raw):
            raise ValueError(f"a line is not UTF-8: {raw[:40]!r}") from None
        text = raw.decode("latin-1")
    match = _NAME.match(text)
    if match is None or len(text) > _LONGEST:
        raise ValueError(f"this is no content line: {text[:40]!r}")
    end, parameters = match.end(), {}
    while parameter := _PARAMETER.match(text, end):
        parameters[parameter[1].upper()] = parameter[2].replace('"', "")
        end = parameter.end()
    value_at = text.find(":", end)
    if value_at < 0:
        raise ValueError(f"this is no content line: {text[:40]!r}")
    value = text[value_at + 1 :]
    if _QUOTED_PRINTABLE.match(raw):
        value = _decoded(value, parameters.get("CHARSET", "utf-8"))
    return Line(match[0].upper(), parameters, value, text)


def _decoded(value: str, charset: str) -> str:
    try:
        return quopri.decodestring(value.encode("latin-1")).decode(charset)
    except (LookupError, UnicodeError):
        raise ValueError(f"quoted-printable text is not {charset[:40]}") from None


def _unfolded(data: bytes) -> Iterator[bytes]:
    """Yield lines put together again; before they are decoded, for a fold may cut a character in two."""
    parts: list[bytes] = []
    for line in _LINE_END.split(data.removeprefix(b"\xef\xbb\xbf")):
        if parts and line[:1] in {b" ", b"\t"}:
            parts.append(line[1:])
        elif parts and parts[-1].endswith(b"=") and _QUOTED_PRINTABLE.match(parts[0]):
            parts[-1] = parts[-1][:-1]
            parts.append(line)
        else:
            if parts:
                yield b"".join(parts)
            parts = [line]
    yield b"".join(parts)
