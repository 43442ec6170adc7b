"""What walls, checks and error pages say, in the languages of news. Patterns only; what follows from a match is decided elsewhere.

Those that are matched in full are for titles and headings; the others are searched in short texts only, never in prose.
"""

from __future__ import annotations

import re
from typing import Final


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.VERBOSE | re.IGNORECASE)


BOT_TITLE: Final = _pattern(
    r"""
    (?:error\W*)?(?:the\ )?(?:
      just\ a\ moment | attention\ required
      | access\ (?:to\ this\ (?:page|site|website)\ )?(?:has\ been\ |is\ )?(?:denied|blocked|restricted)
    | pardon\ our\ interruption | are\ you\ a\ (?:robot|human) | robot\ (?:check|or\ human) | human\ verification
    | security\ check(?:point)?
    | (?:vercel|bunny\ shield|sucuri)\W.{0,40} | bot\ (?:verification|check|detection) | ddos-guard | one\ more\ step
    | you\ have\ been\ blocked
    | sorry,?\ you\ have\ been\ blocked | please\ wait | request\ could\ not\ be\ satisfied
    | (?:http\ )?(?:403|429)\W*(?:error|forbidden)?
    | forbidden | too\ many\ requests | request\ (?:rejected|blocked|denied)
    | checking\ your\ browser(?:\ before\ accessing.{0,60})?
    | (?:please\ )?(?:verify(?:ing)?|confirm)\ (?:that\ )?you\ are\ (?:a\ |not\ a\ )?(?:human|robot|bot)
    | making\ sure\ you['’]re\ not\ a\ bot | captcha | unusual\ traffic | client\ challenge | 401\ unauthorized
    | website\ firewall\W.{0,30} | (?:radware\ )?(?:bot\ manager|captcha\ page) | error\ (?:1020|1015|1009|1010|1006|1012)
    | you\ are\ being\ rate\ limited | un\ instant | einen\ moment | un\ momento | um\ momento | een\ moment | ett\ ögonblick
    | chwileczkę
    | zugriff\ verweigert | accès\ refusé | acceso\ denegado | accesso\ negato | toegang\ geweigerd
    )\W*
    """
)
# Names and ids that only such pages carry; searched in tags and scripts, not in what a reader sees.
BOT_MARK: Final = _pattern(
    r"""
      cf-browser-verification | _cf_chl_opt | cf-error-details | cf-challenge-running
    | captcha-delivery\.com | px-captcha | _pxcaptcha | _incapsula_resource | awswafintegration | awswaf-captcha
    | /_sec/cp_challenge | sec-if-cpt-container | bm-verify= | ddos-guard\.net/\.well-known | __ddg | anubis_challenge
    | /recaptcha/challengepage | _vercel/challenge | distil_r_captcha | botdetect-captcha
    """
)
# What such pages show; searched in the text of pages that are next to nothing else.
BOT_TEXT: Final = _pattern(
    r"""
      generated\ by\ cloudfront | incapsula\ incident\ id | errors\.edgesuite\.net | reference\s*\#\s*\d+\.[0-9a-f]+
      | cloudflare\ ray\ id
    | performance\ (?:&|and)\ security\ by\ cloudflare | ddos\ protection\ by | enable\ javascript\ and\ cookies\ to\ continue
    | unusual\ (?:traffic|activity)\ from\ your
    | (?:please\ )?(?:verify|confirm|prove|make\ sure)\ (?:that\ )?you(?:['’]re|\ are)\ (?:a\ |not\ a\ )?(?:human|robot|bot)
    | something\ (?:about\ your\ browser\ )?made\ us\ think\ (?:that\ )?you\ (?:are|were|might\ be)\ a\ (?:bot|robot)
    | press\ (?:and|&)\ hold\ to\ confirm | checking\ (?:if\ the\ site\ connection\ is\ secure|your\ browser\ before)
    | needs\ to\ review\ the\ security\ of\ your\ connection | (?:you\ don['’]t|you\ do\ not)\ have\ permission\ to\ access
    | the\ owner\ of\ this\ website\ .{0,60}has\ (?:banned|blocked) | using\ a\ security\ service\ to\ protect\ itself
    | please\ enable\ js\ and\ disable\ any\ ad\ blocker | not\ a\ robot
    | bestätigen\ sie,?\ dass\ sie\ (?:ein\ mensch|kein\ roboter)
    | vérifi(?:ez|er|ons)\ que\ vous\ (?:êtes\ (?:bien\ )?(?:un\ )?humain|n['’]êtes\ pas\ un\ robot)
    | (?:verifi|confirm|comprueb)\w+\ que\ (?:no\ )?(?:eres|es|é|sei)\ (?:un\ |um\ )?(?:humano|robot|ser\ humano)
    | я\ не\ робот | 私はロボットではありません
    """
)

CONSENT_TITLE: Final = _pattern(
    r"""
      before\ you\ continue | we\ (?:value|care\ about|respect|take)\ your\ privacy | your\ (?:privacy|choices|consent)
    | (?:use|uses)\ (?:of\ )?cookies
    | cookie\ (?:consent|wall|settings|preferences|policy|notice) | (?:manage|asks\ for\ your)\ (?:consent|cookies)
    | ^consent(?:\ required)?$
    | privacy\ (?:gate|settings|wall|choices) | bevor\ sie\ (?:fortfahren|weitermachen)
    | ihre\ (?:privatsphäre|daten|zustimmung) | datenschutz
    | cookie-?(?:einstellungen|zustimmung|hinweis) | zustimmung\ erforderlich | mit\ werbung\ (?:weiterlesen|nutzen|lesen)
    | weiter\ mit\ werbung
    | votre\ vie\ privée | avant\ de\ continuer | le\ respect\ de\ votre | [ts]u\ privacidad | antes\ de\ continuar
    | (?:la\ tua|tua)\ privacy
    | prima\ di\ continuare | (?:jouw|uw|je)\ privacy | voordat\ je\ (?:verdergaat|verder\ gaat) | (?:wij\ )?gebruiken\ cookies
    | sua\ privacidade
    | din\ integritet | ditt\ personvern | dine\ data | dit\ privatliv | twoja\ prywatność
    | (?:dbamy|szanujemy)\ o?\ ?twoj\w+\ prywatność
    | yksityisyytesi | vaše\ soukromí | конфиденциальност | プライバシー
    """
)
CONSENT_WORD: Final = _pattern(
    r"""
      cookies?\b | consent | privacy | accept\ all | reject\ all | manage\ (?:options|settings|choices) | partners
      | personal\ data | advertising
    | akzeptieren | zustimm | einwillig | datenschutz | werbung | partner\b | accepter | refuser | vie\ privée | partenaires
    | aceptar | rechazar
    | privacidad | socios | accetta | rifiuta | accepteren | weigeren | toestemming | aceitar | godkänn | samtyck | samtykke
    | akceptuj | zgod[aęy]
    | prywatno | evästeet | hyväksy | souhlas | parceiros
    """
)

NOT_FOUND: Final = _pattern(
    r"""
    (?:(?:error|oops|sorry|http|whoops|uh-?oh|ooops|hmm+|we(?:['’]re|\ are)\ sorry|entschuldigung|désolé|lo\ sentimos|ops|fel
      |feil|fejl|ой|упс|oups|hoppla|ups)\W*)*
    (?: 404(?:\W*(?:error|(?:(?:page|file|seite)\ )?not\ found|seite\ nicht\ gefunden|page\ introuvable|erreur|fehler))?
      | 410(?:\W*gone)? | (?:error|fehler|erreur|fel|feil|errore)\ 404
      | (?:we\ )?(?:(?:can['’]t|cannot|couldn['’]t|could\ not)\ (?:seem\ to\ )?find\ (?:that|the|this)\ (?:page|article
        |story)(?:\ you.{0,40})?)
      | (?:(?:the|this|that|your|requested)\ ){0,2}(?:page|article|story|content|file|url|link|resource)
        (?:\ (?:that\ )?you(?:['’]re|\ are|\ were|\ have)?\ ?(?:requested|looking\ for|tried\ to\ (?:reach|view|access)
          |followed))?\ ?
        (?:(?:was|is|could|can|has\ been|may\ have\ been|has)\ )?(?:cannot\ be\ found|can['’]t\ be\ found|couldn['’]t\ be\ found
          |not\ (?:be\ )?found
          |no\ longer\ (?:available|exists|here)|not\ available|unavailable|does\ not\ exist|doesn['’]t\ exist
          |isn['’]t\ (?:here|available)|removed
          |(?:been\ )?(?:removed|deleted|moved|expired)|expired
          |missing)(?:\ or\ (?:has\ )?(?:been\ )?(?:removed|deleted|moved|expired))?
      | (?:page|content|nothing|file)?\ ?not\ found | nothing\ (?:was\ )?found(?:\ here)? | page\ gone
      | this\ page\ (?:isn['’]t|is\ not)\ (?:here|available) | nothing\ to\ see\ here
      | (?:the|that|this|your)\ (?:link|page|address|url)(?:\ you\ followed)?\ (?:(?:seems|appears)\ to\ be|is|may\ be
        |has)\ (?:\w+\ )?(?:broken|missing|dead|gone
        |invalid|expired|out\ of\ date) | (?:broken|dead|invalid)\ link
      | (?:der|dieser|ihr)\ link\ (?:ist|scheint|führt|funktioniert)\ .{0,20}(?:defekt|kaputt|gültig|ungültig|veraltet|leere
        |nicht(?:\ mehr)?|abgelaufen)(?:\ zu\ sein)?
      | (?:ce|le)\ lien\ (?:semble|est|n['’]est)\ (?:être\ )?(?:rompu|cassé|mort|brisé|invalide|plus\ valide)
      | (?:(?:este|el)\ )?enlace\ (?:parece\ estar\ |está\ |ya\ )?(?:roto|caducado|no\ (?:es\ válido|funciona|existe))
      | (?:(?:questo|il)\ )?(?:link|collegamento)\ (?:sembra\ (?:essere\ )?|è\ |non\ )?(?:interrotto|rotto|è\ più\ valido|funziona
        |scaduto)
      | (?:deze|de|die)\ link\ (?:lijkt|is|werkt)\ (?:\w+\ )?(?:kapot|verbroken|verlopen|niet(?:\ meer)?)(?:\ te\ zijn)?
      | (?:(?:este|o)\ )?link\ (?:parece\ (?:estar\ )?|está\ |não\ )?(?:quebrado|partido|funciona|expirado)
      | (?:ten\ )?link\ (?:nie\ działa|jest\ (?:uszkodzony|nieaktualny|nieaktywny)|wygasł)
      | länken\ (?:verkar|är|fungerar)\ (?:vara\ )?(?:trasig|bruten|inte(?:\ längre)?) | (?:linket|lenken)\ (?:virker|fungerer
        |er)\ (?:ikke|brudt|død|ødelagt|brutt)(?:\ længere|\ lenger)?
      | (?:(?:die|diese|der|dieser)\ )?(?:(?:gewünschte|angeforderte|gesuchte)\ )?(?:seite|artikel
        |beitrag)\ (?:(?:wurde|konnte|existiert|ist|gibt\ es)\ )?
        (?:leider\ )?(?:nicht\ (?:gefunden(?:\ werden)?|mehr\ verfügbar|verfügbar|mehr)|nicht(?:\ mehr)?)
      | (?:la\ |cette\ )?(?:page|l['’]article)\ (?:demandée?\ )?(?:est\ |n['’]a\ pas\ été\ |n['’]existe\ (?:pas|plus)
        |n['’]est\ (?:pas|plus)\ (?:disponible|trouvable))?
        (?:introuvable|non\ trouvée?|trouvée)?
      | (?:(?:la|esta)\ )?página\ (?:(?:solicitada\ )?no\ (?:ha\ sido\ )?(?:encontrada|existe|disponible|está\ disponible
          |se\ encuentra)) | página\ não\ (?:foi\ )?encontrada
      | (?:la\ )?pagina\ (?:non\ (?:è\ stata\ )?(?:trovata|esiste|disponibile)|richiesta.{0,30})
      | (?:deze\ )?pagina\ (?:is\ )?(?:niet\ (?:gevonden|beschikbaar)|bestaat\ niet(?:\ meer)?)
      | artikel\ niet\ gevonden | sidan\ (?:hittades\ inte|kunde\ inte\ hittas|finns\ inte(?:\ längre)?)
      | siden\ (?:(?:ble|blev)\ ikke\ funn?et|finnes\ ikke|findes\ ikke|kunne\ ikke\ findes) | fant\ ikke\ siden
      | sivua\ ei\ (?:löy(?:dy|tynyt)|ole\ olemassa) | nie\ znaleziono\ strony
      | strona\ nie\ (?:została\ (?:znaleziona|odnaleziona)|istnieje)
      | stránka\ (?:nebyla\ nalezena|nenalezena|neexistuje) | страница\ не\ (?:найдена|существует) | сторінку\ не\ знайдено
      | الصفحة\ غير\ موجودة
      | (?:aradığınız\ )?sayfa\ bulunamadı | (?:お探しの)?ページ(?:が|は)見つかりません(?:でした)?
      | (?:页面不存在|頁面不存在|找不到(?:页面|頁面|该页面)) | 페이지를\ 찾을\ 수\ 없습니다
    )(?:\W*(?:404|410|error|sorry))*\W*
    """
)
NOT_FOUND_CLASS: Final = _pattern(
    r"(?:^|[\s_-])(?:error-?404|page-?404|404-?(?:page|error)|page-?not-?found|not-?found(?:-page)?|is-404|http-404)(?:$|\s)"
)

LOG_IN: Final = _pattern(
    r"""
    (?:please\ |you\ (?:must|need\ to)\ )?(?:
      (?:log|sign)[\s-]?in(?:\ or\ (?:register|sign\ up|create\ (?:an\ )?account|subscribe))?(?:\ (?:to|with
        |into)\ .{1,60})?(?:\ (?:page|required))?
    | log-?on | (?:member|subscriber|user|account)s?\ (?:log|sign)[\s-]?in | login\ required | authentication\ required
    | register(?:\ or\ (?:log|sign)\ in)?
    | (?:jetzt\ |bitte\ )?(?:anmelden|einloggen)(?:\ oder\ registrieren)?|(?:kunden-?)?(?:anmeldung|login)
    | (?:bitte\ )?melden\ sie\ sich\ an.{0,40}
    | (?:se\ )?connecte[rz](?:-vous)?(?:\ à\ .{1,50})? | connexion | identifi(?:ez-vous|cation)
    | inici(?:ar|a|e)\ (?:sesión|sessão)(?:\ .{1,50})? | (?:accede|acceso)(?:\ a\ .{1,40})? | acced[io](?:\ .{1,40})?
    | inloggen(?:\ .{1,40})? | log\ in\ om\ .{1,40}
    | entrar | fazer\ login | faça\ login.{0,40} | logga\ in(?:\ .{1,40})? | logg\ inn(?:\ .{1,40})? | log\ ind(?:\ .{1,40})?
    | kirjaudu(?:\ sisään)?(?:\ .{1,40})?
    | zaloguj(?:\ się)?(?:\ .{1,40})? | logowanie | přihlášení | přihlásit\ se | войти | вход | авторизация | увійти
    | تسجيل\ الدخول | giriş(?:\ yap)? | ログイン | 登录 | 登入 | 로그인
    )\W*
    """
)

NEEDS_SCRIPT: Final = _pattern(
    r"""
      (?:enable|activate|turn\ on|requires?|needs?|without)\ java-?script
      | java-?script\ (?:is\ )?(?:required|disabled|aktivieren|einschalten)
    | activ(?:er|ar|ez)\ (?:le\ )?javascript | loading(?:\.\.\.|…) | wird\ geladen | abilita(?:re)?\ javascript
    | javascript\ (?:inschakelen|aan)
    """
)
ACCEPT: Final = _pattern(
    r"""
    (?:(?:i\ )?(?:accept|agree|consent)|(?:alle[sn]?\ |ich\ )?(?:akzeptieren|akzeptiere|zustimmen|stimme\ zu)
      |(?:tout\ )?accepter|j['’]accepte
    |(?:aceptar|acepto|aceitar)|(?:accetta|accetto)|accepteren|akkoord|godkänn|godta|tillad|acceptér|hyväksy|akceptuj[ęe]?
    |zgadzam\ się|přijmout|souhlasím
    |принять|согласен|同意する?|동의)(?:\ .{1,40})?\W*
    """
)
