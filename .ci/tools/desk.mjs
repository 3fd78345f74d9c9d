// Works at the proof desk in Chromium as an author does: edits, sees what changes, sees a fault, mends it. Prints JSON.
//
//   node desk.mjs URL FILE WORD OTHER
//
// In FILE the first WORD is replaced by OTHER; then 'authors:' is misspelt, and put right again.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launch } from './chromium.mjs';

const [url, file, word, other] = process.argv.slice(2);
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const PATIENCE = { timeout: 60_000, polling: 20 };
const typed = readFileSync(file, 'utf8');

/** The words in the frames that are shown, and the picture of the handout's first page once it is loaded. */
function panes() {
  const words = {};
  for (const frame of document.querySelectorAll('.view.chosen iframe:not(.coming)')) {
    words[frame.dataset.pane] = frame.contentDocument?.body?.innerText ?? '';
  }
  const image = document.querySelector('.view.chosen .pages:not(.drawing) img');
  return { words, handout: image?.complete && image.naturalWidth ? image.src : '' };
}

/** What is in the panes once it is as wanted, or at the end of our patience. */
async function until(page, wanted) {
  for (const end = Date.now() + PATIENCE.timeout; ;) {
    const found = await page.evaluate(panes);
    if (wanted(found) || Date.now() > end) return found;
    await page.waitForTimeout(PATIENCE.polling);
  }
}

/** What axe finds amiss; the panes have their own tests. */
async function judged(browser, scheme, width) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  await page.goto(url, { waitUntil: 'load' });
  await page.evaluate(AXE);
  const found = await page.evaluate(([runOnly]) => axe.run(document, { runOnly, iframes: false }), [RULES]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await context.close();
  const violations = found.violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ target }) => target.join(' ')) }));
  return { scheme, width, violations, overflow, passes: found.passes.length };
}

const everyView = async (browser) => {
  const views = [];
  for (const scheme of ['light', 'dark']) for (const width of [390, 1280]) views.push(await judged(browser, scheme, width));
  return views;
};

/** What the keyboard reaches, and whether one sees where it is. */
async function walked(page) {
  await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
  const steps = [];
  for (let count = 0; count < 9; count++) {
    await page.keyboard.press('Tab');
    steps.push(await page.evaluate(() => {
      const { tagName, name, value, href } = document.activeElement;
      const seen = document.activeElement.type === 'radio' ? document.activeElement.nextElementSibling : document.activeElement;
      return { tag: tagName, name, value, href, outline: getComputedStyle(seen).outlineStyle };
    }));
  }
  return steps;
}

const browser = await launch();
try {
  // Without a scheme of its own, so that each frame has that of its view.
  const context = await browser.newContext({ colorScheme: null, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const errors = [];
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) errors.push(message.text()); });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('response', (response) => { if (response.status() >= 400) errors.push(`${response.status()}: ${response.url()}`); });
  await page.goto(url, { waitUntil: 'load' });
  const before = await until(page, ({ handout }) => handout);

  // ---- an edit shows in all four
  await page.evaluate(() => document.querySelector('.view.chosen iframe[data-pane=page]').contentWindow.scrollTo(0, 120));
  await page.evaluate(() => { document.querySelector('.view.chosen iframe[data-pane=letter]').dataset.kept = 'yes'; });
  writeFileSync(file, typed.replace(word, other));
  const edited = await until(page, ({ words, handout }) => (
    Object.values(words).every((text) => text.includes(other)) && handout && handout !== before.handout
  ));
  // The page is loaded once more when its handout is drawn.
  const scrolled = await page.waitForFunction(
    () => document.querySelector('.view.chosen iframe[data-pane=page]').contentWindow.scrollY, null, { timeout: 3000 },
  ).then((found) => found.jsonValue(), () => 0);

  // ---- words that were put into a pane look as they do once it is loaded
  const looks = await page.evaluate(async () => {
    const frame = document.querySelector('.view.chosen iframe[data-pane=letter]');
    const look = () => [...frame.contentDocument.querySelectorAll('body, body *')].map((one) => {
      const { color, fontSize, padding, backgroundColor, display, width } = frame.contentWindow.getComputedStyle(one);
      return [one.outerHTML, color, fontSize, padding, backgroundColor, display, width].join(' ');
    });
    const put = look();
    await new Promise((done) => {
      frame.addEventListener('load', done, { once: true });
      frame.contentWindow.location.reload();
    });
    return { kept: frame.dataset.kept, put, loaded: look() };
  });

  // ---- a fault shows at its line, and what was sound stays
  writeFileSync(file, typed.replace(word, other).replace(/^authors:/m, 'autors:'));
  await page.waitForSelector('.findings .fault', PATIENCE);
  const faults = await page.evaluate(() => [...document.querySelectorAll('.findings .fault')].map((one) => ({
    line: one.querySelector('pre b').textContent, marked: one.querySelector('mark').textContent,
    words: one.innerText,
  })));
  const kept = await until(page, ({ handout }) => handout);
  const faulty = await everyView(browser);

  // ---- mended
  writeFileSync(file, typed.replace(word, other));
  await page.waitForFunction(() => !document.querySelector('.findings .fault'), null, PATIENCE);
  const mended = await page.evaluate(() => document.querySelector('.findings h2').innerText);
  const sound = await everyView(browser);

  // ---- the keyboard, and the views
  const steps = await walked(page);
  await page.focus('input[name=web]:checked');
  await page.keyboard.press('ArrowRight');
  const dark = await page.evaluate(() => {
    const { dataset, contentWindow } = document.querySelector('[data-channel=web] .view.chosen iframe');
    return { view: document.querySelector('[data-channel=web] .view.chosen').dataset.view, pane: dataset.pane,
      dark: contentWindow.matchMedia('(prefers-color-scheme: dark)').matches };
  });
  await page.focus('#_show input:checked');
  for (let count = 0; count < 3; count++) await page.keyboard.press('ArrowRight');
  const one = await page.evaluate(() => [...document.querySelectorAll('.view')].filter((view) => view.checkVisibility()).map((view) => view.dataset.view));
  console.log(JSON.stringify({ before, edited, scrolled, looks, faults, kept, mended, steps, dark, one, views: [...faulty, ...sound], errors }));
} finally {
  writeFileSync(file, typed);
  await browser.close();
}
