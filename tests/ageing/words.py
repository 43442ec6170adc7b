"""Sentences in five languages, no two alike for one seed: places, people, sums and a verdict, put together."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

FIRST = ["Anna", "Jo", "Mara", "Piet", "Luc", "Inés", "Ravi", "Tomas", "Ebba", "Nuno", "Greta", "Omar", "Ivo", "Sanne", "Hugo", "Lena"]
LAST = ["Fenwick", "Aldous", "Moreau", "Haas", "de Wit", "Serrano", "Okafor", "Lindqvist", "Costa", "Brandt", "Keller", "Nowak", "Petit"]
TOWNS = ["Harrow", "Lindau", "Vire", "Cádiz", "Delft", "Marl", "Oban", "Sète", "Jaca", "Zwolle", "Kehl", "Ripon", "Tarbes", "Lugo"]


@dataclass(frozen=True)
class Language:
    """`lines` have slots; `negated` is a sentence's plain and negated form; `note` a correction."""

    code: str
    lines: tuple[str, ...]
    quotes: tuple[str, ...]
    negated: tuple[str, str]
    headlines: tuple[str, ...]
    standfirst: str
    caption: str
    heading: str
    note: str


EN = Language(
    code="en",
    lines=(
        "The council of {town} voted by {n} to {m} on Monday to spend {sum} million pounds on the {thing}, after a debate of {k} hours.",
        "{name}, who has led the works since {year}, told the meeting that the {thing} had been closed for {k} weeks because of {n} cracks.",
        "Engineers measured {deg} degrees in the {thing} of {town} in {year}, and said that its {n} bolts had shrunk by {dec} per cent.",
        "Residents of {town} handed in {n} letters against the {thing}, {k} of them by {name}, a baker who lives beside it.",
        "In {year} the same {thing} was sold for {sum} million to a firm from {town}, which kept it for {k} years and built nothing.",
        "A court will hear {name} and {n} others in {town} within {k} days, in a case that has cost {sum} million pounds so far.",
    ),
    quotes=("“We have waited {k} years for the {thing} of {town},” said {name}. “We’ll not wait {m} more.”",),
    negated=(
        "{name} said that the {thing} in {town} was safe for all {n} visitors and would stay open.",
        "{name} said that the {thing} in {town} was not safe for all {n} visitors and would stay open.",
    ),
    headlines=(
        "Council of {town} agrees on {thing} after {k} years",
        "{name} to lead the {thing} of {town}",
        "{thing} of {town} to cost {sum} million",
    ),
    standfirst="Plans for the {thing} were first shown in {year}, and {n} people have written about them",
    caption="The {thing} of {town}, seen from the north in {year}",
    heading="What happens in {town}",
    note="Correction: an earlier version of this article said that {n} people had come to {town}. It was {m}.",
)
DE = Language(
    code="de",
    lines=(
        "Der Rat von {town} hat am Montag mit {n} zu {m} Stimmen beschlossen, {sum} Millionen Euro für das {thing} auszugeben.",
        "{name}, seit {year} Leiterin der Arbeiten, sagte nach {k} Stunden, das {thing} habe {n} Risse und bleibe deshalb zu.",
        "Bei {deg} Grad, gemessen im Winter {year}, seien die {n} Bolzen am {thing} von {town} um {dec} Prozent geschrumpft.",
        "Anwohner aus {town} gaben {n} Briefe gegen das {thing} ab, {k} davon schrieb {name}, ein Bäcker aus der Straße.",
    ),
    quotes=("„Wir haben {k} Jahre auf das {thing} in {town} gewartet“, sagte {name}. „Noch {m} warten wir nicht.“",),
    negated=(
        "{name} sagte, das {thing} in {town} sei für die {n} Besucher sicher und bleibe offen.",
        "{name} sagte, das {thing} in {town} sei für die {n} Besucher nicht sicher und bleibe offen.",
    ),
    headlines=("{town} beschließt das {thing} nach {k} Jahren", "{name} leitet das {thing} von {town}"),
    standfirst="Die Pläne für das {thing} lagen seit {year} aus, {n} Menschen haben dazu geschrieben",
    caption="Das {thing} von {town}, von Norden gesehen im Jahr {year}",
    heading="Wie es in {town} weitergeht",
    note="Korrektur: In einer früheren Version dieses Artikels hieß es, in {town} seien {n} Menschen gewesen. Es waren {m}.",
)
FR = Language(
    code="fr",
    lines=(
        "Le conseil de {town} a voté lundi, par {n} voix contre {m}, {sum} millions d’euros pour le {thing}, après {k} heures de débat.",
        "{name}, qui dirige les travaux depuis {year}, a expliqué que le {thing} était fermé depuis {k} semaines à cause de {n} fissures.",
        "Par {deg} degrés, relevés à {town} en {year}, les {n} boulons du {thing} avaient perdu {dec} pour cent de leur longueur.",
        "Les habitants de {town} ont remis {n} lettres contre le {thing}, dont {k} de {name}, boulanger dans la même rue.",
    ),
    quotes=("« Nous attendons le {thing} de {town} depuis {k} ans », a dit {name}. « Nous n’attendrons pas {m} ans de plus. »",),
    negated=(
        "{name} a déclaré que le {thing} de {town} était sûr pour ses {n} visiteurs et resterait ouvert.",
        "{name} a déclaré que le {thing} de {town} n’était pas sûr pour ses {n} visiteurs et resterait ouvert.",
    ),
    headlines=("{town} vote le {thing} après {k} ans", "{name} à la tête du {thing} de {town}"),
    standfirst="Les plans du {thing} étaient connus depuis {year}, et {n} personnes ont écrit à leur sujet",
    caption="Le {thing} de {town}, vu du nord en {year}",
    heading="Ce qui change à {town}",
    note="Rectificatif : une version précédente de cet article parlait de {n} personnes à {town}. Elles étaient {m}.",
)
ES = Language(
    code="es",
    lines=(
        "El pleno de {town} aprobó el lunes, por {n} votos contra {m}, gastar {sum} millones de euros en el {thing}, tras {k} horas.",
        "{name}, que dirige las obras desde {year}, dijo que el {thing} llevaba {k} semanas cerrado por {n} grietas en el muro.",
        "Con {deg} grados, medidos en {town} en {year}, los {n} pernos del {thing} habían encogido un {dec} por ciento.",
        "Los vecinos de {town} entregaron {n} cartas contra el {thing}, {k} de ellas de {name}, panadero de la misma calle.",
    ),
    quotes=("«Hemos esperado {k} años el {thing} de {town}», dijo {name}. «No esperaremos {m} más».",),
    negated=(
        "{name} dijo que el {thing} de {town} era seguro para sus {n} visitantes y seguiría abierto.",
        "{name} dijo que el {thing} de {town} no era seguro para sus {n} visitantes y seguiría abierto.",
    ),
    headlines=("{town} aprueba el {thing} tras {k} años", "{name} dirigirá el {thing} de {town}"),
    standfirst="Los planes del {thing} se conocen desde {year}, y {n} personas han escrito sobre ellos",
    caption="El {thing} de {town}, visto desde el norte en {year}",
    heading="Qué pasa ahora en {town}",
    note="Corrección: una versión anterior de esta noticia hablaba de {n} personas en {town}. Eran {m}.",
)
NL = Language(
    code="nl",
    lines=(
        "De raad van {town} stemde maandag met {n} tegen {m} voor een uitgave van {sum} miljoen euro aan het {thing}, na {k} uur debat.",
        "{name}, die de werken sinds {year} leidt, zei dat het {thing} al {k} weken dicht is vanwege {n} scheuren in de muur.",
        "Bij {deg} graden, gemeten in {town} in {year}, waren de {n} bouten van het {thing} met {dec} procent gekrompen.",
        "Bewoners van {town} leverden {n} brieven in tegen het {thing}, waarvan {k} van {name}, een bakker uit de straat.",
    ),
    quotes=("“We wachten al {k} jaar op het {thing} van {town}”, zei {name}. “Nog {m} jaar wachten we niet.”",),
    negated=(
        "{name} zei dat het {thing} in {town} veilig was voor de {n} bezoekers en open zou blijven.",
        "{name} zei dat het {thing} in {town} niet veilig was voor de {n} bezoekers en open zou blijven.",
    ),
    headlines=("{town} stemt voor het {thing} na {k} jaar", "{name} gaat het {thing} van {town} leiden"),
    standfirst="De plannen voor het {thing} liggen er sinds {year}, en {n} mensen schreven erover",
    caption="Het {thing} van {town}, gezien vanuit het noorden in {year}",
    heading="Hoe het verder gaat in {town}",
    note="Correctie: in een eerdere versie van dit artikel stond dat er {n} mensen in {town} waren. Het waren er {m}.",
)
THINGS = {
    "en": ["bridge", "swimming pool", "library", "harbour wall", "theatre", "tram line"],
    "de": ["Schwimmbad", "Theater", "Rathaus", "Museum", "Kraftwerk"],
    "fr": ["pont", "théâtre", "musée", "port", "stade"],
    "es": ["puente", "teatro", "museo", "puerto", "estadio"],
    "nl": ["zwembad", "theater", "museum", "stadhuis", "viaduct"],
}
LANGUAGES = {language.code: language for language in (EN, DE, FR, ES, NL)}


def filled(line: str, language: Language, rng: Random) -> str:
    return line.format(
        town=rng.choice(TOWNS),
        name=f"{rng.choice(FIRST)} {rng.choice(LAST)}",
        thing=rng.choice(THINGS[language.code]),
        n=rng.randint(12, 987),
        m=rng.randint(3, 96),
        k=rng.randint(2, 29),
        year=rng.randint(1931, 2025),
        sum=f"{rng.randint(1, 9)}.{rng.randint(1, 9)}",
        dec=f"0.{rng.randint(11, 98)}",
        deg=f"-{rng.randint(2, 19)}",
    )
