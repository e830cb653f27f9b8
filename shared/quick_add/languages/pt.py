"""Portuguese, of Brazil and of Portugal."""

from shared.quick_add.languages import Language

LANGUAGE = Language(
    words={
        "weekday": {
            "monday": "segundas?[- ]feiras?|segundas?", "tuesday": "ter[çc]as?[- ]feiras?|ter[çc]as?",
            "wednesday": "quartas?[- ]feiras?|quartas?", "thursday": "quintas?[- ]feiras?|quintas?",
            "friday": "sextas?[- ]feiras?|sextas?", "saturday": "s[áa]bados?", "sunday": "domingos?",
        },
        "short": {
            "monday": "seg", "tuesday": "ter", "wednesday": "qua", "thursday": "qui", "friday": "sex",
            "saturday": "s[áa]b", "sunday": "dom",
        },
        "month": {
            "january": r"janeiro|jan\.?", "february": r"fevereiro|fev\.?", "march": r"mar[çc]o|mar\.?",
            "april": r"abril|abr\.?", "may": r"maio|mai\.?", "june": r"junho|jun\.?", "july": r"julho|jul\.?",
            "august": r"agosto|ago\.?", "september": r"setembro|set\.?", "october": r"outubro|out\.?",
            "november": r"novembro|nov\.?", "december": r"dezembro|dez\.?",
        },
        "unit": {
            "minute": r"minutos?|mins?\.?", "hour": "horas?|h", "day": "dias?", "week": "semanas?",
            "month": "m[êe]s|meses", "quarter": "trimestres?", "year": "anos?",
        },
        "period": {"week": "semana", "month": "m[êe]s", "year": "ano", "weekend": "fim de semana|fds"},
        "n": {
            "1": "uma?", "2": "dois|duas", "3": "tr[êe]s", "4": "quatro", "5": "cinco", "6": "seis", "7": "sete",
            "8": "oito", "9": "nove", "10": "dez", "11": "onze", "12": "doze",
        },
        "nth": {
            "first": "primeir[oa]", "second": "segund[oa]", "third": "terceir[oa]", "fourth": "quart[oa]",
            "fifth": "quint[oa]", "last": "[úu]ltim[oa]",
        },
        "part": {
            "morning": "(?:de|da|pela) manh[ãa]|de madrugada|da madrugada", "afternoon": "(?:de|da|[àa]|pela) tarde",
            "night": "(?:de|da|[àa]|pela) noite", "evening": "ao anoitecer",
        },
        "tonight": {"tonight": "hoje [àa] noite|esta noite"},
        "relative": {
            "tonight": "hoje [àa] noite|esta noite", "today": "hoje(?! em dia)", "today morning": "esta manh[ãa]",
            "today afternoon": "esta tarde", "day after tomorrow": "depois de amanh[ãa]", "tomorrow": "amanh[ãa]",
        },
        "noon": {"noon": "meio[- ]dia", "midnight": "meia[- ]noite"},
        "group": {
            "weekday": "dias? (?:de semana|[úu]t(?:il|eis))",
            "weekend": "(?:fim|fins|finais|final) de semana|fds",
        },
        "adverb": {
            "every day": "diariamente|uma vez (?:por|ao) dia",
            "every week": "semanalmente|uma vez (?:por|na|[àa]) semana",
            "every 2 weeks": "quinzenalmente", "every month": "mensalmente|uma vez (?:por|ao) m[êe]s",
            "every 3 months": "trimestralmente",
            "every 6 months": "semestralmente", "every year": "anualmente|uma vez (?:por|ao) ano",
        },
        "every": "cada|tod[oa]s? [oa]s?|tod[oa]s?|a cada", "other": "dois em dois|duas em duas|dois|duas|2",
        "at": "[àa]s|à|pelas|por volta das", "oclock": "h|hs|hrs?|horas?",
        "on": "n?[oa](?: dia)?|em|dia|aos|[àa]s|n[oa]s", "onday": "(?:n?o )?dia",
        "the": "o|a|os|as", "of": "d[eo]", "in": "em|daqui a|dentro de", "next": "pr[óo]xim[oa]",
        "coming": "que vem|pr[óo]xim[oa]|seguinte", "this": "n?est[ea]", "mark": "[º°]?", "and": "e|,",
        "to": "a|at[ée]|-|–", "ofmonth": "(?:do|de cada|de todo) m[êe]s|de todos os meses", "dayword": "dia",
        "workday": "dia [úu]til",
        "end": {
            "by end of month": "(?:at[ée] (?:o )?|no |antes do |para o )(?:fim|final) do m[êe]s",
            "by end of year": "(?:at[ée] (?:o )?|no |antes do |para o )(?:fim|final) do ano",
            "by end of week": "(?:at[ée] (?:o )?|no |antes do |para o )(?:fim|final) da semana",
        },
        "remind": "(?:e )?(?:me lembr[ea]r?|lembr[ea][- ]me|lembrar|avis[ea][- ]me|me avis[ea]|(?:com )?lembrete)",
        "before": "antes", "times": "vezes|x", "for": "durante|por",
    },
    leads={
        "until": "at[ée](?: o| a| ao| [àa])?(?: dia)?", "by": "para(?: o| a)?(?: dia)?|antes d[oa]",
        "from": "a partir d[eoa](?: dia)?|desde(?: o| a)?(?: dia)?",
        "on": "n[oa](?: dia)?|[oa] dia|em|dia|neste|nesta|este|esta",
    },
    rules=(
        ("{every} manh[ãa]s?", "every morning"),
        ("{every} tardes?", "every afternoon"),
        ("{every} noites?", "every night"),
        ("(?:no |ao )?(?:fim|final) de cada m[êe]s|todo (?:fim|final) de m[êe]s", "end of every month"),
        ("(?:no |ao )?(?:in[íi]cio|come[çc]o) de cada m[êe]s", "start of every month"),
        ("(?:de )?(?:dois em dois|duas em duas) {unit}", "every 2 {unit}"),
        ("de {n} em {n2} {unit}", "every {n} {unit}"),
        ("de {weekday} a {weekday2}", "every {weekday}-{weekday2}"),
        ("(?:(?:no |todo )?dia|o) {day} (?:de cada|do|de todo|de todos os) m(?:[êe]s|eses)", "every month on {day}"),
        ("tod[oa] dia {day}(?! d[eo] {month})", "every month on {day}"),
        ("{every} m[êe]s,? (?:no )?dia {day}(?! d[eo] {month})", "every month on {day}"),
        ("todo m[êe]s", "every month"),
    ),
    habits=(
        ("(?<!todas )(?<!todos )(?:[àa]s|aos|nas|nos) {weekdays}{close}", "every {weekdays}"),
    ),
    times=(
        ("{at} {clock}(?: ?{oclock})? e meia(?P<plus30>)(?: {part})?", "at {clock}"),
        ("{at} {clock}(?: ?{oclock})? e (?P<minute>[1-5]\\d)(?: {part})?", "at {clock}"),
        ("(?:ao|[àa]|de) {noon}", "at {noon}"),
    ),
    dates=(
        ("(?:n?este|no|o) (?:fim de semana|final de semana|fds)", "this weekend"),
        ("(?:n?a )?(?:semana que vem|pr[óo]xima semana|semana seguinte)", "next week"),
        ("(?:n?o )?(?:m[êe]s que vem|pr[óo]ximo m[êe]s)", "next month"),
        ("(?:n?o )?(?:ano que vem|pr[óo]ximo ano)", "next year"),
    ),
    weak=(
        ("(?:nos |n[oa] )?{group}", "every {group}"),
    ),
    not_after="de|do|da|dos|das|rua|avenida|praça|av|são|santa|bom|boa|uma|um|pela",
    not_before=r"\s(?:do (?!\d|m[êe]s)|da |dos |das )",
    strangers="am|pm",
)  # fmt: skip
