import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatPage } from './report.mjs';

const folder = fileURLToPath(new URL('../results', import.meta.url));

/** Writes a page and every number as results/DATE-NAME.md and .json; files of that name are replaced. */
export function writeResults(name, page) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${page.date.slice(0, 10)}-${name}`);
  writeFileSync(`${path}.md`, `${formatPage(page)}\n`);
  writeFileSync(`${path}.json`, `${JSON.stringify(page, null, 2)}\n`);
}
