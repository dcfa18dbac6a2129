"""Resolves each form of date expression against the day of publication and the tense."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from streams.coder.date_grammar import BEFORE_YEAR, DAYS, MONTHS, NUMBERS, ORDINALS

Prefer = Literal["past", "future"]

DAY_TOLERANCE = dt.timedelta(days=1)
"""A date of today's or tomorrow's number still counts as past: time zones part the text from its time stamp."""

DAYS_AHEAD = 5
"""How far "the coming days" reach."""
HOURS = 24
NEW_YEAR_FROM = 7
"""The month from which "the new year" is the next one."""
_FEW = 3
"""What "a few" and "several" stand for; the precision is one step coarser than that of a number."""


DAY_DASHES = 2
"""Dashes in a date that is precise to the day."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What phrases are resolved against: the day of publication, the tense, the last date and day told before."""

    today: dt.date
    prefer: Prefer
    told: str | None = None
    told_day: str | None = None

    def anchor(self, unit: str) -> dt.date:
        """Return the day that "a year earlier", "two days later" count from: days need a day to count from."""
        told = self.told if unit in ("month", "year") else self.told_day
        return first_day(told) if told else self.today

    def after(self, date: str) -> Frame:
        """Return the frame of what follows a phrase that meant ``date``."""
        day = date if date.count("-") == DAY_DASHES else self.told_day
        return Frame(self.today, self.prefer, date, day)


def first_day(date: str) -> dt.date:
    """Return the first day of a date of any precision."""
    year, month, day = (int(part) for part in [*date.split("-"), "1", "1"][:3])
    return dt.date(year, month, day)


def _month_number(name: str) -> int:
    if name == "Christmas":
        return 12
    return MONTHS.index(name[:3].lower()) + 1


def _is_word(name: str) -> bool:
    """Whether a month's name is written as the word that it also is: "may", "march"."""
    return name.lower() in ("may", "mar", "march") and not name[0].isupper()


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
        if _is_word(found[f"{form}_m"]):
            return ""
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
    year = frame.today.year if reference in ("last", "this", "next") else frame.anchor("year").year
    return _ym(year + _step(reference), _month_number(found["mr_m"]))


def _weekday(found: re.Match[str], frame: Frame) -> str:
    today, number = frame.today, DAYS.index(found["wd_w"].lower())
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
        return frame.told_day or ""
    shift = {"yesterday": -1, "last night": -1, "the day before yesterday": -2, "tomorrow": 1}.get(words, 0)
    return (frame.today + dt.timedelta(days=shift)).isoformat()


def _period(found: re.Match[str], frame: Frame) -> str:
    reference, unit, part = found["per_r"].lower(), found["per_u"].lower(), (found["per_q"] or "").lower()
    if reference == "the" and (not part or unit not in ("month", "year")):
        return ""
    counted = frame.anchor(unit) if reference in ("the previous", "the following", "the same") else frame.today
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
    if found["out_n"]:
        ahead = frame.prefer == "future" and frame.today.month >= NEW_YEAR_FROM
        return f"{frame.today.year + ahead:04d}"
    unit = (found["out_u"] or found["out_w"] or "").lower()
    return frame.today.isoformat()[: 7 if unit == "month" else 4]


def _weekend(found: re.Match[str], frame: Frame) -> str:
    """Return the month of the nearest Sunday on the side of the tense."""
    past = dt.timedelta(days=(frame.today.weekday() + 1) % 7)
    sunday = frame.today - past + dt.timedelta(weeks=frame.prefer == "future" and bool(past))
    return sunday.isoformat()[:7]


def _ordinal_word(found: re.Match[str], frame: Frame) -> str:
    day = ORDINALS.index(found["tho_d"].lower()) + 1
    return _nearest(frame, _month_number(found["tho_m"]), day).isoformat()


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
    if plain in NUMBERS:
        return NUMBERS[plain], True
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
    back, unit = word in ("earlier", "before"), found["ago_u"].lower()
    return _shifted(frame.anchor(unit), -count if back else count, unit, exact)


def _behind(found: re.Match[str], frame: Frame) -> str:
    """Resolve "two days after the visit": today's step came after, so that the visit lies so far back."""
    count, exact = _number(found["sub_n"])
    unit = found["sub_u"].lower()
    return "" if unit == "year" or frame.prefer == "future" else _shifted(frame.today, -count, unit, exact)


def _day_before(found: re.Match[str], frame: Frame) -> str:
    if found["nxt_u"] is None:
        return _shifted(frame.anchor("day"), 1, "day", True) if frame.told_day else ""
    unit = found["nxt_u"].lower()
    unit = unit if unit in ("week", "month", "year") else "day"
    return _shifted(frame.anchor(unit), 1 if found["nxt_r"].lower() == "after" else -1, unit, True)


def _within(found: re.Match[str], frame: Frame) -> str:
    """Resolve "in two weeks"; "the first visit in ten years" is no date, so only what lies ahead counts."""
    count, exact = _number(found["fwd_n"])
    if frame.prefer == "past" or not exact:
        return ""
    if found["fwd_u"].lower() == "hour":
        return _shifted(frame.today, count // HOURS, "day", exact=True)
    return _shifted(frame.today, count, found["fwd_u"].lower(), exact)[:7]


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
    return found["yr_y"] if BEFORE_YEAR.search(before) else ""


FORMS: dict[str, Callable[[re.Match[str], Frame], str]] = {
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
    "end": _weekend,
    "tho": _ordinal_word,
    "ses": _bare_season,
    "ago": _ago,
    "sub": _behind,
    "nxt": _day_before,
    "fwd": _within,
    "sea": _season_year,
    "mon": _bare_month,
    "ord": _ordinal,
    "yr": _year,
}
