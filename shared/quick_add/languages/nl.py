"""Dutch."""

from shared.quick_add.languages import Language

LANGUAGE = Language(
    words={
        "weekday": {
            "monday": "maandag", "tuesday": "dinsdag", "wednesday": "woensdag", "thursday": "donderdag",
            "friday": "vrijdag", "saturday": "zaterdag", "sunday": "zondag",
        },
        "short": {
            "monday": "ma", "tuesday": "di", "wednesday": "wo", "thursday": "do", "friday": "vr", "saturday": "za",
            "sunday": "zo",
        },
        "habit": {
            "monday": "(?:['’]s )?maandags", "tuesday": "dinsdags", "wednesday": "(?:['’]s )?woensdags",
            "thursday": "donderdags", "friday": "vrijdags", "saturday": "zaterdags", "sunday": "(?:['’]s )?zondags",
        },
        "month": {
            "january": r"januari|jan\.?", "february": r"februari|feb\.?", "march": r"maart|mrt\.?",
            "april": r"april|apr\.?", "may": "mei", "june": r"juni|jun\.?", "july": r"juli|jul\.?",
            "august": r"augustus|aug\.?", "september": r"september|sept?\.?", "october": r"oktober|okt\.?",
            "november": r"november|nov\.?", "december": r"december|dec\.?",
        },
        "unit": {
            "minute": r"minuu?t(?:en)?|min\.?", "hour": "uur|uren|u", "day": "dag(?:en)?", "week": "we(?:ek|ken)",
            "month": "maand(?:en)?", "quarter": "kwarta(?:al|len)", "year": "ja(?:ar|ren)",
        },
        "period": {"week": "week", "month": "maand", "year": "jaar", "weekend": "weekend|weekeinde"},
        "n": {
            "1": "een|één", "2": "twee", "3": "drie", "4": "vier", "5": "vijf", "6": "zes", "7": "zeven", "8": "acht",
            "9": "negen", "10": "tien", "11": "elf", "12": "twaalf",
        },
        "nth": {
            "first": "eerste|1e|1ste", "second": "tweede|2e|2de", "third": "derde|3e|3de", "fourth": "vierde|4e|4de",
            "fifth": "vijfde|5e|5de", "last": "laatste",
        },
        "part": {
            "morning": "(?:['’]s )?(?:ochtends?|morgens)", "afternoon": "(?:['’]s )?middags?",
            "evening": "(?:['’]s )?avonds?", "night": "(?:['’]s )?nachts?",
        },
        "tonight": {"tonight": "vanavond|vannacht"},
        "relative": {
            "today": "vandaag", "tonight": "vanavond|vannacht", "today morning": "vanochtend|vanmorgen",
            "today afternoon": "vanmiddag", "day after tomorrow": "overmorgen", "tomorrow": "(?<!goede )morgen",
        },
        "noon": {"noon": "12 uur ['’]s middags", "midnight": "middernacht"},
        "group": {
            "weekday": "werkdag(?:en)?|weekdag(?:en)?|doordeweekse dag(?:en)?",
            "weekend": "weekends?|weekeinden?",
        },
        "adverb": {
            "every hour": "ieder uur", "every day": "dagelijks|(?:een|één) keer per dag",
            "every week": "wekelijks|(?:een|één) keer per week", "every 2 weeks": "tweewekelijks|veertiendaags",
            "every month": "maandelijks|(?:een|één) keer per maand", "every 3 months": "driemaandelijks",
            "every 6 months": "halfjaarlijks",
            "every year": "jaarlijks|(?:een|één) keer per jaar",
        },
        "every": "elke?|iedere?|om de|alle", "other": "andere|tweede|2e", "at": "om|vanaf|rond|tegen",
        "oclock": "uur|u", "on": "op de|op|de", "the": "de|het", "of": "", "in": "over|binnen|in",
        "next": "volgende?", "coming": "komende?|aanstaande", "this": "dit|deze", "mark": "e|ste|de",
        "onday": "op de|op",
        "and": "en|,|&", "to": "tot|tot en met|t/m|-|–", "ofmonth": "van (?:de|elke|iedere) maand",
        "dayword": "dag", "workday": "werkdag",
        "end": {
            "by end of month": "(?:(?:voor|tegen|aan) (?:het )?)?eind(?:e)? (?:van de|deze|van deze) maand",
            "by end of year": "(?:(?:voor|tegen|aan) (?:het )?)?eind(?:e)? (?:van het|dit|van dit) jaar",
            "by end of week": "(?:(?:voor|tegen|aan) (?:het )?)?eind(?:e)? (?:van de|deze|van deze) week",
        },
        "remind": "(?:en )?herinner (?:me|mij|ons)(?: er)?(?: aan)?|(?:met )?herinnering",
        "before": "van tevoren|vooraf|ervoor|eerder|tevoren", "times": "keer|maal|x", "for": "gedurende|voor|lang",
    },
    leads={
        "until": "tot(?: en met)?|t/m", "by": "voor|uiterlijk(?: op)?|tegen", "from": "vanaf|met ingang van",
        "on": "op(?: de)?|aan|deze",
    },
    rules=(
        ("om de {weekday}", "every {weekday}"),
        ("om de week(?: op)? {weekdays}", "every other week on {weekdays}"),
        ("om de dag", "every other day"),
        ("om de week", "every other week"),
        ("om de maand", "every other month"),
        ("(?:aan het |op het )?eind(?:e)? van (?:elke|iedere) maand", "end of every month"),
        ("(?:aan het |in het )?begin van (?:elke|iedere) maand", "start of every month"),
        ("{every} (?:ochtend|morgen)", "every morning"),
        ("{every} middag", "every afternoon"),
        ("{every} avond", "every evening"),
        ("{every} nacht", "every night"),
        ("{every} {n} {unit} {habit}", "{every} {n} {unit} on {habit}"),
        ("{habit} en {habit2}", "every {habit} and {habit2}"),
        ("{weekday} (?:tot en met|t/m|tot) {weekday2}(?= {at} |{close})", "every {weekday}-{weekday2}"),
        ("van {weekday} (?:tot en met|t/m|tot) {weekday2}", "every {weekday}-{weekday2}"),
        ("op (?:werkdagen|weekdagen|doordeweekse dagen)", "every weekday"),
        ("doordeweeks", "every weekday"),
    ),
    habits=(
        ("op {weekday} en (?:op )?{weekday2}", "every {weekday} and {weekday2}"),
        ("(?:op )?(?:de )?{day}(?:e|ste|de)? van (?:elke|iedere|de) maand", "every month on {day}"),
    ),
    times=(
        ("(?:{at} )?half {clock}(?P<minus30>)(?: {oclock})?(?: {part})?", "at {clock}"),
        ("(?:{at} )?kwart over {clock}(?P<plus15>)(?: {part})?", "at {clock}"),
        ("(?:{at} )?kwart voor {clock}(?P<minus15>)(?: {part})?", "at {clock}"),
        ("{at} {noon}", "at {noon}"),
    ),
    dates=(
        ("morgenochtend|morgenvroeg", "tomorrow morning"),
        ("morgenmiddag", "tomorrow afternoon"),
        ("morgenavond", "tomorrow evening"),
        ("(?:in het|dit|komend|het komende) (?:weekend|weekeinde)", "this weekend"),
        (r"(?P<day>\d{1,2})-(?P<day2>\d{1,2})-(?P<year>\d{4})", "{day}/{day2}/{year}"),
    ),
    weak=(
        ("{habit}", "every {habit}"),
        ("in (?:het weekend|de weekenden|weekenden)", "every weekend"),
    ),
    not_after="van|der|goede|goeden|witte|blauwe|zwarte|straat|laan|plein|elfde",
    not_before=r"\s(?:van (?!\d|de maand|het jaar|elke|iedere|de week))",
    strangers="am|ten",
)  # fmt: skip
