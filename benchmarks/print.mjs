// Prints every document of a folder to PDF by one warm Chromium: node print.mjs FOLDER
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, whole } from '../.ci/tools/chromium.mjs';

const folder = process.argv[2];
const browser = await launch();
const page = await browser.newPage();
for (const name of readdirSync(folder).filter((found) => /^\d+\.html$/.test(found))) {
  await page.goto(whole(join(folder, name)));
  await page.pdf({
    path: join(folder, name.replace('.html', '.chromium.pdf')), preferCSSPageSize: true, printBackground: true, tagged: true,
  });
}
await browser.close();
