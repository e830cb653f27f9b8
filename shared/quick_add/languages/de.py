"""German."""

from shared.quick_add.languages import Language

LANGUAGE = Language(
    words={
        "weekday": {
            "monday": "montag", "tuesday": "dienstag", "wednesday": "mittwoch", "thursday": "donnerstag",
            "friday": "freitag", "saturday": "samstag|sonnabend", "sunday": "sonntag",
        },
        "short": {
            "monday": "mo", "tuesday": "di", "wednesday": "mi", "thursday": "do", "friday": "fr", "saturday": "sa",
            "sunday": "so",
        },
        "habit": {
            "monday": "montags", "tuesday": "dienstags", "wednesday": "mittwochs", "thursday": "donnerstags",
            "friday": "freitags", "saturday": "samstags|sonnabends", "sunday": "sonntags",
        },
        "month": {
            "january": r"januar|jänner|jan\.?", "february": r"februar|feb\.?", "march": r"märz|maerz|mrz\.?|mär\.?",
            "april": r"april|apr\.?", "may": "mai", "june": r"juni|jun\.?", "july": r"juli|jul\.?",
            "august": r"august|aug\.?", "september": r"september|sept?\.?", "october": r"oktober|okt\.?",
            "november": r"november|nov\.?", "december": r"dezember|dez\.?",
        },
        "unit": {
            "minute": r"minuten?|min\.?", "hour": r"stunden?|std\.?|h", "day": "tag(?:en|e|s)?", "week": "wochen?",
            "month": "monat(?:en|e|s)?", "quarter": "quartale?", "year": "jahr(?:en|es|e)?",
        },
        "period": {"week": "woche", "month": "monats?", "year": "jahr(?:es)?", "weekend": "wochenende"},
        "n": {
            "1": "eine[mnrs]?|eins?", "2": "zwei", "3": "drei", "4": "vier", "5": "fünf", "6": "sechs", "7": "sieben",
            "8": "acht", "9": "neun", "10": "zehn", "11": "elf", "12": "zwölf",
        },
        "nth": {
            "first": "erste[nrs]?", "second": "zweite[nrs]?", "third": "dritte[nrs]?", "fourth": "vierte[nrs]?",
            "fifth": "fünfte[nrs]?", "last": "letzte[nrs]?",
        },
        "part": {
            "morning": "früh|morgens?|vormittags?", "afternoon": "nachmittags?", "evening": "abends?",
            "night": "nachts?",
        },
        "tonight": {"tonight": "heute abend|heute nacht"},
        "relative": {
            "today": "heute", "day after tomorrow": "übermorgen|uebermorgen",
            "tomorrow": "(?<!guten )morgen(?! zusammen| allerseits)",
        },
        "noon": {"noon": "mittags?", "midnight": "mitternacht"},
        "group": {"weekday": "werktags?|arbeitstag|wochentags?", "weekend": "wochenenden?"},
        "adverb": {
            "every hour": "stündlich", "every day": "täglich|tagtäglich|einmal (?:am|pro) tag",
            "every week": "wöchentlich|einmal (?:die|pro|in der) woche",
            "every month": "monatlich|einmal (?:im|pro) monat",
            "every 6 months": "halbjährlich", "every 3 months": "vierteljährlich|quartalsweise",
            "every year": "jährlich|alljährlich|einmal (?:im|pro) jahr",
            "every 2 weeks": "zweiwöchentlich|vierzehntäglich|14-täglich|vierzehntägig|14-tägig|zweiwöchig",
        },
        "every": "jede[nmrs]?|alle", "other": "zweite[nrs]?|2\\.", "at": "um|gegen|ab|bis", "oclock": "uhr",
        "on": "am|zum|an jedem", "the": "dem|den", "of": "", "in": "in", "next": "nächste[nrs]?",
        "coming": "kommende[nrs]?", "this": "diese[nrs]?|dieses", "mark": r"\.", "onday": "am|zum",
        "and": "und|,|&", "to": "bis|-|–",
        "ofmonth": "(?:des|im|jedes|jeden|in jedem|eines jeden) monat(?:s|es)?", "dayword": "tag(?:e|es)?",
        "workday": "werktag|arbeitstag",
        "end": {
            "by end of month": "(?:am |bis |bis zum |zum )?(?:ende (?:des |dieses )?monats?|monatsende)",
            "by end of year": "(?:am |bis |bis zum |zum )?(?:ende (?:des |dieses )?jahres|jahresende)",
            "by end of week": "(?:am |bis |bis zum )?ende (?:der |dieser )?woche",
        },
        "remind": "(?:und )?(?:erinnere?|erinner) (?:mich|uns)(?: bitte)?|(?:mit )?erinnerung",
        "before": "vorher|davor|zuvor|im voraus|früher", "times": "mal|x", "for": "für|lang",
    },
    leads={
        "until": "bis(?: zum| einschließlich)?", "from": "ab(?: dem)?|beginnend am",
        "on": "am|zum|für(?: den)?|den",
    },
    rules=(
        ("(?:am )?ende (?:jedes|jeden|eines jeden) monats", "end of every month"),
        ("(?:am )?monatsende (?:jedes|jeden) monats|{every} monatsende|zum monatsende", "end of every month"),
        ("(?:am )?anfang (?:jedes|jeden|eines jeden) monats|{every} monatsanfang", "start of every month"),
        ("{every} {n} {unit} {habit}", "{every} {n} {unit} on {habit}"),
        ("{habit}(?: und |, | & ){habit2}", "every {habit} and {habit2}"),
        ("{habit} bis {habit2}", "every {habit}-{habit2}"),
        ("{weekday} bis {weekday2}(?= {at} )", "every {weekday}-{weekday2}"),
    ),
    times=(
        ("(?:{at} )?halb {clock}(?P<minus30>)(?: {oclock})?(?: {part})?", "at {clock}"),
        ("(?:{at} )?viertel (?:nach|ab) {clock}(?P<plus15>)(?: {part})?", "at {clock}"),
        ("(?:{at} )?viertel vor {clock}(?P<minus15>)(?: {part})?", "at {clock}"),
        ("(?:{at} )?dreiviertel {clock}(?P<minus15>)(?: {part})?", "at {clock}"),
        ("(?:{at} )?{clock} uhr (?P<minute>[0-5]\\d)", "at {clock}"),
        ("(?:{at} )?{clock} ?uhr(?: {part})?", "at {clock}"),
    ),
    dates=(
        ("heute in {n} {unit}", "in {n} {unit}"),
        ("(?:heute abend|heute nacht)", "tonight"),
        ("heute in (?:einer woche|acht tagen)", "in 7 days"),
        ("morgen in (?:einer woche|acht tagen)", "in 8 days"),
        ("am (?:kommenden |nächsten )?wochenende", "this weekend"),
    ),
    weak=(
        ("{habit}", "every {habit}"),
        ("werktags|wochentags|an (?:werktagen|wochentagen|arbeitstagen)", "every weekday"),
        ("an wochenenden", "every weekend"),
        ("mittags|zu mittag", "at noon"),
    ),
    not_after="von|vom|des|der|guten|gute|schönen|schwarzer|blauer|heiligen|heiliger|straße|platz|gestern",
    not_before=r"\s(?:des (?!\d|monats|jahres)|der (?!\d|woche))",
    strangers="am",
    nouns_are_capitalised=True,
)  # fmt: skip
