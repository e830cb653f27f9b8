"""The examples of RFC 5545 section 3.8.5.3 and RFC 7529, with the dates that they list.

Dates are written short: a year holds for the dates after it, as `month/day`, with `@hour:minute` where it is not 09:00.
"""

import datetime as dt

import pytest

from shared import recurrence

START = "1997-09-02T09:00"


def moments(short: str) -> list[dt.datetime]:
    found, year = [], 0
    for word in short.split():
        if word.isdigit():
            year = int(word)
            continue
        date, _, time = word.partition("@")
        month, day = map(int, date.split("/"))
        hour, minute = map(int, (time or "9:00").split(":"))
        found.append(dt.datetime.combine(dt.date(year, month, day), dt.time(hour, minute)))
    return found


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ("FREQ=DAILY;COUNT=10", START, "1997 9/2 9/3 9/4 9/5 9/6 9/7 9/8 9/9 9/10 9/11"),
        ("FREQ=DAILY;UNTIL=19970905T000000Z", START, "1997 9/2 9/3 9/4"),
        ("FREQ=DAILY;INTERVAL=2", START, "1997 9/2 9/4 9/6 9/8 9/10 9/12"),
        ("FREQ=DAILY;INTERVAL=10;COUNT=5", START, "1997 9/2 9/12 9/22 10/2 10/12"),
        ("FREQ=YEARLY;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA", "1998-01-30T09:00", "1998 1/30 1/31 1999 1/1 1/2"),
        ("FREQ=DAILY;BYMONTH=1", "1998-01-30T09:00", "1998 1/30 1/31 1999 1/1 1/2"),
        ("FREQ=WEEKLY;COUNT=10", START, "1997 9/2 9/9 9/16 9/23 9/30 10/7 10/14 10/21 10/28 11/4"),
        ("FREQ=WEEKLY;UNTIL=19971224T000000Z", "1997-12-02T09:00", "1997 12/2 12/9 12/16 12/23"),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU", START, "1997 9/2 9/16 9/30 10/14 10/28 11/11"),
        ("FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", START, "1997 9/2 9/4 9/9 9/11 9/16 9/18 9/23 9/25 9/30 10/2"),
        (
            "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
            "1997-09-01T09:00",
            (
                "1997 9/1 9/3 9/5 9/15 9/17 9/19 9/29 10/1 10/3 10/13 10/15 10/17 10/27 10/29 10/31 "
                "11/10 11/12 11/14 11/24 11/26 11/28 12/8 12/10 12/12 12/22"
            ),
        ),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", START, "1997 9/2 9/4 9/16 9/18 9/30 10/2 10/14 10/16"),
        ("FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "1997-09-05T09:00", "1997 9/5 10/3 11/7 12/5 1998 1/2 2/6 3/6 4/3 5/1 6/5"),
        ("FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", "1997-09-05T09:00", "1997 9/5 10/3 11/7 12/5"),
        (
            "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
            "1997-09-07T09:00",
            "1997 9/7 9/28 11/2 11/30 1998 1/4 1/25 3/1 3/29 5/3 5/31",
        ),
        ("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-22T09:00", "1997 9/22 10/20 11/17 12/22 1998 1/19 2/16"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28T09:00", "1997 9/28 10/29 11/28 12/29 1998 1/29 2/26"),
        (
            "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
            START,
            "1997 9/2 9/15 10/2 10/15 11/2 11/15 12/2 12/15 1998 1/2 1/15",
        ),
        (
            "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
            "1997-09-30T09:00",
            "1997 9/30 10/1 10/31 11/1 11/30 12/1 12/31 1998 1/1 1/31 2/1",
        ),
        (
            "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
            "1997-09-10T09:00",
            "1997 9/10 9/11 9/12 9/13 9/14 9/15 1999 3/10 3/11 3/12 3/13",
        ),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", START, "1997 9/2 9/9 9/16 9/23 9/30 11/4 11/11 11/18 11/25 1998 1/6"),
        (
            "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
            "1997-06-10T09:00",
            "1997 6/10 7/10 1998 6/10 7/10 1999 6/10 7/10 2000 6/10",
        ),
        (
            "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
            "1997-03-10T09:00",
            "1997 3/10 1999 1/10 2/10 3/10 2001 1/10 2/10 3/10 2003 1/10 2/10 3/10",
        ),
        (
            "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
            "1997-01-01T09:00",
            "1997 1/1 4/10 7/19 2000 1/1 4/9 7/18 2003 1/1 4/10 7/19 2006 1/1",
        ),
        ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19T09:00", "1997 5/19 1998 5/18 1999 5/17"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12T09:00", "1997 5/12 1998 5/11 1999 5/17"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03-13T09:00", "1997 3/13 3/20 3/27 1998 3/5 3/12 3/19 3/26 1999 3/4"),
        (
            "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
            "1997-06-05T09:00",
            "1997 6/5 6/12 6/19 6/26 7/3 7/10 7/17 7/24 7/31 8/7",
        ),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", START, "1998 2/13 3/13 11/13 1999 8/13 2000 10/13"),
        (
            "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
            "1997-09-13T09:00",
            "1997 9/13 10/11 11/8 12/13 1998 1/10",
        ),
        (
            "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
            "1996-11-05T09:00",
            "1996 11/5 2000 11/7 2004 11/2",
        ),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04T09:00", "1997 9/4 10/7 11/6"),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
            "1997-09-29T09:00",
            "1997 9/29 10/30 11/27 12/30 1998 1/29 2/26",
        ),
        ("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000", START, "1997 9/2 9/2@12:00 9/2@15:00"),
        ("FREQ=MINUTELY;INTERVAL=15;COUNT=6", START, "1997 9/2 9/2@9:15 9/2@9:30 9/2@9:45 9/2@10:00 9/2@10:15"),
        ("FREQ=MINUTELY;INTERVAL=90;COUNT=4", START, "1997 9/2 9/2@10:30 9/2@12:00 9/2@13:30"),
        (
            "FREQ=DAILY;BYHOUR=9,16;BYMINUTE=0,20,40",
            START,
            "1997 9/2 9/2@9:20 9/2@9:40 9/2@16:00 9/2@16:20 9/2@16:40 9/3 9/3@9:20",
        ),
        (
            "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,16",
            START,
            "1997 9/2 9/2@9:20 9/2@9:40 9/2@16:00 9/2@16:20 9/2@16:40 9/3 9/3@9:20",
        ),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05T09:00", "1997 8/5 8/10 8/19 8/24"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05T09:00", "1997 8/5 8/17 8/19 8/31"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15T09:00", "2007 1/15 1/30 2/15 3/15 3/30"),
        ("FREQ=MONTHLY;COUNT=4", "2014-01-31T09:00", "2014 1/31 3/31 5/31 7/31"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;COUNT=4", "2014-01-31T09:00", "2014 1/31 3/1 3/31 5/1"),
        ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;COUNT=4", "2014-01-31T09:00", "2014 1/31 2/28 3/31 4/30"),
        (
            "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD;COUNT=4",
            "2016-02-29T09:00",
            "2016 2/29 2017 3/1 2018 3/1 2019 3/1",
        ),
    ],
)
def test_the_standard_s_own_examples(rule: str, start: str, expected: str) -> None:
    wanted = moments(expected)
    ends = "UNTIL" in rule or recurrence.limit(rule) == len(wanted)
    assert wanted == recurrence.occurrences(rule, dt.datetime.fromisoformat(start), 99 if ends else len(wanted))


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        # A day of the month without a month is one of DTSTART's month.
        ("FREQ=YEARLY;BYMONTHDAY=-28,-1", "2027-02-01T09:00", "2027 2/1 2/28 2028 2/2 2/29 2029 2/1 2/28"),
        ("FREQ=YEARLY;BYMONTHDAY=31", "2026-04-01T09:00", ""),
        ("FREQ=YEARLY;BYMONTHDAY=13;BYDAY=FR", "2026-11-01T09:00", "2026 11/13 2037 11/13"),
        # The other parts that DTSTART fills in.
        ("FREQ=YEARLY", "2024-02-29T09:00", "2024 2/29 2028 2/29 2032 2/29"),
        ("FREQ=YEARLY;BYMONTH=2,4", "2026-01-30T09:00", "2026 4/30 2027 4/30"),
        ("FREQ=WEEKLY;BYMONTH=6", "2026-05-27T09:00", "2026 6/3 6/10 6/17 6/24 2027 6/2"),
        (
            "FREQ=YEARLY;BYWEEKNO=1",
            "2026-01-01T09:00",
            "2026 1/1 2027 1/7 2028 1/6 2029 1/4 2030 1/3 2031 1/2 2032 1/1",
        ),
        ("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU", "2026-01-01T09:00", "2027 1/3 2028 1/2 12/31 2029 12/30"),
        ("FREQ=YEARLY;BYWEEKNO=53", "2026-06-05T09:00", "2027 1/1 2032 12/31 2038 1/1"),
        (
            "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO;BYMONTH=12",
            "2024-01-01T09:00",
            "2024 12/30 2025 12/29 2029 12/31 2030 12/30",
        ),
        ("FREQ=YEARLY;BYWEEKNO=10,11;BYMONTHDAY=8", "2026-01-01T09:00", "2026 3/8 2027 3/8 2028 3/8"),
        ("FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=MO", "2024-12-30T09:00", "2024 12/30 2027 1/4 2029 1/1"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=SU;WKST=SU", "2026-01-01T09:00", "2026 1/4 2027 1/3 2028 1/2 12/31 2029 12/30"),
        # Numbers count within the month where one is named, else within the year.
        ("FREQ=YEARLY;BYDAY=-1MO", "2026-01-01T09:00", "2026 12/28 2027 12/27"),
        ("FREQ=YEARLY;BYDAY=53TH", "2026-01-01T09:00", "2026 12/31 2032 12/30 2037 12/31"),
        ("FREQ=YEARLY;BYMONTH=5,9;BYDAY=1MO,-1MO", "2026-01-01T09:00", "2026 5/4 5/25 9/7 9/28 2027 5/3"),
        ("FREQ=MONTHLY;BYDAY=5SA", "2026-01-01T09:00", "2026 1/31 5/30 8/29 10/31"),
        ("FREQ=MONTHLY;BYDAY=MO,2TU", "2026-02-01T09:00", "2026 2/2 2/9 2/10 2/16 2/23 3/2"),
        # Days of the year, from both ends, and with other parts.
        ("FREQ=YEARLY;BYYEARDAY=366", "2026-01-01T09:00", "2028 12/31 2032 12/31"),
        ("FREQ=YEARLY;BYYEARDAY=-366", "2026-01-01T09:00", "2028 1/1 2032 1/1"),
        ("FREQ=YEARLY;BYYEARDAY=60;BYMONTH=2", "2026-01-01T09:00", "2028 2/29 2032 2/29"),
        ("FREQ=YEARLY;BYYEARDAY=1,2,3,4,5,6,7;BYDAY=SU", "2026-01-01T09:00", "2026 1/4 2027 1/3 2028 1/2 2029 1/7"),
        ("FREQ=HOURLY;INTERVAL=12;BYYEARDAY=-1", "2026-01-01T09:00", "2026 12/31 12/31@21:00 2027 12/31"),
        # SKIP moves days that are missing, also before the first, before BYDAY and BYSETPOS look at them.
        ("FREQ=MONTHLY;BYMONTHDAY=-31;SKIP=BACKWARD", "2026-03-01T09:00", "2026 3/1 3/31 5/1 5/31 7/1 8/1 8/31"),
        ("FREQ=MONTHLY;BYMONTHDAY=-31;SKIP=FORWARD", "2026-03-01T09:00", "2026 3/1 4/1 5/1 6/1 7/1"),
        ("FREQ=MONTHLY;BYMONTHDAY=30,31;SKIP=BACKWARD", "2026-01-30T09:00", "2026 1/30 1/31 2/28 3/30 3/31 4/30 5/30"),
        ("FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=SA;SKIP=BACKWARD", "2026-01-01T09:00", "2026 1/31 2/28 10/31 2027 7/31"),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;SKIP=FORWARD", "2026-01-01T09:00", "2026 3/1 2027 3/1 2028 3/1"),
        ("FREQ=YEARLY;BYMONTH=2,3;BYMONTHDAY=1,29;SKIP=FORWARD", "2026-01-01T09:00", "2026 2/1 3/1 3/29 2027 2/1 3/1"),
        ("FREQ=YEARLY;BYYEARDAY=366;SKIP=FORWARD", "2026-01-01T09:00", "2027 1/1 2028 1/1 12/31 2030 1/1"),
        # What the period before DTSTART's would have given is not counted.
        ("FREQ=MONTHLY;BYMONTHDAY=31;SKIP=FORWARD", "2026-03-01T09:00", "2026 3/31 5/1 5/31 7/1"),
        ("FREQ=YEARLY;BYYEARDAY=366;SKIP=BACKWARD", "2026-01-01T09:00", "2026 12/31 2027 12/31 2028 12/31"),
        ("FREQ=MONTHLY;INTERVAL=2;SKIP=BACKWARD", "2025-12-31T09:00", "2025 12/31 2026 2/28 4/30 6/30 8/31"),
        ("FREQ=MONTHLY;BYMONTHDAY=29,30,31;BYSETPOS=1;SKIP=BACKWARD", "2026-02-01T09:00", "2026 2/28 3/29 4/29"),
        # BYSETPOS counts days and times of the whole period.
        (
            "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1",
            "2026-01-01T09:00",
            "2026 1/1 12/31 2027 1/1 12/31 2028 1/3",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=1,2;BYHOUR=9,17;BYSETPOS=2,-1",
            "2026-01-01T09:00",
            "2026 1/1@17:00 1/2@17:00 2/1@17:00",
        ),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2", "2026-01-02T09:00", "2026 1/7 1/14 1/21"),
        ("FREQ=WEEKLY;BYDAY=SA,SU,MO;BYSETPOS=1;WKST=SA", "2026-01-04T09:00", "2026 1/10 1/17"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,SU;BYMONTH=3;BYSETPOS=1", "2026-01-01T09:00", "2026 3/1 3/2 3/9 3/16 3/23 3/30"),
        ("FREQ=DAILY;BYHOUR=9,13,17;BYSETPOS=-1", "2026-01-01T09:00", "2026 1/1@17:00 1/2@17:00"),
        ("FREQ=HOURLY;BYMINUTE=10,20,30;BYSETPOS=2", "2026-01-01T09:00", "2026 1/1@9:20 1/1@10:20"),
        # Hours and minutes keep their phase over days.
        ("FREQ=HOURLY;INTERVAL=7", "2026-01-01T09:00", "2026 1/1 1/1@16:00 1/1@23:00 1/2@6:00 1/2@13:00"),
        ("FREQ=HOURLY;INTERVAL=7;BYHOUR=9", "2026-01-01T09:00", "2026 1/1 1/8 1/15"),
        ("FREQ=HOURLY;INTERVAL=25;BYDAY=MO", "2026-01-01T09:00", "2026 1/5@13:00 1/12@20:00 1/19@2:00"),
        ("FREQ=MINUTELY;INTERVAL=7;BYHOUR=9;BYMINUTE=0", "2026-01-01T09:00", "2026 1/1 1/8 1/15"),
        ("FREQ=MINUTELY;INTERVAL=1441", "2026-01-01T09:00", "2026 1/1 1/2@9:01 1/3@9:02"),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR", "2026-01-01T09:00", "2026 1/1 1/5 1/7 1/9 1/13"),
        (
            "FREQ=DAILY;INTERVAL=3;BYMONTH=2;BYMONTHDAY=28,29",
            "2026-01-01T09:00",
            "2027 2/28 2028 2/29 2031 2/28 2032 2/29",
        ),
        ("FREQ=MONTHLY;INTERVAL=13", "2026-01-31T09:00", "2026 1/31 2028 3/31 2030 5/31"),
        ("FREQ=MONTHLY;INTERVAL=5;BYMONTH=1,6", "2026-01-15T09:00", "2026 1/15 6/15 2031 1/15 6/15"),
        ("FREQ=YEARLY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=29", "2000-01-01T09:00", "2000 2/29 2400 2/29 2800 2/29"),
    ],
)
def test_cases_of_our_own(rule: str, start: str, expected: str) -> None:
    wanted = moments(expected)
    assert wanted == recurrence.occurrences(rule, dt.datetime.fromisoformat(start), len(wanted) or 1)
