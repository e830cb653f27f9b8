"""Spanish."""

from shared.quick_add.languages import Language

LANGUAGE = Language(
    words={
        "weekday": {
            "monday": "lunes", "tuesday": "martes", "wednesday": "mi[ée]rcoles", "thursday": "jueves",
            "friday": "viernes", "saturday": "s[áa]bados?", "sunday": "domingos?",
        },
        "short": {
            "monday": "lun", "tuesday": "mar", "wednesday": "mi[ée]", "thursday": "jue", "friday": "vie",
            "saturday": "s[áa]b", "sunday": "dom",
        },
        "month": {
            "january": r"enero|ene\.?", "february": r"febrero|feb\.?", "march": r"marzo|mar\.?",
            "april": r"abril|abr\.?", "may": r"mayo|may\.?", "june": r"junio|jun\.?", "july": r"julio|jul\.?",
            "august": r"agosto|ago\.?", "september": r"sep?tiembre|sept?\.?", "october": r"octubre|oct\.?",
            "november": r"noviembre|nov\.?", "december": r"diciembre|dic\.?",
        },
        "unit": {
            "minute": r"minutos?|mins?\.?", "hour": r"horas?|hs?", "day": "d[íi]as?", "week": "semanas?",
            "month": "mes(?:es)?", "quarter": "trimestres?", "year": "años?|anos",
        },
        "period": {"week": "semana", "month": "mes", "year": "año", "weekend": "fin de semana|finde"},
        "n": {
            "1": "un[ao]?", "2": "dos", "3": "tres", "4": "cuatro", "5": "cinco", "6": "seis", "7": "siete",
            "8": "ocho", "9": "nueve", "10": "diez", "11": "once", "12": "doce",
        },
        "nth": {
            "first": "primer[oa]?", "second": "segund[oa]", "third": "tercer[oa]?", "fourth": "cuart[oa]",
            "fifth": "quint[oa]", "last": "[úu]ltim[oa]",
        },
        "part": {
            "morning": "(?:por|de|en) la (?:mañana|manana)|de la madrugada",
            "afternoon": "(?:por|de|en) la tarde|al? mediod[íi]a", "evening": "a [úu]ltima hora",
            "night": "(?:por|de|en) la noche",
        },
        "tonight": {"tonight": "esta noche"},
        "relative": {
            "today": "hoy(?! en d[íi]a)", "tonight": "esta noche", "today morning": "esta mañana",
            "today afternoon": "esta tarde", "day after tomorrow": "pasado (?:mañana|manana)",
            "tomorrow": "(?<!la )(?<!esta )(?<!cada )mañana",
        },
        "noon": {"noon": "mediod[íi]a", "midnight": "medianoche"},
        "group": {"weekday": "d[íi]as? (?:laborables?|h[áa]bil(?:es)?)", "weekend": "fin(?:es)? de semana|findes?"},
        "adverb": {
            "every day": "diariamente|a diario|una vez al d[íi]a",
            "every week": "semanalmente|una vez (?:a la|por) semana",
            "every 2 weeks": "quincenalmente", "every month": "mensualmente|una vez al mes",
            "every 3 months": "trimestralmente",
            "every 6 months": "semestralmente", "every year": "anualmente|una vez al año",
        },
        "every": "cada|tod[oa]s? l[oa]s|tod[oa]s", "other": "dos|2", "at": "a las?|sobre las?|hacia las?",
        "oclock": "h|hs|hrs?|horas", "on": "el(?: d[íi]a)?|los(?: d[íi]as)?|en", "the": "el|los|la", "of": "del?",
        "in": "en|dentro de|de aqu[íi] a", "next": "pr[óo]xim[oa]", "coming": "que viene|pr[óo]xim[oa]|siguiente",
        "this": "est[ea]", "mark": "[º°]?", "onday": "el(?: d[íi]a)?", "and": "y|e|,", "to": "al?|hasta|-|–",
        "ofmonth": "(?:de|del) (?:cada )?mes|de todos los meses", "dayword": "d[íi]a",
        "workday": "d[íi]a (?:laborable|h[áa]bil)",
        "end": {
            "by end of month": "(?:a|para|antes del?|hasta) (?:el )?(?:fin(?:al)?(?:es)? (?:de|del) mes)",
            "by end of year": "(?:a|para|antes del?|hasta) (?:el )?(?:fin(?:al)?(?:es)? (?:de|del) año)",
            "by end of week": "(?:a|para|antes del?|hasta) (?:el )?(?:final(?:es)? de (?:la )?semana)",
        },
        "remind": "(?:y )?(?:recu[ée]rda(?:me|nos)|recordarme|av[íi]same|(?:con )?recordatorio)",
        "before": "antes", "times": "veces|x", "for": "durante|por",
    },
    leads={
        "until": "hasta(?: el)?(?: d[íi]a)?", "by": "para(?: el)?(?: d[íi]a)?|antes del?",
        "from": "desde(?: el)?(?: d[íi]a)?|a partir del?(?: d[íi]a)?", "on": "el(?: d[íi]a)?|este|al",
    },
    rules=(
        ("(?:un|una) {weekday} s[íi](?: y|,) (?:otro|otra) no", "every other {weekday}"),
        ("(?:un|una) {unit} s[íi](?: y|,) (?:otro|otra) no", "every other {unit}"),
        ("{every} (?:mañanas?|manana)", "every morning"),
        ("{every} (?:tardes?)", "every afternoon"),
        ("{every} (?:noches?)", "every night"),
        ("(?:a |al )?(?:final|finales|fin) de cada mes", "end of every month"),
        ("(?:a |al )?(?:principio|principios|inicio) de cada mes", "start of every month"),
        ("{every} fin(?:al)? de mes", "end of every month"),
        ("de {weekday} a {weekday2}", "every {weekday}-{weekday2}"),
        ("(?:(?:los|el) )?(?:d[íi]as? )?{nths} de (?:cada mes|todos los meses)", "every {nths}"),
        ("(?:los|el) (?:d[íi]as? )?{day} de (?:cada mes|todos los meses)", "every month on {day}"),
        ("{every} d[íi]a {day}(?! {of} {month})", "every month on {day}"),
    ),
    habits=(
        ("(?<!todos )los {weekdays}{close}", "every {weekdays}"),
    ),
    times=(
        ("{at} {clock} (?:y|e) media(?P<plus30>)(?: {part})?", "at {clock}"),
        ("{at} {clock} (?:y|e) cuarto(?P<plus15>)(?: {part})?", "at {clock}"),
        ("{at} {clock} menos cuarto(?P<minus15>)(?: {part})?", "at {clock}"),
        ("{at} {clock} y (?P<minute>[1-5]\\d)(?: {part})?", "at {clock}"),
        ("{at} {clock} en punto(?: {part})?", "at {clock}"),
        ("(?:al|a) {noon}", "at {noon}"),
    ),
    dates=(
        ("(?:este|el) (?:fin de semana|finde)", "this weekend"),
        ("la semana {coming}|la pr[óo]xima semana", "next week"),
        ("el {period} {coming}", "next {period}"),
        ("el {coming} {period}", "next {period}"),
        ("de hoy en {n} {unit}", "in {n} {unit}"),
    ),
    weak=(
        ("(?:los )?{group}", "every {group}"),
        ("entre semana", "every weekday"),
    ),
    not_after="de|del|la|las|los|calle|plaza|avenida|av|paseo|don|doña|san|santa|efecto|buen|viva",
    not_before=r"\s(?:del (?!\d|mes)|de mi )",
    strangers="am|pm",
)  # fmt: skip
