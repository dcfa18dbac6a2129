"""News that concerns nobody's watch: made from sentences written for it, from a fixed seed.

Sport, courts, weather, markets, science, culture, crime, travel and health, 2 to 4 kB each, with the names of states
and cities that such articles have: at home in one state, and every other one mentions a second.
"""

from __future__ import annotations

import datetime as dt
import random
import re

from streams.records import Article, stable_id

SHORTEST, LONGEST = 2000, 4000
"""Letters of an article's text: what most news sites print."""
PARAGRAPH = 3
"""Sentences of a paragraph."""
MENTION_ABROAD = 0.5
"""The share of articles that name a second state."""
START = dt.datetime(2024, 3, 1, tzinfo=dt.timezone.utc)

WORDS: dict[str, tuple[str, ...]] = {
    "person": (
        "Anna Keller", "Marcus Bright", "Lucia Ferro", "Daniel Osei", "Maya Lindqvist", "Tom Harcourt", "Ines Duarte",
        "Paul Nakamura", "Greta Holm", "Samuel Okafor", "Clara Weiss", "Viktor Laine", "Ruth Mendel", "Amir Castellan",
    ),
    "city": (
        "Leeds", "Porto", "Lyon", "Hamburg", "Valencia", "Turin", "Aarhus", "Osaka", "Denver", "Perth", "Gdansk",
        "Bristol", "Rotterdam", "Bergen", "Halifax", "Graz",
    ),
    "firm": (
        "Harbour Rail", "Northlight Energy", "Calder Foods", "Meridian Textiles", "Orbit Telecom", "Linden Bank",
        "Redwood Airlines", "Astor Motors", "Bluefield Mining", "Pinnacle Homes",
    ),
    "team": ("Rovers", "Athletic", "United", "Wanderers", "City", "Rangers", "Harriers", "Falcons"),
    "number": ("three", "five", "eleven", "seventeen", "24", "38", "60", "120", "450", "2,300"),
    "percent": ("0.4", "1.2", "2.8", "3.5", "4.1", "6", "9.7", "12"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "month": ("January", "March", "April", "June", "September", "October", "November"),
}  # fmt: skip

SECTIONS: dict[str, tuple[str, ...]] = {
    "sport": (
        "{team} came from behind to win in {city} on {day} after a goal in stoppage time by {person}.",
        "The home side had {number} attempts at goal and hit the post twice before the break.",
        "{state} play {state} in the second match of the group on {day}, with both sides still without a point.",
        "Coach {person} said that the players had run themselves into the ground and deserved a rest.",
        '"We were second to every ball for an hour, and then the bench turned the game," {person} told reporters.',
        "The midfielder limped off with a thigh strain and will miss {number} weeks of the season.",
        "Ticket prices for the final rose by {percent} percent, and supporters plan a walkout in the tenth minute.",
        "The {state} international signed a contract until the end of next {month}, the club said.",
        "In the other fixture {team} and {team} drew in front of {number} thousand spectators.",
        "The referee looked at the monitor for {number} minutes before he pointed to the spot.",
    ),
    "courts": (
        "A jury in {city} found {person} guilty of fraud on {day} after {number} hours of deliberation.",
        "The court heard that invoices had been altered for years and that nobody at {firm} had checked them.",
        "Sentencing is set for {month}; the prosecution asks for {number} years in prison.",
        "Defence lawyer {person} called the verdict a disappointment and announced an appeal.",
        "Judge {person} told the witness to answer with yes or no, and adjourned the hearing until {day}.",
        "The company has set aside {number} million for damages, according to its annual report.",
        "Two former directors have pleaded guilty and will give evidence in a separate trial.",
        '"They trusted me with their savings and I let them down," the defendant said in a statement.',
    ),
    "weather": (
        "Heavy rain closed roads around {city} on {day} and left {number} households without electricity.",
        "Forecasters expect gusts of up to {number} kilometres an hour along the coast of {state}.",
        "Firefighters pumped out cellars through the night, and a primary school served as a shelter.",
        "The river stood {percent} metres above its usual level on {day} morning and was falling slowly.",
        "Farmers in {state} fear for the harvest after the driest {month} in {number} years.",
        '"I have lived here since I was a child and have never seen the water this high," said {person}.',
        "Train services between {city} and {city} resume on {day}, the operator said.",
        "The insurance industry puts the damage at {number} million, most of it to cars and roofs.",
    ),
    "markets": (
        "Shares of {firm} fell {percent} percent on {day} after the company cut its forecast for the year.",
        "The central bank of {state} kept its main rate at {percent} percent, as analysts had expected.",
        "Exports of {state} to {state} grew by {percent} percent in {month}, led by machinery and fruit.",
        "Consumer prices in {state} rose {percent} percent from a year earlier, the statistics office said.",
        "{firm} will close its plant in {city} and move {number} jobs to {state} by the end of {month}.",
        '"Demand is softer than we thought, and the warehouses are full," chief executive {person} told investors.',
        "The currency of {state} slipped to its lowest level in {number} months before it recovered.",
        "Trade unions at {firm} ask for {percent} percent more pay and threaten a strike from {day}.",
        "Crude oil traded {percent} percent lower, copper was little changed and wheat gained.",
        "The takeover of {firm} by {firm} needs the approval of the competition authority in {state}.",
    ),
    "science": (
        "Researchers in {city} have mapped how a common soil fungus shares sugar with the roots of {number} plants.",
        "The study followed {number} volunteers for {number} months and was published on {day}.",
        "A probe built in {state} sent its first pictures from the far side of a small asteroid.",
        '"We nearly threw the sample away because we took it for dust," said biologist {person}.',
        "The telescope in {state} will be switched on in {month}, {number} years later than planned.",
        "Critics point out that the effect was small and was seen in one laboratory only.",
        "The university of {city} receives {number} million for a new institute for battery research.",
        "Fossils found near {city} show that the animals crossed the plain in herds.",
    ),
    "culture": (
        "The festival in {city} opened on {day} with a film by {person} about a family of lighthouse keepers.",
        "Her third novel, set in a boarding house in {state}, sold {number} thousand copies in a week.",
        "The museum returns {number} drawings to the heirs of a collector from {city}.",
        "Visitors queued around the block, and the cloakroom ran out of hangers before noon.",
        '"The music came first and the story followed much later," composer {person} said after the premiere.',
        "Critics were divided: one paper spoke of a triumph, another of two wasted hours.",
        "The orchestra tours {state} and {state} in {month} with a programme of songs and dances.",
        "The theatre will be rebuilt behind its old front, which is listed.",
    ),
    "crime": (
        "Police in {city} arrested {number} people on {day} over a series of thefts from building sites.",
        "Officers found copper cable, {number} drills and a forged delivery note in a rented garage.",
        "Neighbours had called the police after hearing a lorry at three in the morning.",
        "A spokesman said that the suspects were between {number} and {number} years old and known to the authorities.",
        "The stolen van turned up in a car park in {state} with its plates removed.",
        "Detective {person} asked anybody with pictures from the area to come forward.",
        "Bail was refused, and the next hearing is on {day}.",
        "Customs officers at the port of {city} seized {number} kilograms of cigarettes hidden among tiles.",
    ),
    "travel": (
        "{firm} adds a night train from {city} to {city} from {month}, with sleeping cars built in {state}.",
        "Hotels on the coast of {state} are booked out for the holidays, the association of innkeepers said.",
        "The airport of {city} handled {percent} percent more passengers than a year ago.",
        "A strike of baggage handlers led to {number} cancelled flights on {day}; most passengers were rebooked.",
        "Tourists from {state} stay longest, and those from {state} spend most, according to a survey.",
        "The footpath along the cliff reopens after {number} months, with new railings and benches.",
        '"People book later than they used to, and they read the weather report first," said {person}.',
        "Cyclists complain that the ferry takes {number} bicycles only and fills up at dawn.",
    ),
    "health": (
        "Clinics in {city} see more cases of whooping cough than in any {month} of the past {number} years.",
        "A new vaccine is to be offered to everybody over {number}, the ministry of health of {state} said.",
        "Nurses work {number} hours a week on average, and one in five thinks of leaving.",
        '"Come early, drink enough and leave the antibiotics to us," advised doctor {person}.',
        "The hospital trust has a deficit of {number} million and will merge two maternity wards.",
        "Waiting times for a hip operation fell by {percent} percent after theatres opened on {day}s.",
        "Pharmacies in {state} report a shortage of eye drops and of syrup for children.",
        "The trial of the tablet was stopped early because it helped so clearly.",
    ),
}
STATES = (
    "Spain", "Japan", "Brazil", "Canada", "Portugal", "Norway", "Australia", "Italy", "Kenya", "Poland", "France",
    "Germany", "India", "Mexico", "Sweden", "New Zealand", "Ireland", "Austria", "Belgium", "Denmark", "Finland",
    "Chile", "Peru", "Nigeria", "Ghana", "South Africa", "Indonesia", "Malaysia", "Vietnam", "Thailand", "Greece",
    "Hungary", "Romania", "Switzerland", "the Netherlands", "Argentina", "Turkey", "Egypt", "South Korea", "China",
    "the United States", "the United Kingdom",
)  # fmt: skip
_SLOT = re.compile(r"\{(\w+)\}")


def article(number: int, seed: int = 1) -> Article:
    """Return made-up article ``number``: the same number gives the same article."""
    chance = random.Random(seed * 1_000_003 + number)  # noqa: S311 - a text that is the same each time, no secret
    section = chance.choice(list(SECTIONS))
    home, other = chance.sample(STATES, 2)
    words = {**WORDS, "state": (home, home, other) if chance.random() < MENTION_ABROAD else (home,)}
    wanted = chance.randint(SHORTEST, LONGEST)
    sentences: list[str] = []
    while sum(map(len, sentences)) + len(sentences) < wanted:
        # A report strays into its neighbours now and then, and never says a sentence twice in a row.
        kind = section if chance.random() < 0.8 else chance.choice(list(SECTIONS))
        sentences.append(_filled(chance.choice(SECTIONS[kind]), words, chance))
    paragraphs = [" ".join(sentences[at : at + PARAGRAPH]) for at in range(0, len(sentences), PARAGRAPH)]
    outlet = f"Made-up {section.title()} {number % 40}"
    return Article(
        id=stable_id("prose", seed, number),
        title=_filled(chance.choice(SECTIONS[section]), words, chance).split(",")[0].rstrip("."),
        text="\n\n".join(paragraphs),
        source=outlet,
        published_at=START + dt.timedelta(minutes=number),
        url=f"https://news{number % 40}.example.org/{section}/{number}",
    )


def _filled(template: str, words: dict[str, tuple[str, ...]], chance: random.Random) -> str:
    return _SLOT.sub(lambda slot: chance.choice(words[slot[1]]), template)
