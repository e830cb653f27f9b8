"""The phrases that all tables share: only their words differ, and the order of adjective and noun."""

from shared.quick_add.languages import Phrases

_DAY = r"(?:(?:{weekday}|{short}\.?),? (?:{the} )?)?"
# "l'ultimo giorno": an elided article has no blank.
_ON = r"(?:{on} |l['’])?"
_MONTH_DAY = r"{day}(?:{mark})? ?(?:{of} )?{month}"

RULES: Phrases = (
    ("{remind} {n} ?{unit} {before}", "remind me {n} {unit} before"),
    ("{every} {nth} {weekday} {ofmonth}", "{every} {nth} {weekday} of the month"),
    ("{every} {nth} {dayword} {ofmonth}", "{nth} day of every month"),
    ("{every} {nth} {workday} {ofmonth}", "{nth} workday of every month"),
    (rf"{_ON}{{nth}} {{workday}} {{ofmonth}}", "{nth} workday of every month"),
    (rf"{_ON}{{nth}} {{dayword}} {{ofmonth}}", "{nth} day of every month"),
    (rf"{_ON}{{nth}} {{weekday}} {{ofmonth}}", "{nth} {weekday} of every month"),
    ("{every} {nths} {ofmonth}", "every {nths}"),
    (rf"{_ON}{{nths}} {{ofmonth}}", "every {nths}"),
    ("{every} {last} {weekday}", "{every} last {weekday}"),
    (rf"{{every}} {_MONTH_DAY}", "{every} {day} {month}"),
    ("{every} {other} {weekdays}", "{every} other {weekdays}"),
    ("{every} {other} {unit}(?: {on})? {weekdays}", "{every} other {unit} on {weekdays}"),
    ("{every} {other} {unit}", "{every} other {unit}"),
    ("{every} {n} {unit}(?: {on})? {weekdays}", "{every} {n} {unit} on {weekdays}"),
    ("{every} {n} {unit} {on} {dayth}", "{every} {n} {unit} on the {dayth}"),
    ("{every} {unit}(?: {on})? {nth} {dayword}", "{every} {unit} on the {nth} day"),
    ("{every} {unit}(?: {on})? {nth} {weekday}", "{every} {unit} on the {nth} {weekday}"),
    ("{every} {unit} {on} {dayth}", "{every} {unit} on the {dayth}"),
    ("{every} {unit}(?: {on})? {weekdays}", "{every} {unit} on {weekdays}"),
    ("{every} {group}", "{every} {group}"),
    ("{every} {unit} {part}", "{every} {unit} {part}"),
    ("{every} {n} {unit}", "{every} {n} {unit}"),
    ("{every} {unit}", "{every} {unit}"),
    ("{every} {weekdays} {part}", "{every} {weekdays} {part}"),
    ("{every} {weekdays}", "{every} {weekdays}"),
    ("{every} {part}", "{every} {part}"),
    ("{every} {marked}", "{every} {marked}"),
    ("(?:{on} )?{weekday} {and} (?:{on} )?(?:{the} )?{weekday2}(?= {at} )", "every {weekday} and {weekday2}"),
    ("{weekday}, {weekday2},? {and} {weekday3}(?= {at} )", "every {weekday}, {weekday2} and {weekday3}"),
    ("{adverb}(?: {on})? {weekdays}", "{adverb} on {weekdays}"),
    ("{adverb}(?: {on})? {nth} {dayword}", "{adverb} on the {nth} day"),
    ("{adverb}(?: {on})? {nth} {weekday}", "{adverb} on the {nth} {weekday}"),
    ("{adverb}(?: {on})? {dayth}", "{adverb} on the {dayth}"),
)
# A bare hour that needs no more context: of this evening, or the first of several.
LISTED: Phrases = (
    ("{tonight} {at} {clock}(?: ?{oclock})?", "tonight at {clock}"),
    ("{at} {clock}(?: ?{oclock})? {tonight}", "tonight at {clock}"),
    ("{at} {clock}(?: ?{oclock})?(?= {and} (?:{at} )?{clock2}(?: ?{oclock})?[ .!?]*(?:$|[!#@]))", "at {clock}"),
)
TIMES: Phrases = (
    ("{at} {clock} ?{oclock}(?: {part})?", "at {clock}"),
    ("{at} {clock},? {part}", "at {clock}"),
    ("{part} {at} {clock}(?: ?{oclock})?", "at {clock}"),
    (r"{at} (?=\d\d?\s?[:.h]\s?\d\d){clock}", "at {clock}"),
    (r"(?=\d\d?\s?h\s?\d\d){clock}", "at {clock}"),
    (r"(?=[012]\d:\d\d){clock}", "at {clock}"),
    ("{at} {noon}", "at {noon}"),
)
DATES: Phrases = (
    (rf"{_DAY}{_MONTH_DAY}(?:,? (?:{{of}} )?{{year}})?", "{day} {month} {year}"),
    (rf"{_DAY}{{numeric}}\.?", "{numeric}"),
    ("{in} {n} {unit}", "in {n} {unit}"),
    ("{end}", "{end}"),
    ("(?:{next}|{coming}) {period}", "next {period}"),
    ("{period} (?:{next}|{coming})", "next {period}"),
    ("{this} weekend", "this weekend"),
    ("{coming} {weekday}(?: {part})?", "coming {weekday} {part}"),
    ("{weekday} {coming}(?: {part})?", "coming {weekday} {part}"),
    ("{next} {weekday}(?: {part})?", "next {weekday} {part}"),
    ("{weekday} {next}(?: {part})?", "next {weekday} {part}"),
    ("{this} {weekday}(?: {part})?", "this {weekday} {part}"),
    ("{weekday} ?{part}", "{weekday} {part}"),
    ("{relative}(?: {part})?", "{relative} {part}"),
    ("{weekday}", "{weekday}"),
    (r"{short}\.?,?(?= {at} \d| \d\d?[:.]\d\d| \d\d? ?{oclock})", "{short}"),
)
WEAK: Phrases = (
    ("{at} {clock}", "at {clock}"),
    ("{clock} ?{oclock}(?: {part})?", "at {clock}"),
    ("{noon}", "at {noon}"),
    ("{adverb}", "{adverb}"),
    ("{onday} {dayth}", "on the {dayth}"),
    ("(?:{for} )?{n} ?{times}", "{n} times"),
    ("{for} {n} {unit}", "for {n} {unit}"),
)
# Only next to what was understood.
BESIDE: Phrases = (("(?:{on} )?{part}", "in the {part}"),)
