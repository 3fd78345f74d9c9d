// Looks at pages in Chromium: light and dark, narrow and wide. One JSON line a view, exit code 1 for anything amiss.
//
//   node axe.mjs [--mail] FILE_OR_URL...
//
// --mail looks at a letter, on a phone and in a mail program: one that has no landmarks, for it stands on another's page.
// CHROMIUM names the browser when it is not /usr/bin/chromium.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const SCHEMES = ['light', 'dark'];
const MAIL = process.argv[2] === '--mail';
const WIDTHS = MAIL ? [375, 700] : [320, 1280];
const OFF = MAIL ? { region: { enabled: false }, 'landmark-one-main': { enabled: false } } : {};
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

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
    const violations = found.violations.map(({ id, impact, help, nodes }) => ({
      id, impact, help, nodes: nodes.map(({ target, failureSummary }) => ({ target: target.join(' '), failureSummary })),
    }));
    return { url, scheme, width, violations, overflow, errors };
  } finally {
    await context.close();
  }
}

const pages = process.argv.slice(MAIL ? 3 : 2).map((name) => (/^[a-z]+:\/\//.test(name) ? name : pathToFileURL(resolve(name)).href));
if (!pages.length) {
  console.error('usage: node axe.mjs [--mail] FILE_OR_URL...');
  process.exit(2);
}
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
let sound = true;
try {
  for (const url of pages) {
    for (const scheme of SCHEMES) {
      for (const width of WIDTHS) {
        const view = await look(browser, url, scheme, width);
        console.log(JSON.stringify(view));
        sound &&= !view.violations.length && view.overflow <= 0 && !view.errors.length;
      }
    }
  }
} finally {
  await browser.close();
}
process.exitCode = sound ? 0 : 1;
