// Photographs pages for people to look at: phone and desktop, light and dark, from top to bottom.
//
//   node .ci/tools/photograph.mjs FOLDER FILE_OR_URL...
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, whole } from './chromium.mjs';

const [folder, ...pages] = process.argv.slice(2);
if (!pages.length) {
  console.error('usage: node photograph.mjs FOLDER FILE_OR_URL...');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const browser = await launch();
try {
  for (const url of pages.map(whole)) {
    const name = new URL(url).pathname.replace(/\/(index\.html)?$/, '').split('/').slice(-2).join('-').replace('.html', '');
    for (const colorScheme of ['light', 'dark']) {
      for (const [width, height] of [[390, 844], [1280, 900]]) {
        const page = await browser.newPage({ colorScheme, viewport: { width, height } });
        await page.goto(url, { waitUntil: 'load' });
        await page.evaluate(async () => { // what is loaded only when somebody comes near it
          for (const image of document.images) image.loading = 'eager';
          await Promise.all([document.fonts.ready, ...[...document.images].map((image) => image.decode().catch(() => {}))]);
        });
        const path = join(folder, `${name}-${width}-${colorScheme}.png`);
        await page.screenshot({ path, fullPage: true });
        await page.close();
        console.log(path);
      }
    }
  }
} finally {
  await browser.close();
}
