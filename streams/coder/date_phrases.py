"""Finds expressions of dates in English news prose and resolves them against a day.

One regular expression finds the phrases; each form has a small function that resolves it. A date keeps the
precision of its phrase: ``2022-12-28``, ``2022-12`` or ``2022``. Vague phrases ("in the coming days") are none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Prefer = Literal["past", "future"]
Kind = Literal["absolute", "weekday", "relative", "anchored"]

DAY_TOLERANCE = dt.timedelta(days=1)
"""A date of today's or tomorrow's number still counts as past: time zones part the text from its time stamp."""

NEXT_WORD = 2
"""Characters between the words of "today, Wednesday"."""
DAYS_AHEAD = 5
"""How far "the coming days" reach."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "eighteen": 18, "twenty": 20, "thirty": 30, "forty": 40,
    "forty-five": 45, "sixty": 60, "ninety": 90, "a": 1, "an": 1, "a dozen": 12,
}  # fmt: skip
_FEW = 3
"""What "a few" and "several" stand for; the precision is one step coarser than that of a number."""
_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|"
    r"Sep(?:t(?:ember|\.)?|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_FULL_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|Sept\.|October|November|December|Christmas)"
)
_NUMBER_WORDS = "|".join(sorted((name for name in _NUMBERS if " " not in name), key=len, reverse=True))
_NUMBER = rf"(?:{_NUMBER_WORDS}|\d{{1,3}}|an?\sfew|several|some|a\scouple\sof|a\sdozen)"
_YEAR = r"(?:19|20)\d\d"
_TH = r"(?:st|nd|rd|th)"
_SEASON = r"(?:spring|summer|autumn|fall|winter)"
_PART = r"(?:early|late|later|earlier|mid|(?:the\s)?(?:start|beginning|end|middle|close|turn)\sof)"

_PHRASE = re.compile(
    rf"""\b(?:
    (?P<iso>(?P<iso_y>{_YEAR})-(?P<iso_m>\d\d)-(?P<iso_d>\d\d))
  | (?P<dm>(?P<dm_d>\d{{1,2}}){_TH}?(?:\s?(?:-|to|and)\s?\d{{1,2}}{_TH}?)?\s(?:of\s)?(?P<dm_m>{_MONTH})\b
        (?:,?\s(?P<dm_y>{_YEAR})\b|\s(?:of\s)?(?P<dm_r>last|this|next)\syear)?)
  | (?P<md>(?P<md_m>{_MONTH})\s(?P<md_d>\d{{1,2}}){_TH}?(?![\d:]|[.,]\d)(?:\s?-\s?\d{{1,2}}\b)?
        (?:,?\s(?P<md_y>{_YEAR})\b|\s(?:of\s)?(?P<md_r>last|this|next)\syear)?)
  | (?P<my>(?P<my_m>{_MONTH}),?\s(?:of\s)?(?P<my_y>{_YEAR})\b)
  | (?P<mr>(?P<mr_m>{_FULL_MONTH}),?\s(?:of\s)?
        (?P<mr_r>last|this|next|the\sprevious|the\sfollowing|the\ssame|that)\syear)
  | (?P<wd>(?:(?P<wd_q>last|next|this|the\s(?:previous|following|coming))\s)?(?P<wd_w>{"|".join(_DAYS)})\b
        (?:\s(?:morning|night|evening|afternoon))?
        (?:\s(?:of\s)?(?P<wd_k>last|next|this)\sweek|\s(?P<wd_l>last|next)\b)?)
  | (?P<day>(?:the\sday\sbefore\syesterday|yesterday|today|tonight|tomorrow|last\snight|
        this\s(?:morning|afternoon|evening)|the\ssame\s(?:day|evening|night)))\b
  | (?P<out>the\s(?P<out_u>year|month)\sis\sout|year[-\s]end|year's\send)
  | (?P<com>(?:in|within|over|during)\s(?:the\s)?
        (?:(?:coming|next|following)\s(?:few\s|several\s)?)?(?P<com_u>days|weeks)\b
        (?!\s(?:of|before|after)\b))
  | (?P<per>(?:(?P<per_q>{_PART})[\s-])?
        (?P<per_r>last|this|next|the\sprevious|the\sfollowing|the\scoming|the\ssame|the)\s
        (?P<per_u>week|weekend|month|year|{_SEASON})\b(?!\s(?:ago|before|after|earlier|later)))
  | (?P<ago>(?P<ago_n>{_NUMBER})[\s-](?P<ago_u>day|week|fortnight|month|year)s?\s(?P<ago_r>ago|earlier|later|from\snow|
        (?:before|after|afterwards)(?=[.,;:)]|\Z|\s(?:in|at|on|with|when)\s)))
  | (?P<nxt>
        the\s(?P<nxt_u>day|night|evening|week|month|year)\s(?P<nxt_r>before|after|earlier)
        (?=[.,;:)]|\Z|\s(?-i:[A-Z])|\sin\s)|
        the\snext\sday)
  | (?P<fwd>(?:in|within)\s(?P<fwd_n>{_NUMBER})\s(?P<fwd_u>day|week|fortnight|month|year)s?\b)
  | (?P<ses>(?:in|by|before|during|for|until)\s(?:the\s)?(?:coming\s|early\s|late\s)?
        (?P<ses_s>spring|summer|autumn|winter)
        (?!\s(?:of\s)?\d)\b)
  | (?P<sea>(?P<sea_s>{_SEASON})\s(?:of\s)?(?P<sea_y>{_YEAR})\b)
  | (?P<mon>(?:(?P<mon_q>last|next|this|early|late|mid|in|since|by|until|till|from|during|before|after|
        (?:end|start|beginning|middle)\sof|of\slast|between)[\s-])?(?P<mon_m>{_FULL_MONTH})\b
        (?!,?\s?\d|,?\s(?:of\s)?(?:last|this|next|that|the\s\w+)\syear))
  | (?P<ord>the\s(?P<ord_d>\d{{1,2}}){_TH}\b
        (?:\sof\s(?P<ord_r>this|last|next)\smonth|(?=[.,;:)]|\Z|\sand\s|\sof\s(?:the\s)?month)))
  | (?P<yr>(?P<yr_y>{_YEAR})\b(?![-/]\d|\s?%))
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# One cheap look before the grammar: a number, or a word that every other form contains.
_HINT = re.compile(
    r"\d|days?\b|DAY\b|night|morning|evening|tomorrow|week|month|year|ago\b|spring|summer|autumn|winter|\bfall\b|"
    r"Janu|Febr|March|April|\bMay\b|June|July|Augu|Sept|Octo|Nove|Dece|Christ",
)
_BEFORE_YEAR = re.compile(
    r"(?:\b(?:in|since|of|by|until|till|from|before|after|during|for|to|and|early|late|mid)[\s-]|\()\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class DatePhrase:
    """An expression of a date: its place in the text, and the day, month or year that it means."""

    start: int
    end: int
    date: str
    precision: Literal["day", "month", "year"]
    kind: Kind


@dataclass(frozen=True, slots=True)
class Frame:
    """What phrases are resolved against: the day of publication, the tense, a date told before."""

    today: dt.date
    prefer: Prefer
    told: dt.date | None = None

    @property
    def anchor(self) -> dt.date:
        """The day that "a year earlier" counts from."""
        return self.told or self.today


def phrases(text: str, start: int, end: int, frame: Frame) -> Iterator[DatePhrase]:
    """Yield the dates in ``text[start:end]`` in order; "a year earlier" counts from the date before it."""
    if not _HINT.search(text, start, end):
        return
    last = -1
    for found in _PHRASE.finditer(text, start, end):
        form = found.lastgroup or ""
        if form == "wd" and found.start() - last <= NEXT_WORD and text[last - 3 : last].lower() in ("day", "row"):
            continue  # "today, Wednesday": one day told twice
        last = found.end()
        try:
            date = _FORMS[form](found, frame)
        except (ValueError, OverflowError):
            continue  # the 31st of June, the year 0: no date
        if date:
            precision: Literal["day", "month", "year"] = ("year", "month", "day")[date.count("-")]
            yield DatePhrase(found.start(), found.end(), date, precision, _kind(form, found))
            frame = Frame(frame.today, frame.prefer, first_day(date))


def has_anchored(text: str, start: int, end: int) -> bool:
    """Whether a phrase here counts from a date told before ("a year earlier", "the next day")."""
    return _ANCHORED.search(text, start, end) is not None


_ANCHORED = re.compile(r"\b(?:earlier|later|before|after|afterwards|next day|same|following|previous)\b")


def first_day(date: str) -> dt.date:
    """Return the first day of a date of any precision."""
    year, month, day = (int(part) for part in [*date.split("-"), "1", "1"][:3])
    return dt.date(year, month, day)


def _kind(form: str, found: re.Match[str]) -> Kind:
    if form in ("iso", "dm", "md", "my", "yr", "sea"):
        return "absolute"
    if form == "wd":
        return "weekday"
    if form == "nxt" or (form == "ago" and found["ago_r"].lower() not in ("ago", "from now")):
        return "anchored"
    return "relative"


def _month_number(name: str) -> int:
    if name == "Christmas":
        return 12
    return _MONTHS.index(name[:3].lower()) + 1


def _ym(year: int, month: int) -> str:
    """Return a month; months past December and before January run on."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return f"{year:04d}-{month:02d}"


def _step(reference: str | None) -> int:
    word = (reference or "").lower()
    if word.endswith(("last", "previous")):
        return -1
    return 1 if word.endswith(("next", "following", "coming")) else 0


def _iso(found: re.Match[str], frame: Frame) -> str:
    return dt.date(int(found["iso_y"]), int(found["iso_m"]), int(found["iso_d"])).isoformat()


def _day_month(form: str) -> Callable[[re.Match[str], Frame], str]:
    def resolve(found: re.Match[str], frame: Frame) -> str:
        month, day = _month_number(found[f"{form}_m"]), int(found[f"{form}_d"])
        if found[f"{form}_y"]:
            return dt.date(int(found[f"{form}_y"]), month, day).isoformat()
        if found[f"{form}_r"]:
            return dt.date(frame.today.year + _step(found[f"{form}_r"]), month, day).isoformat()
        return _nearest(frame, month, day).isoformat()

    return resolve


def _nearest(frame: Frame, month: int, day: int) -> dt.date:
    """Return the day without a year that fits the tense: the last one, or the next one."""
    years = range(frame.today.year - 1, frame.today.year + 2)
    # The 29th of February exists in some years only.
    days = [dt.date(year, month, day) for year in years if day < 29 or month != 2 or year % 4 == 0]
    if frame.prefer == "past":
        return max(option for option in days if option <= frame.today + DAY_TOLERANCE)
    return min(option for option in days if option >= frame.today - DAY_TOLERANCE)


def _month_year(found: re.Match[str], frame: Frame) -> str:
    return _ym(int(found["my_y"]), _month_number(found["my_m"]))


def _month_of_year(found: re.Match[str], frame: Frame) -> str:
    reference = found["mr_r"].lower()
    year = frame.today.year if reference in ("last", "this", "next") else frame.anchor.year
    return _ym(year + _step(reference), _month_number(found["mr_m"]))


def _weekday(found: re.Match[str], frame: Frame) -> str:
    today, number = frame.today, _DAYS.index(found["wd_w"].lower())
    if found["wd_k"]:
        monday = today - dt.timedelta(days=today.weekday()) + dt.timedelta(weeks=_step(found["wd_k"]))
        return (monday + dt.timedelta(days=number)).isoformat()
    step = _step(found["wd_q"] or found["wd_l"])
    back = (today.weekday() - number) % 7
    if step < 0:
        return (today - dt.timedelta(days=back or 7)).isoformat()
    if step > 0 or (frame.prefer == "future" and back):
        return (today + dt.timedelta(days=(7 - back) or 7)).isoformat()
    return (today - dt.timedelta(days=back)).isoformat()


def _near_day(found: re.Match[str], frame: Frame) -> str:
    words = found["day"].lower()
    if "same" in words:
        return frame.anchor.isoformat() if frame.told else ""
    shift = {"yesterday": -1, "last night": -1, "the day before yesterday": -2, "tomorrow": 1}.get(words, 0)
    return (frame.today + dt.timedelta(days=shift)).isoformat()


def _period(found: re.Match[str], frame: Frame) -> str:
    reference, unit, part = found["per_r"].lower(), found["per_u"].lower(), (found["per_q"] or "").lower()
    if reference == "the" and (not part or unit not in ("month", "year")):
        return ""
    counted = frame.anchor if reference in ("the previous", "the following", "the same") else frame.today
    step = _step(reference)
    if unit in ("week", "weekend"):
        # A week belongs to the month of its Thursday.
        thursday = counted - dt.timedelta(days=counted.weekday() - 3) + dt.timedelta(weeks=step)
        return thursday.isoformat()[:7]
    if unit == "month":
        return _ym(counted.year, counted.month + step)
    if unit == "year" and step <= 0 and "end of" in part and (step < 0 or frame.prefer == "past"):
        return _ym(counted.year + step, 12)
    if unit == "year" and reference != "the" and ("start of" in part or "beginning of" in part):
        return _ym(counted.year + step, 1)
    if "turn of" in part:
        return ""
    if unit not in ("year", "month"):
        return _season(unit, step, frame)
    return f"{counted.year + step:04d}"


_SEASON_MONTHS = {"spring": 4, "summer": 7, "autumn": 10, "fall": 10, "winter": 1}


def _season(season: str, step: int, frame: Frame) -> str:
    """Return the year of "last autumn", "this summer": seasons are kept as years, their months vary."""
    month = _SEASON_MONTHS[season]
    year = frame.today.year
    if step < 0 and frame.today.month <= month + 1:
        year -= 1
    if step > 0 and frame.today.month >= month - 1:
        year += 1
    return f"{year:04d}"


def _year_out(found: re.Match[str], frame: Frame) -> str:
    return frame.today.isoformat()[: 7 if (found["out_u"] or "").lower() == "month" else 4]


def _coming(found: re.Match[str], frame: Frame) -> str:
    """Resolve "in the coming weeks" to the year and "in the coming days" to the month, where they do not end first."""
    if frame.prefer == "past":
        return ""
    later = frame.today + dt.timedelta(days=DAYS_AHEAD)
    digits = 7 if found["com_u"].lower() == "days" else 4
    today = frame.today.isoformat()[:digits]
    return today if later.isoformat().startswith(today) else ""


def _bare_season(found: re.Match[str], frame: Frame) -> str:
    month, year = _SEASON_MONTHS[found["ses_s"].lower()], frame.today.year
    if frame.prefer == "future":
        return f"{year + (frame.today.month > month + 1):04d}"
    return f"{year - (frame.today.month < month):04d}"


def _number(words: str) -> tuple[int, bool]:
    """Return the number, and whether it is exact."""
    plain = words.lower()
    if plain.isdigit():
        return int(plain), True
    if plain in _NUMBERS:
        return _NUMBERS[plain], True
    return (2, False) if plain.startswith("a couple") else (_FEW, False)


def _shifted(day: dt.date, count: int, unit: str, exact: bool) -> str:
    """Return ``day`` moved by ``count`` units, as precisely as the unit allows."""
    if unit == "day":
        moved = day + dt.timedelta(days=count)
        return moved.isoformat() if exact else moved.isoformat()[:7]
    if unit in ("week", "fortnight"):
        moved = day + dt.timedelta(weeks=count * (2 if unit == "fortnight" else 1))
        return moved.isoformat()[:7]
    if unit == "month":
        month = _ym(day.year, day.month + count)
        return month if exact else month[:4]
    return f"{day.year + count:04d}" if exact else ""


def _ago(found: re.Match[str], frame: Frame) -> str:
    count, exact = _number(found["ago_n"])
    word = found["ago_r"].lower()
    if word in ("ago", "from now"):
        return _shifted(frame.today, -count if word == "ago" else count, found["ago_u"].lower(), exact)
    back = word in ("earlier", "before")
    return _shifted(frame.anchor, -count if back else count, found["ago_u"].lower(), exact)


def _day_before(found: re.Match[str], frame: Frame) -> str:
    if found["nxt_u"] is None:
        return _shifted(frame.anchor, 1, "day", True) if frame.told else ""
    unit = found["nxt_u"].lower()
    unit = unit if unit in ("week", "month", "year") else "day"
    return _shifted(frame.anchor, 1 if found["nxt_r"].lower() == "after" else -1, unit, True)


def _within(found: re.Match[str], frame: Frame) -> str:
    """Resolve "in two weeks"; "the first visit in ten years" is no date, so only what lies ahead counts."""
    count, exact = _number(found["fwd_n"])
    if frame.prefer == "past" or not exact:
        return ""
    date = _shifted(frame.today, count, found["fwd_u"].lower(), exact)
    return date[:7]


def _season_year(found: re.Match[str], frame: Frame) -> str:
    return found["sea_y"]


def _bare_month(found: re.Match[str], frame: Frame) -> str:
    name, lead = found["mon_m"], (found["mon_q"] or "").lower()
    if not name[0].isupper() or (name in ("May", "March") and not lead):
        return ""
    month, today = _month_number(name), frame.today
    if lead in ("last", "of last"):
        return _ym(today.year - (month >= today.month), month)
    if lead == "next":
        return _ym(today.year + (month <= today.month), month)
    if frame.prefer == "future":
        return _ym(today.year + (month < today.month), month)
    return _ym(today.year - (month > today.month), month)


def _ordinal(found: re.Match[str], frame: Frame) -> str:
    month = frame.today.month + _step(found["ord_r"])
    day = int(found["ord_d"])
    if not found["ord_r"] and frame.prefer == "past" and day > frame.today.day + 1:
        month -= 1
    return first_day(f"{_ym(frame.today.year, month)}-{day:02d}").isoformat()


def _year(found: re.Match[str], frame: Frame) -> str:
    before = found.string[max(0, found.start() - 8) : found.start()]
    return found["yr_y"] if _BEFORE_YEAR.search(before) else ""


_FORMS: dict[str, Callable[[re.Match[str], Frame], str]] = {
    "iso": _iso,
    "dm": _day_month("dm"),
    "md": _day_month("md"),
    "my": _month_year,
    "mr": _month_of_year,
    "wd": _weekday,
    "day": _near_day,
    "per": _period,
    "out": _year_out,
    "com": _coming,
    "ses": _bare_season,
    "ago": _ago,
    "nxt": _day_before,
    "fwd": _within,
    "sea": _season_year,
    "mon": _bare_month,
    "ord": _ordinal,
    "yr": _year,
}
