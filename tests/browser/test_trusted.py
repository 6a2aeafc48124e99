"""Nothing becomes part of a page by chance: what could run is taken out of HTML before it is shown, whoever puts it there."""

from __future__ import annotations

from playwright.async_api import Browser, Page

from tests.browser.conftest import Office, phone
from tests.browser.test_story import step_in

HOSTILE = [
    *("<img src=x onerror='pwn=1'>", "<svg/onload='pwn=1'>", "<script>pwn=1</script>", "<script src=/sw.js></script>", "<style>*{color:red}</style>"),
    *("<a href='javascript:pwn=1'>x</a>", "<a href=' java\tscri\npt:pwn=1'>x</a>", "<a href='&#106;avascript&colon;pwn=1'>x</a>"),
    *("<svg><a xlink:href='javascript:pwn=1'><text>x</text></a></svg>", "<iframe srcdoc='<script>parent.pwn=1</script>'></iframe>"),
    *("<button formaction='javascript:pwn=1'>x</button>", "<base href='https://evil.example/'>", "<svg><animate onbegin='pwn=1' dur=1s></svg>"),
    *("<meta http-equiv=refresh content='0;url=https://evil.example/'>", "<b hx-on:click='pwn=1'>x</b>", "<b data-hx-on='load->pwn=1'>x</b>"),
    *("<b hx-get='/tasks' hx-vals='js:{a: pwn=1}'>x</b>", "<b hx-get='/tasks' hx-trigger='load[pwn=1]'>x</b>", "<b hx-get='js:pwn=1'>x</b>"),
    *("<template><img src=x onerror='pwn=1'></template>", "<p><template shadowrootmode=closed><img src=x onerror='pwn=1'></template></p>"),
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=pwn=1&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=pwn=1>'></noscript>", "<p hx-swap-oob='beforeend:#main'><img src=x onerror='pwn=1'></p>",
    "<hx-partial hx-target='#main' hx-swap='beforeend'><img src=x onerror='pwn=1'></hx-partial>",
]
# The ways in which a script could put them there, and what then stands there that could run, in templates too.
TRY = """async (hostile) => {
  let spot;
  const swap = (text, how) => htmx.swap({text, target: spot, sourceElement: document.body, ...how});
  const ways = {
    htmx: (html) => swap(html, {swap: 'innerHTML'}),
    page: (html) => swap(`<html><body><p id=spot>${html}</p></body></html>`, {select: '#spot', swap: 'outerMorph'}),
    innerHTML: (html) => { spot.innerHTML = html; },
    insertAdjacentHTML: (html) => { spot.insertAdjacentHTML('beforeend', html); },
    fragment: (html) => { spot.append(document.createRange().createContextualFragment(html)); },
    document: (html) => {
      const page = new DOMParser().parseFromString(html, 'text/html');
      spot.append(...page.head.childNodes, ...page.body.childNodes);
    },
  };
  const bad = (tree) => [...tree.querySelectorAll('*')].flatMap((one) => [
    ...(one.matches('iframe, base, object, embed, animate, style, script:not([src^="/assets/"]), meta[http-equiv]') ? [one.localName] : []),
    ...[...one.attributes].filter(({name, value}) => /^on|hx-on|srcdoc/.test(name) || /^\\s*(java\\s*scri\\s*pt|js)\\s*:/i.test(value)
      || (name === 'hx-trigger' && value.includes('['))).map(({name, value}) => `${name}=${value}`),
    ...(one instanceof HTMLTemplateElement ? bad(one.content) : []), ...(one.shadowRoot ? ['shadow'] : []),
  ]);
  const found = [];
  for (const [way, put] of Object.entries(ways)) {
    for (const html of hostile) {
      document.body.append(spot = Object.assign(document.createElement('p'), {id: 'spot'}));
      await Promise.resolve(html).then(put).catch(() => {});
      for (const one of spot.querySelectorAll('b, img')) one.dispatchEvent(new MouseEvent('click', {bubbles: true}));
      await new Promise((resolve) => { setTimeout(resolve, 5); });
      const left = bad(document);
      if (!spot.isConnected || left.length || window.pwn) found.push({way, html, left, pwn: window.pwn});
      spot.remove();
    }
  }
  return found;
}"""
AS_IT_IS = """async (html) => {
  const spot = document.createElement('p');
  document.querySelector('main').append(spot);
  const shown = [];
  for (const put of [() => { spot.innerHTML = html; }, () => htmx.swap({text: html, target: spot, sourceElement: spot, swap: 'innerHTML'})]) {
    await put();
    shown.push(spot.innerHTML.replace(/ data-htmx-powered="true"/, ''));
  }
  spot.remove();
  return shown;
}"""
PLAIN = (
    '<p id="a" class="b" hx-get="/tasks" hx-trigger="click from:body" title="javascript: x">onload = javascript: &lt;script&gt;'
    '<input value="js: x"><svg><use href="#i-mark"></use></svg></p>'
)
# By a timer, because what devtools evaluate themselves is excused.
CODE = """() => new Promise((resolve) => { setTimeout(async () => {
  const tried = {
    eval: () => eval('1'), function: () => new Function('return 1')(), script: () => { document.createElement('script').text = '1'; },
    timer: () => setTimeout('1'), attribute: () => document.createElement('b').setAttribute('onclick', '1'),
    source: () => { document.createElement('script').src = '/sw.js'; }, worker: () => navigator.serviceWorker.register('/other.js'),
    policy: () => trustedTypes.createPolicy('naober', {}), other: () => trustedTypes.createPolicy('other', {}),
  };
  const ran = [];
  for (const [name, run] of Object.entries(tried)) await Promise.resolve().then(run).then(() => ran.push(name), () => {});
  resolve(ran);
}); })"""


async def pages(browser: Browser, office: Office) -> list[Page]:
    """One of the phone and one of the office."""
    stranger = await phone(browser, office)
    await stranger.goto("/sign-in")
    return [await step_in(browser, office, "samira"), stranger]


async def test_what_could_run_is_taken_out_whoever_puts_it_on_a_page_and_the_rest_is_left(
    browser: Browser, office: Office, violations: list[str]
) -> None:
    for page in await pages(browser, office):
        assert await page.evaluate(AS_IT_IS, PLAIN) == [PLAIN, PLAIN]
        assert await page.evaluate(TRY, HOSTILE) == []
    violations.clear()  # the browser already says no to much of it while it is parsed, out of the page


async def test_text_is_never_code_and_there_is_one_worker(browser: Browser, office: Office, violations: list[str]) -> None:
    for page in await pages(browser, office):
        assert await page.evaluate(CODE) == []
        assert len(violations) >= 8
        violations.clear()
