// Saves an article again and again while the desk shows it: node preview.mjs URL FILE VERSION...
// Prints a JSON line a save: milliseconds until its web page, newsletter and feed entry show it, and until its handout does.
// Each VERSION is a file that takes FILE's place, and begins with a word that no other has: Turn0, Turn1, ...
import { copyFileSync } from 'node:fs';
import { launch } from '../.ci/tools/chromium.mjs';

const [url, file, ...versions] = process.argv.slice(2);

/** When each pane showed a word, and the handout another first page, in milliseconds of the machine's clock. */
function seen(word) {
  const page = () => document.querySelector('.view.chosen .pages:not(.drawing) img');
  const was = page().src;
  const at = {};
  return new Promise((done) => {
    const look = () => { // whenever something of the desk changes, which is when a pane takes another's place
      const now = performance.timeOrigin + performance.now();
      for (const frame of document.querySelectorAll('.view.chosen iframe:not(.coming)')) {
        if (!(frame.dataset.pane in at) && frame.contentDocument?.body?.textContent.includes(word)) at[frame.dataset.pane] = now;
      }
      const image = page();
      if (!at.handout && image && image.src !== was && image.complete && image.naturalWidth) at.handout = now;
      if (Object.keys(at).length === 4) {
        changes.disconnect();
        done(at);
      }
    };
    const changes = new MutationObserver(look);
    changes.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['class', 'src'] });
    document.addEventListener('load', look, true); // of pictures
  });
}

const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForSelector('.view.chosen .pages:not(.drawing) img[src]', { timeout: 60_000 });
  await page.waitForTimeout(3000);
  for (const [turn, version] of versions.entries()) {
    const watching = page.evaluate(seen, `Turn${turn} `);
    await page.waitForTimeout(50);
    const start = performance.timeOrigin + performance.now();
    copyFileSync(version, file);
    const { handout, ...quick } = await watching;
    const since = (at) => Math.round((at - start) * 10) / 10;
    console.log(JSON.stringify({ panes: Object.fromEntries(Object.entries(quick).map(([name, at]) => [name, since(at)])), handout: since(handout) }));
    await page.waitForTimeout(1500); // an author reads
  }
} finally {
  await browser.close();
}
