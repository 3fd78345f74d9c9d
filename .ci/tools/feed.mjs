// Opens feeds in Chromium, which shows them by their style sheet. One JSON line a feed.
//
//   node feed.mjs FILE_OR_URL...
import { launch, whole } from './chromium.mjs';

async function look(browser, url, colorScheme) {
  const context = await browser.newContext({ colorScheme, viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const messages = [];
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(String(error)));
  page.on('requestfailed', (request) => messages.push(`not loaded: ${request.url()}`));
  await page.goto(url, { waitUntil: 'load' });
  const seen = await page.evaluate(() => {
    const root = document.documentElement;
    const shown = (element) => element.getClientRects().length > 0 && element.textContent;
    return {
      root: root.nodeName,
      paper: getComputedStyle(root).backgroundColor,
      shown: [...root.querySelectorAll('title, description, summary')].map(shown).filter(Boolean),
      overflow: root.scrollWidth - root.clientWidth,
    };
  });
  await context.close();
  return { url, colorScheme, messages, ...seen };
}

const browser = await launch();
for (const name of process.argv.slice(2)) {
  for (const scheme of ['light', 'dark']) console.log(JSON.stringify(await look(browser, whole(name), scheme)));
}
await browser.close();
