"""Italian."""

from shared.quick_add.languages import Language

LANGUAGE = Language(
    words={
        "weekday": {
            "monday": "luned[ìi]", "tuesday": "marted[ìi]", "wednesday": "mercoled[ìi]", "thursday": "gioved[ìi]",
            "friday": "venerd[ìi]", "saturday": "sabat[oi]", "sunday": "domenic(?:a|he)",
        },
        "short": {
            "monday": "lun", "tuesday": "mar", "wednesday": "mer", "thursday": "gio", "friday": "ven",
            "saturday": "sab", "sunday": "dom",
        },
        "month": {
            "january": r"gennaio|gen\.?", "february": r"febbraio|feb\.?", "march": r"marzo|mar\.?",
            "april": r"aprile|apr\.?", "may": r"maggio|mag\.?", "june": r"giugno|giu\.?", "july": r"luglio|lug\.?",
            "august": r"agosto|ago\.?", "september": r"settembre|sett?\.?", "october": r"ottobre|ott\.?",
            "november": r"novembre|nov\.?", "december": r"dicembre|dic\.?",
        },
        "unit": {
            "minute": r"minut[oi]|min\.?", "hour": "or[ae]|h", "day": "giorn[oi]|gg", "week": "settiman[ae]",
            "month": "mes[ei]", "quarter": "trimestr[ei]", "year": "ann[oi]",
        },
        "period": {"week": "settimana", "month": "mese", "year": "anno", "weekend": "fine settimana|week-?end"},
        "n": {
            "1": "un[oa]?", "2": "due", "3": "tre", "4": "quattro", "5": "cinque", "6": "sei", "7": "sette",
            "8": "otto", "9": "nove", "10": "dieci", "11": "undici", "12": "dodici",
        },
        "nth": {
            "first": "prim[oa]|1[°º]", "second": "second[oa]|2[°º]", "third": "terz[oa]|3[°º]",
            "fourth": "quart[oa]|4[°º]", "fifth": "quint[oa]|5[°º]", "last": "ultim[oa]",
        },
        "part": {
            "morning": "(?:di |della |la |al )?mattin[ao]", "afternoon": "(?:di |del |il |nel )?pomeriggio",
            "evening": "(?:di |della |la |alla )?sera", "night": "(?:di |della |la )?notte",
        },
        "tonight": {"tonight": "stasera|questa sera|stanotte|oggi sera"},
        "relative": {
            "tonight": "stasera|questa sera|stanotte|oggi sera", "today morning": "stamattina|questa mattina",
            "today afternoon": "questo pomeriggio", "today": "oggi", "day after tomorrow": "dopodomani|dopo domani",
            "tomorrow": "domani",
        },
        "noon": {"noon": "mezzogiorno", "midnight": "mezzanotte"},
        "group": {"weekday": "giorn[oi] (?:ferial[ei]|lavorativ[oi])", "weekend": "fine settimana|week-?end"},
        "adverb": {
            "every day": "quotidianamente|giornalmente|una volta al giorno",
            "every week": "settimanalmente|una volta (?:alla|a) settimana",
            "every month": "mensilmente|una volta al mese", "every 3 months": "trimestralmente",
            "every 6 months": "semestralmente",
            "every year": "annualmente|una volta all['’]anno",
        },
        "every": "ogni|tutt[ie] (?:i|gli|le)", "other": "due|2", "at": "alle(?: ore)?|all['’]|verso le|ore",
        "oclock": "h|ore", "on": "il(?: giorno)?|la|i|le|l['’]", "the": "il|la|i|le", "of": "di|del", "in": "tra|fra",
        "next": "prossim[oa]", "coming": "prossim[oa]|che viene|seguente", "this": "quest[oa]", "mark": "[°º]?",
        "onday": "il(?: giorno)?",
        "and": "e|ed|,", "to": "al?|alla|-|–", "ofmonth": "(?:del|di ogni|di ciascun) mese|di tutti i mesi",
        "dayword": "giorno", "workday": "giorno (?:feriale|lavorativo)",
        "end": {
            "by end of month": "(?:entro (?:la )?|per la |a )fine (?:del )?mese",
            "by end of year": "(?:entro (?:la )?|per la |a )fine (?:dell['’])?anno",
            "by end of week": "(?:entro (?:la )?|per la |a )fine (?:della )?settimana",
        },
        "remind": "(?:e )?ricorda(?:mi|melo|ci)|(?:con )?promemoria", "before": "prima", "times": "volte|x",
        "for": "per",
    },
    leads={
        "until": "fino al?|fino alla|sino al?", "by": "entro(?: il| la)?|per(?: il)?",
        "from": "dal|dalla|da|a partire dal?|a partire dalla", "on": "il(?: giorno)?|la|l['’]|di|questo|questa",
    },
    rules=(
        ("(?:un|una) {weekday} s[ìi] e (?:uno|una) no", "every other {weekday}"),
        ("(?:un|una) {unit} s[ìi] e (?:uno|una) no", "every other {unit}"),
        ("(?:a |alla )?fine (?:di )?ogni mese|(?:a |alla )?fine di ogni mese", "end of every month"),
        ("(?:all['’])?inizio di ogni mese", "start of every month"),
        ("{every} mattin[aei]", "every morning"),
        ("{every} pomeriggi(?:o)?", "every afternoon"),
        ("{every} ser[ae]", "every evening"),
        ("{every} nott[ei]", "every night"),
        ("dal {weekday} al(?:la)? {weekday2}", "every {weekday}-{weekday2}"),
        ("(?:il )?(?:giorno )?{day} (?:di ogni|di tutti i) mes[ei]", "every month on {day}"),
        ("{every} mese,? il(?: giorno)? {day}(?! {month})", "every month on {day}"),
        ("il {day} (?:del|di ogni) mese", "every month on {day}"),
        ("{every} {day} del mese", "every month on {day}"),
        ("(?:due|2) volte al giorno", "every 12 hours"),
    ),
    habits=(
        ("(?:di|il|la) {weekday}(?: e| ed) (?:di |il |la )?{weekday2}{close}", "every {weekday} and {weekday2}"),
    ),
    times=(
        ("{at} {clock} e mezz[oa](?P<plus30>)(?: {part})?", "at {clock}"),
        ("{at} {clock} e un quarto(?P<plus15>)(?: {part})?", "at {clock}"),
        ("{at} {clock} meno un quarto(?P<minus15>)(?: {part})?", "at {clock}"),
        ("{at} {clock} e (?P<minute>[1-5]\\d)(?: {part})?", "at {clock}"),
        ("(?:a|di) {noon}", "at {noon}"),
        ("ore {clock}", "at {clock}"),
        ("all['’]una(?: {part})?", "at 13:00"),
    ),
    dates=(
        ("(?:nel|questo|il prossimo|durante il) (?:fine settimana|week-?end)", "this weekend"),
        ("(?:la )?(?:prossima settimana|settimana prossima|settimana che viene)", "next week"),
        ("(?:il )?(?:prossimo mese|mese prossimo|mese che viene)", "next month"),
        ("(?:il |l['’])?(?:prossimo anno|anno prossimo|anno che viene)", "next year"),
        ("{in} un['’]ora", "in 1 hour"),
        ("oggi a otto", "in 7 days"),
    ),
    weak=(
        ("(?:nei |i )?{group}", "every {group}"),
    ),
    not_after="di|del|della|dei|delle|via|piazza|corso|viale|san|santa|buon|buona|un|una",
    not_before=r"\s(?:del (?!\d|mese)|dei |della )",
    strangers="am|pm",
)  # fmt: skip
