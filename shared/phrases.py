"""The words of notifications, by language (BCP 47). Labels instead of sentences where grammar would bend a date."""

from typing import NamedTuple


class Phrases(NamedTuple):
    """What a notification says in one language. `colon` stands between a label and its value."""

    reminder: str
    due: str
    set_for: str
    late: str
    open_task: str
    priority: str
    low: str
    medium: str
    high: str
    urgent: str
    colon: str = ": "


ENGLISH = Phrases(
    "Reminder", "Due", "Set for", "This reminder is late because of an outage.", "Open task",
    "Priority", "Low", "Medium", "High", "Urgent",
)  # fmt: skip

PHRASES = {
    "en": ENGLISH,
    "ar": Phrases(
        "تذكير", "موعد الاستحقاق", "موعد التذكير", "وصل هذا التذكير متأخرًا بسبب عطل.", "فتح المهمة",
        "الأولوية", "منخفضة", "متوسطة", "عالية", "عاجلة",
    ),
    "cs": Phrases(
        "Připomínka", "Termín", "Nastaveno na", "Tato připomínka přichází pozdě kvůli výpadku.", "Otevřít úkol",
        "Priorita", "Nízká", "Střední", "Vysoká", "Naléhavá",
    ),
    "da": Phrases(
        "Påmindelse", "Forfalder", "Planlagt til", "Denne påmindelse er forsinket på grund af et nedbrud.",
        "Åbn opgaven", "Prioritet", "Lav", "Mellem", "Høj", "Haster",
    ),
    "de": Phrases(
        "Erinnerung", "Fällig", "Geplant für", "Diese Erinnerung kommt wegen einer Störung verspätet.",
        "Aufgabe öffnen", "Priorität", "Niedrig", "Mittel", "Hoch", "Dringend",
    ),
    "es": Phrases(
        "Recordatorio", "Vencimiento", "Programado para", "Este recordatorio llega tarde debido a una avería.",
        "Abrir la tarea", "Prioridad", "Baja", "Media", "Alta", "Urgente",
    ),
    "fr": Phrases(
        "Rappel", "Échéance", "Prévu pour", "Ce rappel arrive en retard à cause d’une panne.", "Ouvrir la tâche",
        "Priorité", "Basse", "Moyenne", "Haute", "Urgente", "\N{NO-BREAK SPACE}: ",
    ),
    "he": Phrases(
        "תזכורת", "תאריך יעד", "מועד התזכורת", "תזכורת זו הגיעה באיחור עקב תקלה.", "פתיחת המשימה",
        "עדיפות", "נמוכה", "בינונית", "גבוהה", "דחופה",
    ),
    "it": Phrases(
        "Promemoria", "Scadenza", "Previsto per", "Questo promemoria arriva in ritardo a causa di un guasto.",
        "Apri l’attività", "Priorità", "Bassa", "Media", "Alta", "Urgente",
    ),
    "ja": Phrases(
        "リマインダー", "期限", "設定日時", "障害のため、このリマインダーは遅れて届きました。", "タスクを開く",
        "優先度", "低", "中", "高", "緊急", "：",
    ),
    "ko": Phrases(
        "알림", "마감일", "설정 시간", "장애로 인해 이 알림이 늦게 도착했습니다.", "작업 열기",
        "우선순위", "낮음", "보통", "높음", "긴급",
    ),
    "nl": Phrases(
        "Herinnering", "Vervaldatum", "Ingesteld voor", "Deze herinnering komt te laat door een storing.",
        "Taak openen", "Prioriteit", "Laag", "Gemiddeld", "Hoog", "Urgent",
    ),
    "pl": Phrases(
        "Przypomnienie", "Termin", "Ustawione na", "To przypomnienie jest spóźnione z powodu awarii.",
        "Otwórz zadanie", "Priorytet", "Niski", "Średni", "Wysoki", "Pilny",
    ),
    "pt": Phrases(
        "Lembrete", "Prazo", "Agendado para", "Este lembrete chega com atraso devido a uma falha.", "Abrir tarefa",
        "Prioridade", "Baixa", "Média", "Alta", "Urgente",
    ),
    "sv": Phrases(
        "Påminnelse", "Förfaller", "Planerad till", "Den här påminnelsen är försenad på grund av ett driftstopp.",
        "Öppna uppgiften", "Prioritet", "Låg", "Medel", "Hög", "Brådskande",
    ),
    "tr": Phrases(
        "Hatırlatma", "Son tarih", "Ayarlanan zaman", "Bu hatırlatma bir kesinti nedeniyle gecikti.", "Görevi aç",
        "Öncelik", "Düşük", "Orta", "Yüksek", "Acil",
    ),
    "uk": Phrases(
        "Нагадування", "Термін", "Заплановано на", "Це нагадування запізнилося через збій.", "Відкрити завдання",
        "Пріоритет", "Низький", "Середній", "Високий", "Терміновий",
    ),
    "zh": Phrases(
        "提醒", "截止时间", "设定时间", "由于系统故障，此提醒延迟送达。", "打开任务",
        "优先级", "低", "中", "高", "紧急", "：",
    ),
    "zh_Hant": Phrases(
        "提醒", "截止時間", "設定時間", "由於系統故障，此提醒延遲送達。", "開啟任務",
        "優先順序", "低", "中", "高", "緊急", "：",
    ),
}  # fmt: skip
