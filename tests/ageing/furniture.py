"""What stands around and between the text, and how it changes: for the whole site at once, or for each page its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

# Wordings of the site's own; none of them is an article's.
PROMOS = {
    "en": [
        "Tonight at nine: our film about the last lighthouse keepers.",
        "Twelve letters from readers who left the city for good.",
        "Inside the archive where the old maps are kept, with our reporter.",
        "A quiz for the weekend: how well do you know your own street?",
        "Ten walks along the river that few people ever take.",
        "The winter menu: five soups from five kitchens.",
    ],
    "de": [
        "Heute um neun: unser Film über die letzten Leuchtturmwärter.",
        "Zwölf Briefe von Lesern, die aufs Land gezogen sind.",
        "Zehn Wege am Fluss, die kaum jemand geht.",
        "Fünf Suppen aus fünf Küchen für den Winter.",
    ],
    "fr": [
        "Ce soir à neuf heures : notre film sur les derniers gardiens de phare.",
        "Douze lettres de lecteurs partis vivre à la campagne.",
        "Dix promenades au bord du fleuve que personne ne connaît.",
        "Cinq soupes de cinq cuisines pour passer l’hiver.",
    ],
    "es": [
        "Esta noche a las nueve: nuestra película sobre los últimos fareros.",
        "Doce cartas de lectores que dejaron la ciudad.",
        "Diez paseos junto al río que casi nadie conoce.",
        "Cinco sopas de cinco cocinas para el invierno.",
    ],
    "nl": [
        "Vanavond om negen: onze film over de laatste vuurtorenwachters.",
        "Twaalf brieven van lezers die de stad verlieten.",
        "Tien wandelingen langs de rivier die weinigen kennen.",
        "Vijf soepen uit vijf keukens voor de winter.",
    ],
}
OTHERS = {
    "en": [
        "Bakers on strike in the north",
        "New trains for the coast line",
        "Why the market square stays dark",
        "A school without a roof",
        "Snow closes three passes",
    ],
    "de": ["Bäcker streiken im Norden", "Neue Züge für die Küste", "Warum der Markt dunkel bleibt", "Eine Schule ohne Dach"],
    "fr": [
        "Les boulangers en grève dans le nord",
        "De nouveaux trains pour la côte",
        "Pourquoi la place reste noire",
        "Une école sans toit",
    ],
    "es": ["Huelga de panaderos en el norte", "Trenes nuevos para la costa", "Por qué la plaza sigue a oscuras", "Una escuela sin techo"],
    "nl": ["Bakkers staken in het noorden", "Nieuwe treinen voor de kust", "Waarom het plein donker blijft", "Een school zonder dak"],
}
READ_MORE = {"en": "Read more", "de": "Lesen Sie auch", "fr": "À lire aussi", "es": "Lea también", "nl": "Lees ook"}
LETTER = {
    "en": "Sign up for our morning newsletter: all you need to know before nine.",
    "de": "Abonnieren Sie unseren Newsletter: alles Wichtige vor neun Uhr.",
    "fr": "Inscrivez-vous à notre newsletter : l’essentiel avant neuf heures.",
    "es": "Suscríbete a nuestra newsletter: lo esencial antes de las nueve.",
    "nl": "Schrijf je in voor onze nieuwsbrief: alles voor negen uur.",
}
AGO = {
    "en": "Updated {} minutes ago",
    "de": "Aktualisiert vor {} Minuten",
    "fr": "Mis à jour il y a {} minutes",
    "es": "Actualizado hace {} minutos",
    "nl": "Bijgewerkt {} minuten geleden",
}
COMMENTS = {"en": "{} comments", "de": "{} Kommentare", "fr": "{} commentaires", "es": "{} comentarios", "nl": "{} reacties"}
APPEALS = {
    "en": ["Support our journalism for 3 pounds a month.", "Support our journalism: every pound keeps a reporter on the road."],
    "de": ["Unterstützen Sie unsere Redaktion für 3 Euro im Monat.", "Unterstützen Sie unsere Redaktion: jeder Euro hilft."],
    "fr": ["Soutenez notre rédaction pour 3 euros par mois.", "Soutenez notre rédaction : chaque euro compte."],
    "es": ["Apoya nuestro periodismo por 3 euros al mes.", "Apoya nuestro periodismo: cada euro cuenta."],
    "nl": ["Steun onze redactie voor 3 euro per maand.", "Steun onze redactie: elke euro telt."],
}
STANDING = {
    "en": "The Echo has followed the towns of this coast since 1911 and belongs to its readers.",
    "de": "Das Echo berichtet seit 1911 aus den Städten der Küste und gehört seinen Lesern.",
    "fr": "L’Écho suit les villes de cette côte depuis 1911 et appartient à ses lecteurs.",
    "es": "El Eco sigue a los pueblos de esta costa desde 1911 y pertenece a sus lectores.",
    "nl": "De Echo volgt de steden van deze kust sinds 1911 en is van haar lezers.",
}


@dataclass(frozen=True)
class Around:
    """All of a page's furniture at one moment. `own` promotions differ from page to page; `style` is how quotes are set."""

    seed: int = 0
    promo: int = 0
    own_promo: int = 0
    read_more: bool = True
    letter: bool = True
    others: int = 0
    minutes: int = 3
    comments: int = 12
    shares: int = 40
    price: int = 7512
    appeal: int = 0
    standing: bool = False
    advert: bool = False
    style: str = "curly"
    spaces: str = "plain"
    box: int = 0
    meter: int = 5


STEPS = {
    "promotion for all": lambda now, rng: replace(now, promo=now.promo + 1),
    "promotion for each": lambda now, rng: replace(now, own_promo=now.own_promo + 1),
    "read more on or off": lambda now, rng: replace(now, read_more=not now.read_more),
    "newsletter on or off": lambda now, rng: replace(now, letter=not now.letter),
    "other stories": lambda now, rng: replace(now, others=now.others + 1),
    "minutes ago": lambda now, rng: replace(now, minutes=rng.randint(2, 59)),
    "counts": lambda now, rng: replace(now, comments=now.comments + rng.randint(1, 40), shares=now.shares + rng.randint(1, 99)),
    "ticker": lambda now, rng: replace(now, price=rng.randint(7000, 7999)),
    "appeal on trial": lambda now, rng: replace(now, appeal=1 - now.appeal),
    "standing line": lambda now, rng: replace(now, standing=not now.standing),
    "advertising": lambda now, rng: replace(now, advert=not now.advert),
    "quotation marks": lambda now, rng: replace(now, style="straight" if now.style == "curly" else "curly"),
    "spaces and entities": lambda now, rng: replace(now, spaces={"plain": "nbsp", "nbsp": "soft", "soft": "plain"}[now.spaces]),
    "names of the template": lambda now, rng: replace(now, box=now.box + 1),
    "meter": lambda now, rng: replace(now, meter=rng.randint(1, 9)),
}
