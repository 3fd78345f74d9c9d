// Visits pages in Chromium as a reader does who uses a keyboard, prints, or dislikes what moves. One JSON line a page.
//
//   node visit.mjs FILE_OR_URL...
//
// CHROMIUM names the browser when it is not /usr/bin/chromium. Bytes are those on the wire, heads of answers included.
import { launch, whole } from './chromium.mjs';

/** What was loaded, by the protocol of the developer tools: [{url, type, bytes, status}]. */
async function listen(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  const seen = new Map();
  session.on('Network.requestWillBeSent', ({ requestId, request, type }) => {
    if (!request.url.startsWith('data:')) seen.set(requestId, { url: request.url, type: type.toLowerCase(), bytes: 0 });
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (seen.has(requestId)) seen.get(requestId).bytes = encodedDataLength;
  });
  return seen;
}

async function visit(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
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
  const seen = await listen(page);
  try {
    await page.goto(url, { waitUntil: 'load' });
    await page.evaluate(() => document.fonts.ready);
    await page.waitForLoadState('networkidle');
    const requests = [...seen.values()];
    const complaints = [...errors]; // what is broken off later, when the page is left, is no fault of its own
    const cookies = (await context.cookies()).length;
    const stored = await page.evaluate(() => {
      try { return localStorage.length + sessionStorage.length; } catch { return 0; }
    });

    // ---- the keyboard
    const focused = () => page.evaluate(() => {
      const element = document.activeElement;
      const box = element.getBoundingClientRect();
      return { tag: element.tagName, href: element.getAttribute('href'), seen: box.width > 24 && box.height > 24 && box.top >= 0 };
    });
    await page.keyboard.press('Tab');
    const first = await focused();
    await page.keyboard.press('Enter');
    const skipped = await page.evaluate(() => document.activeElement.id);
    await page.goto(url, { waitUntil: 'load' });
    const outlines = [];
    for (let count = 0; count < 8; count++) {
      await page.keyboard.press('Tab');
      outlines.push(await page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
        return { tag: document.activeElement.tagName, style: outlineStyle, width: parseFloat(outlineWidth) };
      }));
    }

    // ---- paper
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const printed = await page.evaluate(() => {
      const shown = (selector) => [...document.querySelectorAll(selector)]
        .filter((element) => element.checkVisibility()).length;
      const link = document.querySelector('.text a[href^="http"]');
      return {
        hidden: { skip: shown('.skip'), contents: shown('.contents'), navs: shown('nav'), back: shown('.back') },
        link: link ? getComputedStyle(link, '::after').content : '',
        headings: [...new Set([...document.querySelectorAll('main h1, main .text h2, main .text h3')]
          .map((head) => getComputedStyle(head).breakAfter))],
        scheme: getComputedStyle(document.documentElement).colorScheme,
      };
    });
    await page.emulateMedia({ media: 'screen', colorScheme: 'light' });

    // ---- what moves
    const motion = {};
    for (const reducedMotion of ['reduce', 'no-preference']) {
      await page.emulateMedia({ reducedMotion });
      motion[reducedMotion === 'reduce' ? 'reduced' : 'free'] = await page.evaluate(() => ({
        scroll: getComputedStyle(document.documentElement).scrollBehavior,
        moving: [...document.querySelectorAll('*')].filter((element) => {
          const { animationName, transitionDuration } = getComputedStyle(element);
          return animationName !== 'none' || parseFloat(transitionDuration) > 0;
        }).length,
      }));
    }
    return { url, requests, cookies, stored, errors: complaints, first, skipped, outlines, printed, motion };
  } finally {
    await context.close();
  }
}

const pages = process.argv.slice(2).map(whole);
const browser = await launch();
try {
  for (const url of pages) console.log(JSON.stringify(await visit(browser, url)));
} finally {
  await browser.close();
}
