// Looks at pages in Chromium: light and dark, narrow and wide. One JSON line a view, exit code 1 for anything amiss.
//
//   node axe.mjs [--mail] [--incomplete] FILE_OR_URL...
//
// --mail looks at a letter, on a phone and in a mail program: one that has no landmarks, for it stands on another's page.
// --incomplete tells, and refuses, what axe cannot decide by itself, such as contrast over a picture.
// CHROMIUM names the browser when it is not /usr/bin/chromium.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launch, whole } from './chromium.mjs';

const SCHEMES = ['light', 'dark'];
const GIVEN = process.argv.slice(2);
const MAIL = GIVEN.includes('--mail');
const INCOMPLETE = GIVEN.includes('--incomplete');
const WIDTHS = MAIL ? [375, 700] : [320, 1280];
const OFF = MAIL ? { region: { enabled: false }, 'landmark-one-main': { enabled: false } } : {};
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Words that stand beside the box that they belong to. */
function spilled() {
  const found = [];
  for (const box of document.querySelectorAll('.help, .callout, .contents, .handouts, .closing, .entry, figure')) {
    const { left, right } = box.getBoundingClientRect();
    const words = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
      if (getComputedStyle(words.currentNode.parentElement).clipPath !== 'none') continue; // read aloud alone
      const range = document.createRange();
      range.selectNodeContents(words.currentNode);
      const out = [...range.getClientRects()].some((rect) => rect.width > 1 && (rect.left < left - 1 || rect.right > right + 1));
      if (out && words.currentNode.data.trim()) found.push(words.currentNode.data.trim());
    }
  }
  return found;
}

/** One page in one view: broken rules with the elements concerned, sideways overflow in pixels, errors of the browser. */
async function look(browser, url, scheme, width) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  const errors = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('requestfailed', (request) => errors.push(`not loaded: ${request.url()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) errors.push(`${response.status()}: ${response.url()}`);
  });
  try {
    await page.goto(url, { waitUntil: 'load' });
    await page.evaluate(AXE);
    const found = await page.evaluate(([runOnly, rules]) => axe.run({ runOnly, rules, preload: false }), [RULES, OFF]);
    const overflow = await page.evaluate(() => {
      const root = document.documentElement;
      return root.scrollWidth - root.clientWidth;
    });
    const told = (rules) => rules.map(({ id, impact, help, nodes }) => ({
      id, impact, help, nodes: nodes.map(({ target, failureSummary }) => ({ target: target.join(' '), failureSummary })),
    }));
    const view = { url, scheme, width, violations: told(found.violations), overflow, errors };
    return INCOMPLETE ? { ...view, incomplete: told(found.incomplete), spilled: await page.evaluate(spilled) } : view;
  } finally {
    await context.close();
  }
}

const pages = GIVEN.filter((name) => !name.startsWith('--')).map(whole);
if (!pages.length) {
  console.error('usage: node axe.mjs [--mail] [--incomplete] FILE_OR_URL...');
  process.exit(2);
}
const browser = await launch();
let sound = true;
try {
  for (const url of pages) {
    for (const scheme of SCHEMES) {
      for (const width of WIDTHS) {
        const view = await look(browser, url, scheme, width);
        console.log(JSON.stringify(view));
        sound &&= !view.violations.length && !view.incomplete?.length && !view.spilled?.length && view.overflow <= 0 && !view.errors.length;
      }
    }
  }
} finally {
  await browser.close();
}
process.exitCode = sound ? 0 : 1;
