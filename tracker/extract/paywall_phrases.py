"""What paywalls and registration walls say, in the languages of news: that the text goes on for those who do something.

Patterns only, searched in short texts, never in prose; walls.py decides what follows.
"""

from __future__ import annotations

import re
from typing import Final


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.VERBOSE | re.IGNORECASE)


# "Subscribe to continue reading": a wall says that the text goes on for those who do something.
WALL: Final = _pattern(
    r"""
      \b(?:subscrib\w+|sign\ up|become\ an?\ \w+|register\w*|(?:log|sign)[\s-]?in|create\ (?:an?|your)\ (?:\w+\ )?account|join\b
        |pay|upgrade|start\ your)\b.{0,70}?\b(?:to|and)\s
      (?:continue(?:\ (?:reading|to))?\b|keep\ reading
        |read\ (?:on\b|the\ (?:full|rest|whole|entire|complete)|this\ (?:article|story))|unlock|finish\ reading|access\ this
        |get\ full\ access\ to\ this
        |(?:view|see)\ the\ (?:full|rest))
    | \b(?:to|want\ to)\ (?:continue|keep|finish|go\ on)\ reading\b
    | \bto\ read\ the\ (?:full|rest|whole|entire|complete)\ (?:of\ (?:this|the)\ )?(?:article|story|text|report|piece)
    | \b(?:continue|keep)\ reading\ (?:with|for|by|\w+\ free)\b | \bread\ the\ full\ (?:article|story)\ with\b
    | \b(?:this|the\ rest\ of\ (?:this|the)|the\ full)\ (?:\w+\ )?(?:article|story|content|post|report|page
      |piece)(?:\ below)?\ is\ (?:\w+\ ){0,2}(?:for|to)\ (?:\w+\ ){0,4}(?:subscribers|members|readers)
    | \bthis\ is\ (?:an?\ )?(?:premium|subscriber|member)s?[\s-](?:only|exclusive)?\ ?(?:article|story|content|post)
    | \bthis\ post\ is\ for\ (?:paid|paying|subscri)
    | \byou(?:['’]ve|\ have)\ (?:reached|used|hit|read)\ (?:your|all|the|\w+\ of)\b.{0,50}(?:limit|free|articles)
    | \bunlock\ (?:this|the\ full|the\ rest\ of)\b
    | \b\d+\s?%\ of\ (?:this|the)\ (?:article|story)\ (?:remains|is\ left|left)
    | \balready\ (?:an?\ |have\ an?\ )?(?:\w+\ ){0,2}(?:subscri\w+|members?|account)\W{0,3}(?:\?|(?:sign|log)[\s-]?in|$)
    | \b(?:jetzt\ |sofort\ |direkt\ )?weiterlesen\ (?:mit|nach|für|und)\b
    | \bum\ (?:(?:den\ (?:ganzen|vollständigen|kompletten)\ )?(?:diesen\ )?artikel\ .{0,30}zu\ lesen|weiterzulesen
      |weiter\ zu\ lesen)
    | \b(?:mit|per)\ \S{0,20}(?:abo|plus|\+|pass)\S*\ (?:weiter|jetzt\ )?lesen | \bund\ (?:sofort\ |direkt\ )?weiterlesen
    | \b(?:anmelden|registrieren|einloggen)\b.{0,30}weiterlesen
    | \bdiese[rmns]?\ (?:\S+\ )?(?:artikel|inhalt|text|beitrag)\ (?:ist|gibt\ es|können|lesen|steht)\ (?:\S+\ ){0,5}\S*(?:abo
      |plus|digital|premium|registrier)
    | \b(?:exklusiv|nur)\ für\ (?:\S+\ )?\S*(?:abonnent|plus-leser|mitglieder)\S*
    | \blesen\ sie\ (?:diesen|den\ ganzen)\ \S*artikel\ (?:\S+\ ){0,3}mit
    | \b(?:artikel|beitrag)\ (?:jetzt\ )?freischalten | \b(?:bereits|schon)\ (?:\S*abonnent\S*|ein\ \S*abo\b|registriert)
    | \b(?:cet\ article|la\ suite(?:\ de\ (?:cet|l['’])\ ?article)?|ce\ contenu|la\ lecture)\ (?:vous\ )?(?:est
      |reste)\ (?:\S+\ )?(?:réservée?|accessible)
    | \bil\ vous\ reste\ [\d.,]+\s?%\ de\ (?:cet|l)
    | \babonnez-vous\ .{0,30}pour\ (?:lire|continuer|poursuivre|accéder|débloquer)
    | \bpour\ (?:lire\ (?:la\ suite|l['’]intégralité|l['’]article)|continuer\ (?:la\ |votre\ )?(?:lecture|à\ lire)
      |poursuivre\ (?:la|votre)\ lecture) | \bdéjà\ abonnée?\W{0,3}(?:\?|(?:se\ )?connect|identif|$)
    | \b(?:suscr[íi]b|reg[íi]str|inici|hazte|hágase|identif)\w*.{0,60}\bpara\ (?:seguir|continuar|leer|poder|acceder)
    | \bpara\ (?:seguir|continuar)\ leyendo
    | \b(?:contenido|artículo|noticia)\ (?:es\ )?(?:exclusiv[oa]|reservad[oa]|solo
      |sólo)\ (?:es\ )?para\ (?:\w+\ ){0,2}(?:suscriptor|socio|abonad|registrad) | \bya\ (?:eres|es|soy)\ (?:\w+\ )?suscriptor
    | \b(?:abbonati|registrati|accedi)\b.{0,40}\bper\ (?:continuare|leggere|proseguire)
    | \bper\ continuare\ (?:a\ leggere|la\ lettura)
    | \b(?:articolo|contenuto)\ (?:è\ )?(?:riservato|esclusivo|disponibile)\ (?:\w+\ )?(?:agli|per\ gli|ai)\ abbonati
    | \b(?:sei\ )?già\ abbonat[oa] | \bcontinua\ a\ leggere\ con
    | \b(?:verder\ lezen|lees\ verder)\b\W*(?:met|voor|word|neem|log|nu|vanaf)
    | \bdit\ (?:artikel|verhaal)\ is\ (?:\w+\ ){0,3}voor\ (?:\w+\ ){0,2}(?:abonnees|leden)
    | \bom\ (?:dit\ artikel|het\ hele\ artikel|verder)\ te\ (?:kunnen\ )?lezen
    | \bword\ (?:nu\ )?(?:abonnee|lid)\b.{0,30}\blees | \b(?:al|reeds)\ abonnee
    | \b(?:log\ in|registreer)\b.{0,30}(?:verder|te\ lezen)
    | \b(?:assine|cadastre-se|faça\ login|entre)\b.{0,40}\bpara\ (?:continuar|ler|ter) | \bpara\ continuar\ (?:lendo|a\ ler)
    | \bexclusiv[oa]s?\ para\ assinantes | \bjá\ é\ assinante
    | \b(?:logga\ in|prenumerera|prenumerant|köp|teckna|registrera)\b.{0,60}\bläs\w*
    | \bför\ att\ (?:fortsätta\ )?läsa\ (?:hela|vidare|artikeln|resten)
    | \bartikeln\ är\ (?:\S+\ )?för\ (?:\S+\ ){0,2}prenumerant
    | \bredan\ prenumerant | \bfor\ å\ (?:fortsette\ å\ )?lese\ (?:videre|hele|saken|resten|artikkelen)?
    | \b(?:saken|artikkelen)\ er\ (?:\S+\ ){0,3}(?:abonnent|for\ abonn) | \ballerede\ abonnent
    | \bfor\ at\ (?:læse|fortsætte) | \bartiklen\ er\ (?:\S+\ ){0,3}abonnent | \blog\ ind\ (?:for\ at|og)\ læs
    | \bkøb\ abonnement\ og\ læs
    | \b(?:tilaa|kirjaudu|lue\ lisää\ tilaamalla)\b.{0,50}(?:lukeaksesi|jatkaaksesi|lue|lukemista)
    | \b(?:artikkeli|juttu)\ on\ (?:\S+\ )?tilaajille | \boletko\ jo\ tilaaja
    | \b(?:aby|by|żeby)\ (?:czytać\ dalej|przeczytać\ (?:cały|całość|dalej)|kontynuować\ czytanie)
    | \b(?:artykuł|treść)\ (?:jest\ )?(?:dostępn\w+|przeznaczon\w+|tylko)\ (?:\w+\ )?dla
    | \bpozostało\s[\d.,]+\s?% | \bmasz\ już\ (?:prenumeratę|konto|subskrypcję)
    | \b(?:článek|obsah|text)\ (?:je\ )?(?:jen\ |pouze\ |dostupný\ )+(?:pro\ )?předplatitel
    | (?:чтобы|чтоб|щоб)\ (?:прочитать|продолжить|дочитать|читать|прочитати|продовжити|читати)
    | (?:материал|статья|текст|матеріал|стаття)\ доступ\w+\ (?:\w+\ ){0,3}(?:подпис|передплат)
    | (?:okumaya\ devam\ etmek|devamını\ okumak)\ için | (?:この記事は|続きは|残りは).{0,20}(?:有料|会員|ログイン)
    | 続きを(?:読む|お読み(?:になる|いただく))には | 残り\s*[\d,,]+\s*文字 | 有料会員限定(?:記事|です)
    | (?:订阅|訂閱|登录|登入|付费|付費|注册).{0,14}(?:继续阅读|繼續閱讀|阅读全文|閱讀全文|解锁|解鎖)
    | (?:仅限|只限|僅限).{0,6}(?:会员|會員|订户|訂戶)
    | 계속\ 읽으시?려면 | (?:유료|구독|로그인).{0,14}(?:전용|읽을\ 수|이용하실\ 수|계속)
    | (?:اشترك|سجل|للاشتراك).{0,40}(?:لمتابعة|لقراءة|لمواصلة|القراءة)
    | להמשך\ (?:קריאה|הקריאה).{0,30}(?:מנוי|הירש|התחבר)
    """
)
# One of these stands in whatever WALL finds: asked first, since WALL is slow and few texts have one.
# fmt: off
WALL_STEMS: Final = (
    "read", "finish", "subscri", "member", "unlock", "limit", "free", "left", "remains", "account", "lesen", "freischalt",
    "abo", "plus", "digital", "premium", "registri", "mitglied", "lire", "lectur", "suite", "article", "abonn", "réserv",
    "accessible", "leer", "leyendo", "acceder", "poder", "continuar", "suscri", "exclusiv", "reservad", "solo", "sólo",
    "legg", "lettura", "proseguire", "continuare", "riservato", "esclusivo", "disponibile", "abbonat", "lezen", "lees",
    "leden", "verder", "lendo", "assin", "läs", "prenumer", "lese", "abonnent", "læs", "fortsætte", "lue", "luke", "jatka",
    "tilaa", "czyta", "przeczyta", "dla", "pozostało", "masz", "předpl", "читат", "чита", "прочит", "продолж", "дочит",
    "доступ", "oku", "有料", "会員", "ログイン", "続き", "文字", "阅读", "閱讀", "解", "会员", "會員", "订户", "訂戶", "읽",
    "전용", "이용", "계속", "لمتابعة", "لقراءة", "لمواصلة", "القراءة", "קריאה", "para ler", "para ter",
)
# fmt: on
PAY_WORD: Final = _pattern(
    r"""
      subscri | \bmember | premium | \bpay | \bpaid | [€$£¥] | unlimited | \babo | abonn | abon\b | \bplus\b | testen | probe
      | suscr[ií] | abbonat | socio | assin
    | prenumer | tilaa | tilau | předpl | подпис | передпл | 订阅 | 訂閱 | 付费 | 付費 | 有料 | 購読 | 유료 | 구독 | اشتر
    | מנוי | \btrial
    """
)
WALL_CLASS: Final = _pattern(
    r"""
      pay-?wall | reg(?:istration)?-?wall | sub(?:scri(?:be|ption|ber))?-?(?:wall|gate|barrier)
      | (?:content|article|login|member)-?(?:gate|barrier|lock)
    | premium-?(?:wall|overlay|box|barrier|teaser) | paid-?(?:barrier|overlay) | (?:abo|plus)-?(?:box|wall|barrier|overlay)
    | article__locked | is-locked | meter-?wall
    """
)
NEWSLETTER: Final = _pattern(
    r"""
      newsletter | e-?mail | inbox | podcast | app\b | whatsapp | telegram | bollettino | nyhetsbrev | nyhedsbrev | nieuwsbrief | boletín
    | infolettre | uutiskirje | рассылк | briefing
    """
)
