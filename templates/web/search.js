// Asks the site's own index and lists what it finds. The page says every word itself; this script has none.
const STEP = 20;
const [form, words, count, results, more] = ['_ask', '_words', '_count', '_results', '_more'].map((id) => document.getElementById(id));
const site = new URL('../', import.meta.url);
let found = [];
let shown = 0;
let latest = 0;
let index;

/** The index, loaded when it is first asked; a failure is forgotten, so that the next question tries again. */
function loaded() {
  index ??= import(new URL('pagefind/pagefind.js', site).href).then(async (pagefind) => {
    await pagefind.options({ baseUrl: site.pathname, excerptLength: 28 });
    return pagefind;
  });
  index.catch(() => { index = undefined; });
  return index;
}

/** An excerpt as text and marks; whatever else its HTML might hold stays out. */
function marked(html) {
  const parts = new DOMParser().parseFromString(html, 'text/html').body.childNodes;
  return [...parts].map((part) => {
    if (part.nodeName !== 'MARK') return part.textContent;
    const mark = document.createElement('mark');
    mark.textContent = part.textContent;
    return mark;
  });
}

function item({ url, excerpt, meta }) {
  const [li, heading, link, text] = ['li', 'h2', 'a', 'p'].map((name) => document.createElement(name));
  link.href = url;
  link.textContent = meta.title;
  heading.append(link);
  text.append(...marked(excerpt));
  for (const part of [heading, text]) {
    part.dir = 'auto';
    if (meta.language) part.lang = meta.language;
  }
  li.append(heading, text);
  return li;
}

/** Lists the next results; where somebody asked for more, the first of them gets the focus. */
async function list(asked, focus) {
  const next = await Promise.all(found.slice(shown, shown + STEP).map((result) => result.data()));
  if (asked !== latest) return;
  shown += next.length;
  const items = next.map(item);
  results.append(...items);
  more.hidden = shown >= found.length;
  if (focus) items[0]?.querySelector('a').focus();
}

async function search() {
  const asked = ++latest;
  const query = words.value.trim();
  history.replaceState(null, '', query ? `?q=${encodeURIComponent(query)}` : location.pathname);
  let answer = { results: [] };
  try {
    if (query) answer = await (await loaded()).search(query);
  } catch {
    if (asked === latest) count.textContent = count.dataset.failed;
    return;
  }
  if (asked !== latest) return;
  [found, shown] = [answer.results, 0];
  results.replaceChildren();
  more.hidden = true;
  count.textContent = !query ? '' : found.length ? `${count.dataset.found} ${found.length}` : count.dataset.none;
  await list(asked, false);
}

let waiting;
words.addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(search, 300);
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  search();
});
more.addEventListener('click', () => list(latest, true));

document.getElementById('_unsearched').hidden = true;
form.hidden = false;
words.value = new URLSearchParams(location.search).get('q') ?? '';
if (words.value) search();
