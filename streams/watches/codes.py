"""The codes that name an actor: states, bodies and movements, with the names that titles use.

Watch ids are checked against these codes without loading the coder's lexicon, so that a misspelt watch
fails at once and in any process. A test holds the two together.
"""

from __future__ import annotations

import re

_STATES = """
AFG Afghanistan|AGO Angola|ALB Albania|AND Andorra|ARE United Arab Emirates|ARG Argentina|ARM Armenia
ATG Antigua and Barbuda|AUS Australia|AUT Austria|AZE Azerbaijan|BDI Burundi|BEL Belgium|BEN Benin
BFA Burkina Faso|BGD Bangladesh|BGR Bulgaria|BHR Bahrain|BHS Bahamas|BIH Bosnia and Herzegovina|BLR Belarus
BLZ Belize|BOL Bolivia|BRA Brazil|BRB Barbados|BRN Brunei|BTN Bhutan|BWA Botswana
CAF Central African Republic|CAN Canada|CHE Switzerland|CHL Chile|CHN China|CIV Côte d'Ivoire|CMR Cameroon
COD Democratic Republic of the Congo|COG Republic of the Congo|COL Colombia|COM Comoros|CPV Cape Verde
CRI Costa Rica|CUB Cuba|CYP Cyprus|CZE Czechia|DEU Germany|DJI Djibouti|DMA Dominica|DNK Denmark
DOM Dominican Republic|DZA Algeria|ECU Ecuador|EGY Egypt|ERI Eritrea|ESP Spain|EST Estonia|ETH Ethiopia
FIN Finland|FJI Fiji|FRA France|FSM Micronesia|GAB Gabon|GBR United Kingdom|GEO Georgia|GHA Ghana|GIN Guinea
GMB Gambia|GNB Guinea-Bissau|GNQ Equatorial Guinea|GRC Greece|GRD Grenada|GTM Guatemala|GUY Guyana
HND Honduras|HRV Croatia|HTI Haiti|HUN Hungary|IDN Indonesia|IND India|IRL Ireland|IRN Iran|IRQ Iraq
ISL Iceland|ISR Israel|ITA Italy|JAM Jamaica|JOR Jordan|JPN Japan|KAZ Kazakhstan|KEN Kenya|KGZ Kyrgyzstan
KHM Cambodia|KIR Kiribati|KNA Saint Kitts and Nevis|KOR South Korea|KWT Kuwait|LAO Laos|LBN Lebanon
LBR Liberia|LBY Libya|LCA Saint Lucia|LIE Liechtenstein|LKA Sri Lanka|LSO Lesotho|LTU Lithuania
LUX Luxembourg|LVA Latvia|MAR Morocco|MCO Monaco|MDA Moldova|MDG Madagascar|MDV Maldives|MEX Mexico
MHL Marshall Islands|MKD North Macedonia|MLI Mali|MLT Malta|MMR Myanmar|MNE Montenegro|MNG Mongolia
MOZ Mozambique|MRT Mauritania|MUS Mauritius|MWI Malawi|MYS Malaysia|NAM Namibia|NER Niger|NGA Nigeria
NIC Nicaragua|NLD Netherlands|NOR Norway|NPL Nepal|NRU Nauru|NZL New Zealand|OMN Oman|PAK Pakistan|PAN Panama
PER Peru|PHL Philippines|PLW Palau|PNG Papua New Guinea|POL Poland|PRK North Korea|PRT Portugal|PRY Paraguay
QAT Qatar|ROU Romania|RUS Russia|RWA Rwanda|SAU Saudi Arabia|SDN Sudan|SEN Senegal|SGP Singapore
SLB Solomon Islands|SLE Sierra Leone|SLV El Salvador|SMR San Marino|SOM Somalia|SRB Serbia|SSD South Sudan
STP São Tomé and Príncipe|SUR Suriname|SVK Slovakia|SVN Slovenia|SWE Sweden|SWZ Eswatini|SYC Seychelles
SYR Syria|TCD Chad|TGO Togo|THA Thailand|TJK Tajikistan|TKM Turkmenistan|TLS Timor-Leste|TON Tonga
TTO Trinidad and Tobago|TUN Tunisia|TUR Türkiye|TUV Tuvalu|TWN Taiwan|TZA Tanzania|UGA Uganda|UKR Ukraine
URY Uruguay|USA United States|UZB Uzbekistan|VAT Holy See|VCT Saint Vincent and the Grenadines|VEN Venezuela
VNM Vietnam|VUT Vanuatu|WSM Samoa|XKX Kosovo|YEM Yemen|ZAF South Africa|ZMB Zambia|ZWE Zimbabwe
"""
_BODIES = """
EU European Union|UN United Nations|LAS League of Arab States|GCC Gulf Cooperation Council|NATO NATO
AU African Union|HZB Hezbollah|PSE Palestinian Authority|HMS Hamas|ASEAN ASEAN|AES Alliance of Sahel States
OIC Organisation of Islamic Cooperation|OAS Organization of American States|ECOWAS ECOWAS|IGAD IGAD|OSCE OSCE
EAC East African Community|ALBA ALBA|AMU Arab Maghreb Union|BRICS BRICS|CARICOM CARICOM|CELAC CELAC|CEMAC CEMAC
CIS Commonwealth of Independent States|COE Council of Europe|CSTO CSTO|CW Commonwealth|EAEU Eurasian Economic Union
ECCAS ECCAS|G7 G7|G20 G20|IAEA IAEA|ICC International Criminal Court|ICRC Red Cross|IMF IMF|LIMA Lima Group
ICGLR Great Lakes Conference|MERCOSUR Mercosur|OPCW OPCW|OPEC OPEC|OTS Organization of Turkic States
PIF Pacific Islands Forum|QUAD the Quad|SAARC SAARC|SADC SADC|SCO Shanghai Cooperation Organisation|UNASUR UNASUR
V4 Visegrád Group|WB World Bank|WTO WTO|COK Cook Islands|ESH Western Sahara|GRL Greenland|HKG Hong Kong|MAC Macau
PRI Puerto Rico|DDR East Germany
"""
_PARTS = {"OPP": "opposition", "NGO": "civil society"}
"""Parts that any state has."""
_OWN_PARTS = {
    "SYR-KRD": "Kurdish-led administration",
    "AZE-NKR": "Nagorno-Karabakh",
    "BIH-SRP": "Republika Srpska",
    "CHN-TIB": "Tibetan exiles",
    "CYP-TRN": "north",
    "ESH-POL": "Polisario Front",
    "ESP-CAT": "Catalonia",
    "GEO-ABK": "Abkhazia",
    "GEO-OST": "South Ossetia",
    "IRQ-KRG": "Kurdistan Region",
    "LBY-HAF": "eastern command",
    "MDA-TRN": "Transnistria",
    "SDN-RSF": "Rapid Support Forces",
    "SOM-SML": "Somaliland",
    "TUR-PKK": "PKK",
    "UKR-DNR": "occupied Donetsk",
    "YEM-HOU": "Houthis",
}
"""Bodies that rule or fight inside one state, by the codes of the lexicon."""
_CODE = re.compile(r"([A-Z][A-Z0-9]{1,7})(?:-([A-Z]{3}))?")


def _table(packed: str) -> dict[str, str]:
    rows = (item.strip().split(" ", 1) for line in packed.strip().splitlines() for item in line.split("|"))
    return {row[0]: row[1] for row in rows}


STATES: dict[str, str] = _table(_STATES)
"""Alpha-3 code and English name of each state (Kosovo by its user-assigned code XKX)."""
BODIES: dict[str, str] = _table(_BODIES)
"""Organisations and movements by the codes of the label guide."""


def is_known(code: str) -> bool:
    """Whether ``code`` names an actor: a state, a body, or a part of a state such as ``SYR-OPP``."""
    found = _CODE.fullmatch(code)
    if found is None:
        return False
    base, part = found.groups()
    if part is None:
        return base in STATES or base in BODIES
    return code in _OWN_PARTS or (part in _PARTS and (base in STATES or base == "PSE"))


def name_of(code: str) -> str:
    """Return the English name of a known code, else the code itself."""
    base, _, part = code.partition("-")
    name = STATES.get(base) or BODIES.get(base)
    if name is None:
        return code
    return f"{name} ({_OWN_PARTS.get(code) or _PARTS.get(part, part)})" if part else name
