"""What a site says in an article's place in its own name: an error, maintenance, a region, an ad blocker, a domain for sale, an app.

Patterns only, in the languages of news; notices.py decides what follows. Titles are matched in full. What is said speaks to
the reader ("please", "your", "we are"), so that news of such things, which tells of others, does not match.
"""

from __future__ import annotations

import re
from typing import Final


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.VERBOSE | re.IGNORECASE)


_NOW: Final = r"(?:\ (?:currently|temporarily|momentarily|now|briefly))?"

ERROR_TITLE: Final = _pattern(
    rf"""
    (?:(?:oops|whoops|sorry|uh-?oh|ups|http|error|status|fehler|erreur|errore|erro|fout|błąd|fel|feil|fejl)\W*(?:code\W*)?)*
    (?: 5\d\d(?:\W+(?:internal|bad|service|gateway|http|server|error|backend|varnish|unknown|web)\b.{{0,40}})?
      | (?:\d{{3}}\W*)?(?:internal\ server\ error|bad\ gateway|gateway\ time-?out|service{_NOW}\ unavailable
        |(?:web\ )?server\ (?:error|is\ down|too\ busy).{{0,40}}|connection\ timed\ out|backend\ fetch\ failed
          |origin\ .{{0,30}}unreachable)
      | (?:application|runtime|database|fatal|unexpected|technical)\ (?:error|difficulties|problems?)(?:\W\ ?an?\ (?:client
        |server)-side\ .{{0,100}})? | guru\ meditation
      | error\ establishing\ a\ database\ connection
      | (?:an\ |this\ )?(?:unexpected\ )?error(?:\ (?:has\ )?occurred)? | something(?:['’]s|\ is|\ has
        |\ went)?\ (?:gone\ )?(?:went\ )?wrong.{{0,30}}
      | (?:(?:the|this|our)\ )?(?:web)?(?:site|page)(?:\ is)?{_NOW}\ (?:unavailable|offline|down|not\ available)(?:\ .{{0,30}})?
      | we(?:['’]ll|\ will|\ are|['’]re)\ (?:be\ )?(?:right\ |soon\ )?back(?:\ online)?(?:\ (?:soon|shortly|in\ a\ .{{0,20}}))?
        | (?:be\ right\ )?back\ soon
      | (?:(?:web)?site|scheduled|planned|page|system|down\ for|under|undergoing|in|(?:is\ )?currently|essential|we(?:['’]re|\ are)|\s)*
        (?:maintenance|construction)(?:\ (?:mode|in\ progress|page|work|break))?
      | welcome\ to\ (?:nginx|apache|caddy|openresty|centos).{{0,20}} | (?:apache2?|nginx)\b.{{0,40}}\b(?:default|test)\ page.{{0,20}}
        | it\ works
      | (?:test\ page\ for|default\ page\ of).{{0,40}} | iis\ windows.{{0,20}} | (?:default\ )?(?:plesk|cpanel
        |web\ site).{{0,10}}\ page | index\ of\ /.{{0,60}}
      | wartung(?:s(?:arbeiten|modus|pause))? | wir\ sind\ (?:gleich|bald|in\ kürze)\ (?:wieder\ )?(?:zurück|für\ sie\ da|da|online)
      | interner\ serverfehler | (?:technische\ störung|technischer\ fehler) | (?:es\ ist\ )?ein\ fehler\ (?:ist\ )?aufgetreten | fehler
      | (?:diese|unsere|die)?\ ?(?:dienst|seite|web-?site|webseite)\ (?:ist\ )?(?:derzeit|zurzeit|momentan|vorübergehend
        |gerade)?\ ?nicht\ (?:erreichbar|verfügbar)
      | (?:site\ )?(?:en\ )?(?:cours\ de\ )?maintenance(?:\ en\ cours)? | (?:nous\ revenons|de\ retour)\ .{{0,25}}
        | erreur(?:\ interne)?(?:\ du)?\ serveur
      | (?:service|site)\ (?:temporairement\ |momentanément\ )?indisponible | une\ erreur\ (?:est\ survenue|s['’]est\ produite)
      | (?:(?:sitio|página|web|estamos)\ )*(?:en\ )?mantenimiento | volve(?:mos|remos)\ .{{0,20}} | error\ interno(?:\ del\ servidor)?
      | (?:servicio|sitio|web)\ (?:temporalmente\ )?no\ disponible | (?:ha\ ocurrido|se\ ha\ producido)\ un\ error | algo\ (?:salió
        |ha\ ido|fue)\ mal
      | (?:(?:sito|pagina|siamo)\ )*(?:in\ )?manutenzione(?:\ in\ corso)? | torn(?:iamo|eremo)\ .{{0,20}}
        | errore(?:\ interno)?(?:\ del)?\ server
      | (?:servizio|sito)\ (?:temporaneamente\ |momentaneamente\ )?non\ disponibile | si\ è\ verificato\ un\ errore
        | qualcosa\ è\ andato\ storto
      | (?:gepland\ )?onderhoud | (?:we|wij)\ zijn\ (?:zo|snel|straks|bijna)\ (?:weer\ )?terug | interne\ serverfout
        | (?:technische\ )?storing
      | (?:(?:de|deze)\ )?(?:dienst|site|website)\ (?:is\ )?(?:tijdelijk\ )?niet\ (?:beschikbaar|bereikbaar)
      | er\ (?:is|ging)\ iets\ (?:fout|mis)\ ?(?:gegaan)? | er\ is\ een\ fout\ opgetreden
      | (?:(?:site|página|estamos)\ )*(?:em\ )?manutenção | volta(?:mos|remos)\ .{{0,20}} | erro\ interno(?:\ do\ servidor)?
      | (?:serviço|site)\ (?:temporariamente\ )?indisponível | ocorreu\ um\ erro | algo\ (?:deu\ errado|correu\ mal)
      | (?:strona|serwis)\ w\ (?:budowie|przebudowie) | przerwa\ techniczna | prace\ (?:techniczne|serwisowe|konserwacyjne) | (?:zaraz
        |wkrótce|niedługo)\ wracamy
        | (?:wewnętrzny\ )?błąd(?:\ serwera)?
      | (?:serwis|strona)\ (?:jest\ )?(?:chwilowo\ |tymczasowo\ )?niedostępn[ya] | wystąpił\ błąd | coś\ poszło\ nie\ tak
      | (?:planerat\ )?underhåll | vi\ är\ (?:snart\ )?tillbaka(?:\ snart)? | internt\ serverfel | något\ gick\ fel
        | ett\ fel\ (?:har\ )?(?:uppstått|inträffa(?:t|de))
      | (?:sidan|tjänsten|sajten)\ (?:är|ligger)\ (?:tillfälligt\ )?(?:otillgänglig|nere|inte\ tillgänglig)
      | (?:planlagt\ )?(?:vedligehold(?:else)?|vedlikehold) | vi\ er\ (?:snart\ |straks\ )?tilba[gk]e(?:\ (?:snart|om\ lidt))?
        | intern\ (?:server|tjener)fe(?:jl|il)
      | der\ opstod\ en\ fejl | noget\ gik\ galt | det\ (?:oppsto|har\ oppstått)\ en\ feil | noe\ gikk\ galt | tekniske?\ (?:fel|feil
        |fejl|problemer|problem)
      | (?:siden|tjenesten|nettstedet)\ er\ (?:midlertidig\ )?(?:utilgjengelig|utilgængelig|nede)
    )?\W*(?:\b5\d\d)?\W*
    """
)
ERROR_SAYS: Final = _pattern(
    rf"""
      \b(?:we(?:['’]re|\ are)|(?:this|our)\ (?:web)?site\ is){_NOW}\ (?:performing|doing|carrying\ out|undergoing|down\ for|making
        |working\ on|experiencing|having
        |facing|offline)\b
    | \b(?:sorry|apologi[sz]e|apologies)\ for\ (?:the|any|this)\ (?:inconvenience|interruption|disruption)
    | \bwe(?:['’]ll|\ will|\ (?:hope|expect)\ to)\ be\ (?:right\ )?back\b
    | \b(?:please\ )?(?:try|check|come)\ (?:back\ )?(?:again\ )?(?:later|soon|shortly|in\ (?:a\ few|a\ moment|some))\b
    | \bplease\ (?:try\ again|reload|refresh|bear\ with) | \b(?:thank\ you|thanks)\ for\ your\ patience
    | \bthe\ server\ (?:encountered|is\ (?:temporarily\ )?(?:unable|overloaded|busy)|returned|was\ unable|cannot|did\ not)
    | \bunable\ to\ (?:complete|service|handle|fulfil\w*|process)\ your\ request | \byour\ (?:request|page)\ (?:could\ not|cannot
      |can['’]t)\ be
    | \b(?:contact|notify)\ the\ (?:server|site|website|system)\ (?:administrator|owner) | \bwebmaster@ | \b(?:upstream|origin
      |proxy)\ server\b
    | \bray\ id\b | \bvarnish\ cache\ server | \bguru\ meditation | \bserver\ error\ log\b | \bclient-side\ exception
      | \bserver-side\ exception
    | \bsomething\ went\ wrong\b | \b(?:our|the)\ (?:team|engineers|technicians|technical\ team)\ (?:has|have|is
      |are)\ (?:been\ )?(?:notified|informed|working)
    | \bthis\ page\ is\ used\ to\ test | \bif\ you\ see\ this\ page | \bthis\ is\ the\ default\b.{{0,20}}page
      | \bfurther\ configuration\ is\ required
      | \breplace\ this\ file
    | \bweb\ server\ (?:software\ )?is\ (?:running|successfully) | \bcould\ not\ connect\ to\ the\ database
      | \bcheck\ your\ (?:internet\ )?connection
    | \bwir\ (?:führen|arbeiten|sind|bitten)\b.{{0,60}}(?:wartung|technisch|zurück|erreichbar|geduld|entschuldigung|verständnis|da\b
      |behebung)
    | \bbitte\ (?:versuchen\ sie|versuche|laden\ sie|schauen\ sie|probieren\ sie)\b | \bin\ kürze\ wieder\b
      | \bdanke\ für\ ihr\w?\ (?:geduld|verständnis)
    | \bihre\ anfrage\ (?:konnte|kann)\b | \bder\ server\ (?:ist|hat|konnte)\b
    | \b(?:nous\ (?:effectuons|revenons|serons|travaillons|mettons|rencontrons)|veuillez\ (?:réessayer|nous\ excuser|patienter|revenir)
      |merci\ de\ (?:votre\ patience|réessayer|revenir))\b
    | \b(?:estamos\ (?:realizando|trabajando|haciendo|mejorando)|disculp\w+\ las\ molestias|(?:int[eé]nt[ea]lo|int[eé]ntelo|vuelve
      |vuelva)\b.{{0,25}}(?:más\ tarde|minutos|intentar)|gracias\ por\ (?:tu|su)\ paciencia)\b
    | \b(?:stiamo\ (?:effettuando|lavorando|eseguendo)|ci\ scusiamo|(?:riprova|riprovare|torna)\b.{{0,20}}(?:tardi|minuti|presto)
      |grazie\ per\ la\ pazienza)\b
    | \b(?:we|wij)\ (?:voeren|werken|zijn)\b.{{0,50}}(?:onderhoud|oplossing|terug|bezig) | \bprobeer\ het\b.{{0,25}}(?:later|opnieuw
      |nog\ eens) | \bexcuses\ voor\ het\ ongemak
    | \b(?:estamos\ (?:a\ )?(?:realizar|realizando|trabalha\w+|fazendo|melhora\w+)|pedimos\ desculpas?|tente\ (?:novamente|de\ novo
      |mais\ tarde)|agradecemos\ a\ (?:sua\ )?compreensão)\b
    | \b(?:trwają\ prace|przepraszamy\ za|(?:prosimy\ )?spróbu(?:j|jcie)\ ponownie|prosimy\ spróbować|zapraszamy\ (?:później|wkrótce)
      |pracujemy\ nad)\b
    | \b(?:vi\ (?:utför|arbetar|jobbar|är|uppdaterar)\b.{{0,50}}(?:underhåll|problem|lös|tillbaka|sajten)|försök\ (?:igen|gärna)
      |vi\ beklagar)\b
    | \b(?:vi\ (?:udfører|utfører|arbejder|jobber|er|opdaterer)\b.{{0,50}}(?:vedlige|vedlike|problem|tilba|løs)|prøv\ (?:igen|igjen
      |venligst)|vi\ beklager)
    """
)

REGION_TITLE: Final = _pattern(
    r"""
      (?:(?:http\ )?error\W*)?451(?:\W+(?:error|unavailable\ (?:for|due\ to)\ legal\ reasons))? | unavailable\ (?:for
        |due\ to)\ legal\ reasons
    | (?:sorry\W+)?(?:this\ |our\ )?(?:content|site|page|website|article|we(?:['’]re
      |\ are))?\ ?(?:is\ )?(?:currently\ )?(?:not\ available|unavailable)\ in\ .{0,40}
    | (?:dear|to\ our|attention)?\W*(?:european|eu|eea|international)\ (?:readers?|visitors?|users?).{0,40} | (?:access
      |region)\ (?:restricted|blocked|denied)
    | (?:gdpr|dsgvo)(?:\ notice)? | nicht\ verfügbar\ in\ .{0,30} | .{0,30}\ in\ ihrem\ land\ nicht\ verfügbar
      | (?:contenu\ )?(?:non\ disponible|indisponible)\ dans\ votre\ .{0,20}
    | (?:contenido\ )?no\ disponible\ en\ (?:tu|su)\ .{0,20} | (?:contenuto\ )?non\ disponibile\ nel(?:la)?\ tu[oa]\ .{0,20}
      | niet\ beschikbaar\ in\ (?:jouw|uw|je)\ .{0,20}
    | (?:conteúdo\ )?(?:não\ disponível|indisponível)\ n[oa]\ (?:seu|sua)\ .{0,20}
    """
)
REGION_SAYS: Final = _pattern(
    r"""
      \baccess(?:ing)?\ (?:this|our)\ (?:web)?site\ from\ (?:a|an|your|within|the|outside)\b
        | \bbelonging\ to\ the\ european\ economic\ area
    | \b(?:this|our|the)\ (?:web\s?)?(?:site|content|page|article|service|story)s?\ (?:is|are)\ (?:currently\ |temporarily
      \ |presently\ )?(?:not\ (?:currently\ )?available|unavailable)\b.{0,40}
      \b(?:in|from|to|outside)\ (?:your|most|the\ e|the\ u|european|certain|visitors|readers|users|some|all|any)
    | \bwe\ (?:have\ |currently\ )?(?:block|blocked|restrict\w*|do\ not\ (?:offer|serve)|are\ unable\ to\ (?:offer|serve|grant)
      |cannot\ (?:offer|serve|grant))\b.{0,60}(?:europe|eu\b|eea|country|region|gdpr)
    | \bgdpr\b.{0,80}\b(?:access|available)\b.{0,30}\b(?:cannot|not|unable|denied) | \baccess\ (?:cannot|can\ not)\ be\ granted
    | \b(?:we\ are\ engaged\ on\ the\ issue|looking\ at\ options\ that\ support|for\ any\ issues,\ contact
      |your\ data\ is\ protected)\b | \bour\ european\ (?:visitors|readers)
    | \bin\ (?:ihrem|deinem)\ land\ (?:leider\ )?nicht\ (?:verfügbar|abrufbar) | \b(?:dans|depuis)\ votre\ (?:pays|région|zone)\b
    | \bno\ está\ disponible\ en\ (?:tu|su)\ (?:país|región|zona|ubicación) | \bnon\ è\ disponibile\ nel(?:la)?\ (?:tu[oa]
      |su[oa])\ (?:paese|regione|area|zona)
    | \bniet\ (?:beschikbaar|toegankelijk)\ in\ (?:jouw|uw|je)\ (?:land|regio) | \b(?:não\ está\ disponível
      |indisponível)\ n[oa]\ (?:seu|sua)\ (?:país|região|área)
    | \b(?:niedostępn\w+|nie\ (?:jest|są)\ dostępn\w+)\ w\ (?:twoim|państwa)\ (?:kraju|regionie)
      | \binte\ (?:är\ )?tillgänglig\w*\ i\ ditt\ (?:land|område)
    | \bikke\ til(?:gængelig|gjengelig)\w*\ i\ ditt?\ (?:land|område|region)
    """
)

_BLOCKER: Final = r"(?:ad|ads|adverts|annonse|annonce|annons|werbe|reklame|reklam)[-\s]?block\w*"
AD_BLOCKER_TITLE: Final = _pattern(
    rf"""
    (?:(?:hey|hi|hello|sorry|oops|psst|achtung|attention)\W+)?
    (?: (?:please\ |kindly\ )?(?:disable|turn\ off|switch\ off|deactivate|pause|whitelist|unblock|allow)\b.{{0,40}}(?:{_BLOCKER}|\bads
      |whitelist|our\ (?:web)?site).{{0,40}}
      | {_BLOCKER}(?:\ (?:software|extension))?\W+(?:has\ been\ |is\ |wurde\ )?(?:detected|enabled|active|on|aktiv\w*|erkannt|entdeckt
        |deaktivieren|ausschalten|aktivert
        |gedetecteerd|actief|wykryty|upptäckt|detectado|rilevato|détecté|activé|registreret|oppdaget)
      | (?:it\ looks\ like\ |it\ seems\ |we\ (?:see|noticed|(?:have\ )?detected)\ (?:that\ )?)?you(?:['’]re|\ are|\ have
        |['’]ve)\ (?:using\ |got\ )?(?:an?\ )?{_BLOCKER}.{{0,30}}
      | we(?:['’]ve|\ have)?\ detected\ (?:an?\ )?{_BLOCKER} | (?:sie\ nutzen|du\ nutzt|sie\ verwenden)\ einen\ {_BLOCKER}
      | (?:bitte\ )?(?:deaktivier|schalte)\w*\b.{{0,30}}{_BLOCKER}.{{0,10}}
      | (?:bloqueurs?\ de\ pub\w*|bloqueador\ de\ (?:anuncios|publicidad\w*)|blocco\ (?:della\ )?pubblicità)(?:\ \w+){{0,2}}
      | (?:merci\ de\ |veuillez\ |por\ favor,?\ )?(?:désactive|desactiv|deshabilit|disattiva|disabilita|desative
        |desabilite)\w*\b.{{0,40}}(?:bloque|{_BLOCKER}|blocco).{{0,20}}
      | (?:schakel|zet)\b.{{0,20}}{_BLOCKER}\ uit | (?:wyłącz|stäng\ av|inaktivera|slå|deaktiver|skru\ av)\b.{{0,25}}(?:{_BLOCKER}
        |blok\w+\ reklam).{{0,10}}
    )\W*
    """
)
AD_BLOCKER_SAYS: Final = _pattern(
    rf"""
      \byou(?:['’]re|\ are|\ have|['’]ve|\ seem\ to\ be|\ appear\ to\ be)\ (?:\w+\ ){{0,2}}(?:an?\ |your\ )?{_BLOCKER}
    | \b(?:disable|turn\ off|switch\ off|deactivate|pause|whitelist|unblock|allow)\ (?:your\ |the\ |it\b|this\ site|us\b|ads\b
      |our\ (?:web)?site)
    | \byour\ {_BLOCKER} | \b(?:ihren|deinen|ihr|dein)\ {_BLOCKER} | \b(?:sie|du)\ (?:nutz|verwende
      |benutz)\w*\ (?:\w+\ )?einen\ {_BLOCKER}
    | \b(?:deaktivieren\ sie|schalten\ sie)\b.{{0,20}}{_BLOCKER} | \bvotre\ bloqueur | \bvous\ utilisez\ un\ bloqueur
      | \bdésactivez\b.{{0,20}}bloqueur
    | \b(?:tu|su|seu|o\ seu)\ bloqueador | \b(?:est[aá]s?|está)\ (?:usando|utilizando)\ un?m?\ bloqueador | \b(?:il\ tuo
      |un)\ (?:ad[-\s]?block\w*|blocco)
    | \b(?:je|uw|jouw)\ {_BLOCKER} | \bschakel\b.{{0,25}}{_BLOCKER} | \bwyłącz\b.{{0,20}}(?:{_BLOCKER}|blok\w+) | \b(?:din|ditt
      |dit)\ {_BLOCKER}
    """
)

_SALE: Final = r"""
    (?:for\ sale|zum\ verkauf|zu\ verkaufen|à\ vendre|en\ vente|en\ venta|a\ la\ venta|in\ vendita|te\ koop|à\ venda|na\ sprzedaż
      |till\ salu|til\ salgs?)"""
_DOMAIN: Final = r"""
    (?:domain(?:\ name)?|nom\ de\ domaine|domaine|dominio|domínio|domein(?:naam)?|domena|domän\w*|domæne\w*|domenenavn\w*|domene\w*)"""
PARKED_TITLE: Final = _pattern(
    rf"""
      (?:[\w-]+\.)+[a-z]{{2,}}\b.{{0,40}}\b(?:{_SALE}|parked|expired|geparkt).{{0,30}} | (?:[\w-]+\.)+[a-z]{{2,}}
    | .{{0,20}}\b{_DOMAIN}\b.{{0,50}}\b(?:{_SALE}|parked|expired|geparkt|available|suspended).{{0,30}} | (?:buy
      |get)\ this\ domain.{{0,30}} | parked\ (?:domain|page)
    """
)
PARKED_SAYS: Final = _pattern(
    rf"""
      \b(?:this|diese|ce|este|questo|dit|deze|ta|den\ här|denna|dette|denne)\ (?:web\ )?{_DOMAIN}\b.{{0,40}}?
      \b(?:{_SALE}|parked|expired|available|registered|geparkt|registriert|abgelaufen|expiré|réservé|caducado|aparcado|parcheggiato
        |geparkeerd|geregistreerd|wygasła)
    | \b(?:buy|get|purchase|acquire|own)\ this\ domain | \bdomain\ (?:[\w.-]+\ )?(?:may\ be|is|has\ been)\ (?:for\ sale|parked
      |registered|suspended)
    | ^(?:the\ domain\ )?(?:[\w-]+\.)+[a-z]{{2,}}\ (?:is|steht|est|está|è|jest|är|er)\ {_SALE}\W*$ | \bsponsored\ listings\ displayed
      | \bparked\ (?:free
      |courtesy)
    | \bthis\ {_DOMAIN}\ (?:has\ )?(?:recently\ )?expired
    """
)

_APP: Final = r"(?:\S+\ ){0,2}(?:\S+-)?app\b"
APP_SAYS: Final = _pattern(
    rf"""
      \b(?:read|open|view|see|finish)\ (?:the\ )?(?:full|whole|rest\ of\ (?:the|this)|complete|entire)\ (?:story|article|text|piece
        |report)
      \ (?:for\ free\ )?(?:only\ )?in\ (?:our|the)\ {_APP}
    | \b(?:continue|keep|go\ on)\ reading\ (?:(?:this|the)\ (?:story|article)\ )?(?:for\ free\ )?(?:only\ )?in\ (?:our|the)\ {_APP}
    | \b(?:download|get|install|open)\ (?:our|the)\ {_APP}\ (?:to|and)\ (?:read|continue|keep|see|view|finish|unlock)
    | \bthis\ (?:story|article|content)\ is\ (?:only\ |exclusively\ )?available\ (?:only\ |exclusively\ )?(?:in|on
      |to\ users\ of)\ (?:our|the)\ {_APP}
    | \b(?:diesen?\ )?(?:artikel|text|beitrag)\b.{{0,30}}\bin\ (?:der|unserer)\ {_APP}.{{0,20}}\b(?:weiter)?lesen | \bin\ (?:der
      |unserer)\ {_APP}\ weiterlesen
    | \bweiterlesen\ in\ (?:der|unserer)\ {_APP} | \bgibt\ es\ nur\ in\ (?:der|unserer)\ {_APP}
    | \b(?:lire|lisez|continuez|poursuivez|retrouvez)\b.{{0,40}}\b(?:dans|sur)\ (?:notre|l['’])\ ?app\w*
    | \b(?:lee|leer|lea|continúa|sigue\ leyendo|seguir\ leyendo)\b.{{0,40}}\ben\ (?:nuestra|la)\ (?:app|aplicación)
    | \b(?:leggi|continua\ a\ leggere|continua)\b.{{0,40}}\b(?:nella|sulla)\ (?:nostra\ )?app | \b(?:lees)\b.{{0,40}}\bin\ (?:onze
      |de)\ {_APP}
    | \b(?:leia|continue\ (?:lendo|a\ ler))\b.{{0,40}}\bn[oa]\ (?:nosso\ |nossa\ )?(?:app|aplicativo|aplicação)
    | \b(?:czytaj|przeczytaj)\b.{{0,40}}\bw\ (?:naszej\ )?aplikacji | \b(?:läs|læs|les)\ (?:vidare|videre|hela|hele
      |resten)\b.{{0,40}}\bi\ (?:vår\ |vores\ )?app\w*
    """
)

CONSENT_TITLE: Final = _pattern(
    r"""
      (?:jetzt\ |weiter\ )?mit\ (?:werbung|cookies|tracking)\b.{0,60} | weiter\ mit\ werbung.{0,40} | zustimmung(?:\ erforderlich)?
        | willkommen(?:\ bei\ .{0,40})? | (?:ihre\ )?einwilligung
    | werbefrei\ .{0,40} | (?:.{0,20}\W)?pur-abo | contentpass.{0,30} | consent | cookies | (?:accept|pay
      |choose).{0,30}(?:cookies|ads|subscribe).{0,20}
    | continuer\ .{0,40} | bienvenue.{0,40} | bienvenid[oa]s?.{0,40} | benvenut[oi].{0,40} | welkom.{0,40} | bem-vindo.{0,40}
      | witamy.{0,40} | welcome.{0,40}
    """
)
CONSENT_SAYS: Final = _pattern(
    r"""
      \bmit\ werbung(?:\ und\ \w+)?(?:\ kostenlos)?\ (?:weiter|lesen|nutzen|besuchen|zugreifen)\w* | \bweiter\ mit\ werbung
        | \bwie\ gewohnt\ mit\ werbung
    | \bim\ pur-?abo\b | \bcontentpass\b | \bohne\ (?:werbe-?)?tracking\b | \bwerbefrei\ (?:lesen|nutzen|mit|im) | \b(?:akzeptieren
      |zustimmen)\ und\ (?:weiter|lesen|kostenlos)\w*
    | \baccepter\ (?:les\ cookies\ )?et\ (?:continuer|accéder|lire|fermer) | \bcontinuer\ (?:sans\ accepter|avec\ (?:la
      \ |des\ )?(?:publicités?|cookies)) | \bs['’]abonner\ (?:et|pour)\ refuser
      | \brefuser\ et\ s['’]abonner
    | \bacept(?:ar|a|e)\ (?:las\ cookies\ )?y\ (?:continuar|seguir|navegar|leer)\w* | \brechaz\w+\ y\ (?:suscrib|pag)\w+
      | \bnavegar\ (?:gratis\ )?con\ (?:cookies|publicidad)
    | \baccett\w+\ (?:i\ cookie\ )?e\ (?:continua|prosegui|naviga|leggi)\w* | \brifiut\w+\ e\ abbona\w+ | \bcontinua\ senza\ accettare
    | \baccept(?:\ all)?(?:\ cookies)?\ and\ (?:continue|read) | \breject(?:\ all)?\ and\ (?:pay|subscribe) | \bcontinue\ with\ (?:ads
      |advertising) | \bpay\ to\ reject
    | \b(?:accepteren|akkoord)\ en\ (?:doorgaan|verder\w*) | \baceitar\ e\ (?:continuar|fechar|navegar) | \bprzejdź\ do\ serwisu
      | \bakceptuj\w*\ i\ (?:przejdź|przechodzę|czytaj)
    | \bgodkänn\ och\ (?:fortsätt|gå\ vidare|läs) | \bgod(?:kend|ta|kjenn)\ og\ (?:fortsæt|fortsett|gå\ videre|læs|les)
    """
)
