"""The grammar of dates in English news prose: one regular expression, and a cheap look before it.

Each alternative is a named group; what stands in it is told by groups that begin with its name. The functions
that resolve them are in ``streams.coder.date_forms``.
"""

from __future__ import annotations

import re

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40,
    "forty-five": 45, "sixty": 60, "ninety": 90, "a": 1, "an": 1, "a dozen": 12,
}  # fmt: skip
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth", "twenty-first", "twenty-second", "twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth",
    "twenty-seventh", "twenty-eighth", "twenty-ninth", "thirtieth", "thirty-first",
)  # fmt: skip
_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|"
    r"Sep(?:t(?:ember|\.)?|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_FULL_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|Sept\.|October|November|December|Christmas)"
)
_NUMBER_WORDS = "|".join(sorted((name for name in NUMBERS if " " not in name), key=len, reverse=True))
_NUMBER = rf"(?:{_NUMBER_WORDS}|\d{{1,3}}|an?\sfew|several|some|a\scouple\sof|a\sdozen)"
_YEAR = r"(?:19|20)\d\d"
_TH = r"(?:st|nd|rd|th)"
_SEASONS = ("spring", "summer", "autumn", "fall", "winter")
_SEASON = rf"(?:{'|'.join(_SEASONS)})"
_PART = r"(?:early|late|later|earlier|mid|(?:the\s)?(?:start|beginning|end|middle|close|turn)\sof)"

PHRASE = re.compile(
    rf"""\b(?:
    (?P<iso>(?P<iso_y>{_YEAR})-(?P<iso_m>\d\d)-(?P<iso_d>\d\d))
  | (?P<dm>(?P<dm_d>\d{{1,2}}){_TH}?(?:\s?(?:-|to|and)\s?\d{{1,2}}{_TH}?)?\s(?:of\s)?(?P<dm_m>{_MONTH})\b
        (?:,?\s(?P<dm_y>{_YEAR})\b|\s(?:of\s)?(?P<dm_r>last|this|next)\syear)?)
  | (?P<md>(?P<md_m>{_MONTH})\s(?P<md_d>\d{{1,2}}){_TH}?(?![\d:]|[.,]\d)(?:\s?-\s?\d{{1,2}}\b)?
        (?:,?\s(?P<md_y>{_YEAR})\b|\s(?:of\s)?(?P<md_r>last|this|next)\syear)?)
  | (?P<my>(?P<my_m>{_MONTH}),?\s(?:of\s)?(?P<my_y>{_YEAR})\b)
  | (?P<mr>(?P<mr_m>{_FULL_MONTH}),?\s(?:of\s)?
        (?P<mr_r>last|this|next|the\sprevious|the\sfollowing|the\ssame|that)\syear)
  | (?P<wd>(?:(?P<wd_q>last|next|this|the\s(?:previous|following|coming))\s)?(?P<wd_w>{"|".join(DAYS)})\b
        (?:\s(?:morning|night|evening|afternoon))?
        (?:\s(?:of\s)?(?P<wd_k>last|next|this)\sweek|\s(?P<wd_l>last|next)\b)?)
  | (?P<day>(?:the\sday\sbefore\syesterday|yesterday|today|tonight|tomorrow|last\snight|
        this\s(?:morning|afternoon|evening)|the\ssame\s(?:day|evening|night)))\b
  | (?P<out>the\s(?P<out_u>year|month)\s(?:is\s(?:out|over)|ends)|within\sthe\s(?P<out_w>year|month)|
        year[-\s]end|year's\send|the\s(?P<out_n>new)\syear)
  | (?P<com>(?:in|within|over|during)\s(?:the\s)?(?:(?:coming|next|following)\s(?:few\s|several\s)?)?
        (?P<com_u>days|weeks)\b(?!\s(?:of|before|after)\b))
  | (?P<end>(?:at|over|on|this)\s(?:the\s)?weekend)
  | (?P<tho>the\s(?P<tho_d>{"|".join(ORDINALS)})\sof\s(?P<tho_m>{_FULL_MONTH}))
  | (?P<per>(?:(?P<per_q>{_PART})[\s-])?
        (?P<per_r>last|this|next|the\sprevious|the\sfollowing|the\scoming|the\ssame|the)\s
        (?P<per_u>week|weekend|month|year|{_SEASON})\b(?!\s(?:ago|before|after|earlier|later)))
  | (?P<ago>(?P<ago_n>{_NUMBER})[\s-](?P<ago_u>day|week|fortnight|month|year)s?\s(?P<ago_r>ago|earlier|later|from\snow|
        (?:before|after|afterwards)(?=[.,;:)]|\Z|\s(?:in|at|on|with|when)\s)))
  | (?P<sub>(?P<sub_n>{_NUMBER})\s(?P<sub_u>day|week|month|year)s?\safter\b)
  | (?P<nxt>
        the\s(?P<nxt_u>day|night|evening|week|month|year)\s(?P<nxt_r>before|after|earlier)
        (?=[.,;:)]|\Z|\s(?-i:[A-Z])|\sin\s)|
        the\snext\sday)
  | (?P<fwd>(?:in|within|over|during)\s(?:the\s(?:next|coming)\s)?(?P<fwd_n>{_NUMBER})\s
        (?P<fwd_u>hour|day|week|fortnight|month|year)s?\b)
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
FIRST_WORDS = frozenset(
    (
        *MONTHS, *DAYS, *(name.partition("-")[0] for name in NUMBERS), *("an", "several", "some"), *_SEASONS,
        *("january", "february", "march", "april", "june", "july", "august", "sept", "september", "october"),
        *("november", "december", "christmas", "last", "next", "this", "the", "yesterday", "today", "tonight"),
        *("tomorrow", "within", "year", "in", "over", "during", "at", "on", "by", "before", "for", "until", "early"),
        *("late", "later", "earlier", "mid", "start", "beginning", "end", "middle", "close", "turn", "since", "till"),
        *("from", "after", "of", "between"),
    )
)  # fmt: skip
"""The words that a phrase can begin with, in lower case."""
# One cheap look before the grammar: a number, or a word that every other form contains.
HINT = re.compile(
    r"\d|days?\b|weekend|hours?\b|th\sof\s|first\sof|second\sof|third\sof|DAY\b|night|morning|evening|afternoon|omorrow|week|month|year|Year|ago\b|spring|summer|autumn|winter|\bfall\b|"
    r"Janu|Febr|March|April|\bMay\b|June|July|Augu|Sept|Octo|Nove|Dece|Christ",
)
BEFORE_YEAR = re.compile(
    r"(?:\b(?:in|since|of|by|until|till|from|before|after|during|for|to|and|early|late|mid)[\s-]|\()\Z", re.IGNORECASE
)
