"""French."""

from shared.quick_add.languages import Language

LANGUAGE = Language(
    words={
        "weekday": {
            "monday": "lundis?", "tuesday": "mardis?", "wednesday": "mercredis?", "thursday": "jeudis?",
            "friday": "vendredis?", "saturday": "samedis?", "sunday": "dimanches?",
        },
        "short": {
            "monday": "lun", "tuesday": "mar", "wednesday": "mer", "thursday": "jeu", "friday": "ven",
            "saturday": "sam", "sunday": "dim",
        },
        "month": {
            "january": r"janvier|janv?\.?", "february": r"f[ée]vrier|f[ée]vr?\.?", "march": "mars",
            "april": r"avril|avr\.?", "may": "mai", "june": "juin", "july": r"juillet|juil\.?",
            "august": "ao[ûu]t", "september": r"septembre|sept?\.?", "october": r"octobre|oct\.?",
            "november": r"novembre|nov\.?", "december": r"d[ée]cembre|d[ée]c\.?",
        },
        "unit": {
            "minute": r"minutes?|min\.?|mn", "hour": "heures?|h", "day": "jours?|j", "week": "semaines?|sem",
            "month": "mois", "quarter": "trimestres?", "year": "ans?|années?",
        },
        "period": {"week": "semaine", "month": "mois", "year": "année|an", "weekend": "week-end|weekend|we"},
        "n": {
            "1": "une?", "2": "deux", "3": "trois", "4": "quatre", "5": "cinq", "6": "six", "7": "sept", "8": "huit",
            "9": "neuf", "10": "dix", "11": "onze", "12": "douze",
        },
        "nth": {
            "first": "premi(?:er|[èe]re)s?|1er|1[èe]?re", "second": "deuxi[èe]me|seconde?|2e|2[èe]me",
            "third": "troisi[èe]me|3e|3[èe]me", "fourth": "quatri[èe]me|4e|4[èe]me", "fifth": "cinqui[èe]me|5e|5[èe]me",
            "last": "derni(?:er|[èe]re)s?",
        },
        "part": {
            "morning": "(?:le |du |au )?matin", "afternoon": "(?:(?:de )?l['’]|en |l['’])?apr[èe]s[- ]midi",
            "evening": "(?:le |du |au )?soir", "night": "(?:la |de la )?nuit",
        },
        "tonight": {"tonight": "ce soir|cette nuit"},
        "relative": {
            "today": "aujourd['’]hui", "today morning": "ce matin", "today afternoon": "cet(?:te)? apr[èe]s[- ]midi",
            "tonight": "ce soir|cette nuit", "day after tomorrow": "apr[èe]s[- ]demain", "tomorrow": "demain",
        },
        "noon": {"noon": "midi", "midnight": "minuit"},
        "group": {"weekday": "jours? (?:ouvr(?:[ée]|able)s?|de (?:la )?semaine)", "weekend": "week-ends?|weekends?"},
        "adverb": {
            "every day": "quotidiennement|une fois par jour", "every week": "hebdomadairement|une fois par semaine",
            "every month": "mensuellement|une fois par mois", "every 3 months": "trimestriellement",
            "every 6 months": "semestriellement",
            "every year": "annuellement|une fois par an",
        },
        "every": "chaque|tou(?:te)?s les|tou(?:te)?s", "other": "deux|2", "at": "à|vers|d[èe]s",
        "oclock": "h|heures?", "on": "le|les", "the": "les?|la", "of": "de|d['’]", "in": "dans|d['’]ici",
        "next": "prochaine?|suivante?", "coming": "prochaine?|qui vient", "this": "cet?(?:te)?",
        "mark": "(?:er|e|[èe]me)?", "onday": "le",
        "and": "et|,", "to": "au|[àa]|-|–", "ofmonth": "(?:du|de chaque) mois|de tous les mois",
        "dayword": "jour", "workday": "jour (?:ouvr(?:[ée]|able))",
        "end": {
            "by end of month": "(?:en|d['’]ici(?: [àa])?|pour|avant|[àa]|d['’]ici) (?:la )?fin (?:du|de) mois",
            "by end of year": "(?:en|d['’]ici(?: [àa])?|pour|avant|[àa]) (?:la )?fin (?:de l['’]|d['’])ann[ée]e",
            "by end of week": "(?:en|d['’]ici(?: [àa])?|pour|avant|[àa]) (?:la )?fin de (?:la )?semaine",
        },
        "remind": "(?:et )?rappell?e(?:[rz])?[- ](?:moi|nous)|(?:avec )?(?:un )?rappel|me rappeler",
        "before": "avant|plus t[ôo]t|[àa] l['’]avance", "times": "fois|x", "for": "pendant|durant",
    },
    leads={
        "until": "jusqu['’](?:[àa]|au)(?: le)?", "by": "pour(?: le)?|avant(?: le)?|d['’]ici(?: au| le)?",
        "from": "[àa] partir (?:du|de)|d[èe]s(?: le)?|depuis(?: le)?|[àa] compter du", "on": "le|ce|au",
    },
    rules=(
        ("(?:un|une) {weekday} sur deux", "every other {weekday}"),
        ("(?:un|une) {unit} sur deux", "every other {unit}"),
        ("(?:{on} )?{nth} {weekday} {every} mois", "{nth} {weekday} of every month"),
        ("(?:[àa] la |en )?fin de chaque mois|{every} fin de mois", "end of every month"),
        ("(?:au )?d[ée]but de chaque mois", "start of every month"),
        ("{every} matins?", "every morning"),
        ("{every} apr[èe]s[- ]midis?", "every afternoon"),
        ("{every} soirs?", "every evening"),
        ("{every} nuits?", "every night"),
        ("{every} {weekdays} soirs?", "every {weekdays} evening"),
        ("du {weekday} au {weekday2}", "every {weekday}-{weekday2}"),
        ("le {day} (?:du|de chaque|de tous les) mois", "every month on {day}"),
        ("les {day} et {day2} (?:du|de chaque) mois", "every {day}th and {day2}th"),
        ("{every} (?:mois )?le {day}(?! {month})", "every month on {day}"),
    ),
    habits=(
        ("(?<!tous )(?<!toutes )les {weekdays}{close}", "every {weekdays}"),
    ),
    times=(
        ("(?:{at} )?{clock} ?{oclock} (?:et demie?)(?P<plus30>)(?: {part})?", "at {clock}"),
        ("(?:{at} )?{clock} ?{oclock} (?:et quart)(?P<plus15>)(?: {part})?", "at {clock}"),
        ("(?:{at} )?{clock} ?{oclock} moins le quart(?P<minus15>)(?: {part})?", "at {clock}"),
        ("{at} {clock} heures (?P<minute>[1-5]\\d)", "at {clock}"),
    ),
    dates=(
        ("(?:ce|le) (?:week-end|weekend|we)(?: prochain| qui vient)?", "this weekend"),
        ("(?:la semaine prochaine|la semaine qui vient)", "next week"),
        ("(?:le mois prochain|le mois qui vient)", "next month"),
        ("(?:l['’]an(?:n[ée]e)? prochaine?|l['’]ann[ée]e qui vient)", "next year"),
    ),
    weak=(
        ("(?:les )?{group}", "every {group}"),
        ("en semaine", "every weekday"),
    ),
    not_after="de|du|des|d|la|rue|place|avenue|boulevard|saint|sainte|bon|bonne|joyeux|né|les|un",
    not_before=r"\s(?:du (?!\d|mois)|des )",
    strangers="mon|tue|am|pm",
)  # fmt: skip
