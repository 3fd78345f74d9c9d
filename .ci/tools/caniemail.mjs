// What the package `caniemail` says that some of the large mail programs do not know: {title: [client, ...]} as JSON.
//
//   node caniemail.mjs FILE
import { readFileSync } from 'node:fs';
import { caniemail } from 'caniemail';

const CLIENTS = ['gmail.*', 'outlook.*', 'apple-mail.*', 'yahoo.*'];

const { issues } = caniemail({ clients: CLIENTS, html: readFileSync(process.argv[2], 'utf8') });
const unknown = {};
for (const [client, found] of issues.errors) {
  for (const { title } of found) (unknown[title] ??= new Set()).add(client);
}
console.log(JSON.stringify(Object.fromEntries(Object.entries(unknown).map(([title, clients]) => [title, [...clients]]))));
