"""One phrase of a language's table as a pattern, and what a match of it is in English."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from shared.quick_add.languages import Language
from shared.quick_add.needs import CLASS, LEADS, needed

_BEGIN, _END = r"(?<![\w#@+'’/:.,-])", r"(?![\w'’%/-]|[.,:]\d)"
_PAST_NOON = {"afternoon", "evening", "night"}
# Groups of a phrase about a time, and the minutes they add: "halb zehn" is 9:30.
_SHIFTS = {"plus30": 30, "plus15": 15, "minus15": -15, "minus30": -30}
# Classes of numbers, with the words of the language in place of %(…)s; `close` is a place, no words.
_NUMBERS = {
    "day": r"(?:0?[1-9]|[12]\d|3[01])(?!\d)",
    "year": r"(?:19|20|21)\d\d",
    "numeric": r"\d{1,2}(?P<sign>[./])\d{1,2}(?:(?P=sign)(?:\d\d)?\d\d)?",
    "n": r"\d{1,3}|%(n)s",
    "clock": r"\d{1,2}(?:\s?[:.h]\s?[0-5]\d)?|%(n)s",
    "every": r"(?:%(every)s)!?",
    "last": r"%(last)s",
    "dayth": r"\d{1,2}(?:%(mark)s)(?!\d| ?(?:(?:%(of)s) )?(?:%(month)s))",
    "marked": r"(?:\d{1,2}(?:%(mark)s)(?<!\d))(?!\w)%(more)s",
    "nths": r"(?:\d{1,2}(?:%(mark)s)|%(nth)s)(?!\w)%(more)s",
    "weekdays": r"(?:%(weekday)s|(?:%(short)s)(?!\w)\.?)(?!\w)%(more)s",
    "close": r"(?= *(?:$|[.,;!?)]| [!#@]\w| (?:%(at)s) ))",
}
_ITEMS = {"marked": r"\d{1,2}(?:%(mark)s)(?<!\d)", "nths": r"\d{1,2}(?:%(mark)s)|%(nth)s"}
_ITEMS["weekdays"] = r"%(weekday)s|(?:%(short)s)(?!\w)\.?"
_MORE = r"(?:\s?(?:,|(?<!\w)(?:%(and)s|%(to)s))\s?(?:(?:%(the)s)\s)?(?:{item})(?!\w)){{0,6}}"
# Days of a month are digits in English: "every first" may go on as anything.
_NTHS = {"first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th"}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern, compiled with its first use, and its English, in which {name} is a class of words.

    `needs` are the classes without which no text can match.
    """

    source: str
    template: str
    needs: frozenset[str]
    language: Language

    @property
    def pattern(self) -> re.Pattern[str]:
        """The pattern over lower-case text."""
        return _regex(self.source)

    def english(self, match: re.Match[str]) -> str | None:
        """Return the English of a match; None for a time that does not exist, or a list that is none."""
        words: dict[str, str] = {}
        try:
            for name, text in match.groupdict().items():
                if text is not None and f"{{{name}}}" in self.template:
                    words[name] = self._word(name.rstrip("0123456789"), text, match)
        except LookupError:
            return None
        filled = CLASS.sub(lambda found: words.get(found[1] + found[2], ""), self.template)
        return " ".join(filled.split())

    def _word(self, name: str, text: str, match: re.Match[str]) -> str:
        match name:
            case "clock":
                return _clock(text, match, self.language)
            case "weekdays":
                return _weekdays(text, self.language)
            case "nths" | "marked":
                return " and ".join(
                    _NTHS.get(nth := _nth(item, self.language), nth) for item in _items(text, self.language)
                )
            case "dayth":
                return _nth(text, self.language)
            case "every":
                return "every!" if text.endswith("!") else "every"
            case "day" | "year" | "numeric":
                return text
        return text if text.isdecimal() else _english(name, text, self.language)


@cache
def _regex(source: str) -> re.Pattern[str]:
    return re.compile(source)


def compiled(language: Language, pattern: str, english: str) -> Phrase:
    """Return a phrase of a table."""
    source = f"{_BEGIN}(?:{_spelled(language, pattern)}){_END}"
    return Phrase(source, english, needed(pattern, english), language)


def continued(language: Language) -> Phrase:
    """Return the phrase of a further time after a time, where the line or the phrase ends with it."""
    source = _spelled(language, r" (?:{and}) (?:{at} )?{clock}(?: ?{oclock})?(?=[ .;!?)]*$| [!#@])")
    return Phrase(source, "and {clock}", frozenset(), language)


def probes(language: Language) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return for each class that phrases need the pattern that finds whether a text has any of its words."""
    names = {name for name, words in language.words.items() if isinstance(words, Mapping)}
    found = {
        name: _spelled(language, f"{{{name}}}")
        for name in {*names, "clock", "every", "last", "nths", "weekdays", *LEADS}
    }
    found["digit"] = r"\d"
    return tuple((name, re.compile(rf"(?<![^\W\d])(?:{words})")) for name, words in found.items())


def _spelled(language: Language, pattern: str) -> str:
    def spelled(match: re.Match[str]) -> str:
        name, number = match.groups()
        words = language.words.get(name, "")
        if name in _NUMBERS:
            made = _NUMBERS[name] % _vocabulary(language, name)
            return made if name == "close" else f"(?P<{name}{number}>{made})"
        return f"(?:{words})" if isinstance(words, str) else f"(?P<{name}{number}>{_any(words)})"

    return CLASS.sub(spelled, pattern).replace(" ", r"\s")


def _vocabulary(language: Language, name: str) -> dict[str, str]:
    """Return the pattern of each class of the language, and of what may follow in a list of `name`."""
    words = {key: _any(value) for key, value in language.words.items()}
    nths = language.words["nth"]
    words["last"] = nths["last"] if isinstance(nths, Mapping) else nths
    words["more"] = _MORE.format(item=_ITEMS[name]) % words if name in _ITEMS else ""
    return words


def _any(words: str | Mapping[str, str]) -> str:
    return words if isinstance(words, str) else "|".join(words.values())


def _english(name: str, text: str, language: Language) -> str:
    """Return what a word of a class is in English; raises `LookupError`."""
    words = language.words[name]
    if isinstance(words, str):
        return text
    for english, pattern in words.items():
        if re.fullmatch(pattern, text):
            return english
    raise LookupError(text)


def _nth(text: str, language: Language) -> str:
    digits = re.match(r"\d+", text)
    if digits is None:
        return _english("nth", text, language)
    number = int(digits[0])
    teen = number % 100 in {11, 12, 13}
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _split(text: str, joint: str, language: Language) -> list[str]:
    between = rf"\s*(?:(?<!\w)(?:{joint})(?!\w))\s*(?:(?:{language.words['the']})\s)?"
    return [item.strip(" .") for item in re.split(between, text) if item.strip(" .")]


def _items(text: str, language: Language) -> list[str]:
    return _split(text.replace(",", " , "), f",|{language.words['and']}", language)


def _weekdays(text: str, language: Language) -> str:
    spans = [_split(item, str(language.words["to"]), language) for item in _items(text, language)]
    return ", ".join("-".join(_weekday(word, language) for word in span) for span in spans)


def _weekday(word: str, language: Language) -> str:
    full = re.fullmatch(_any(language.words["weekday"]), word)
    return _english("weekday" if full else "short", word, language)


def _clock(text: str, match: re.Match[str], language: Language) -> str:
    """Return HH:MM of "9", "9h30", "neun", with the part of the day and the half hours that the phrase has."""
    numbers = [int(number) for number in re.findall(r"\d+", text)] or [int(_english("n", text, language))]
    groups = match.groupdict()
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else int(groups.get("minute") or 0)
    if hour > 24 or minute > 59:
        raise LookupError(text)
    part = _english("part", groups["part"], language) if groups.get("part") else ""
    part = "evening" if groups.get("tonight") else part
    if part == "night" and hour == 12:
        hour = 0
    elif part in _PAST_NOON and (6 if part == "night" else 1) <= hour < 12:
        hour += 12
    shift = sum(minutes for name, minutes in _SHIFTS.items() if groups.get(name) is not None)
    hour, minute = divmod((hour * 60 + minute + shift) % 1_440, 60)
    return f"{hour:02}:{minute:02}"
