// Makes the pictures of README and docs again. Use: npm run pictures [-- run bench verdicts catalog]
// run: the scene at a terminal, by the built program; needs python3.
// bench: the plot of docs/pictures/bench.json and its figures in the text of documents, which `npm run bench -- --plot docs/pictures/bench.svg` measures.
// verdicts: the way from the answer of a registry to an outcome.
// catalog: the page of a workflow; needs chromium.
import { readFileSync, writeFileSync } from 'node:fs';
import { findPeers } from '../../test/support/peers.js';
import { type BenchFigures, benchDocuments, drawBench, withFigures } from './bench-svg.js';
import { photographCatalog } from './catalog-page.js';
import { drawScene } from './run-scene.js';
import { drawVerdicts } from './verdicts-svg.js';

const directory = new URL('../../docs/pictures/', import.meta.url);
const makers: Readonly<Record<string, () => Promise<void>>> = {
  async run() {
    const peers = findPeers('python3');
    if (peers) write('ensure.svg', await drawScene(peers.python3));
  },
  async bench() {
    const figures = JSON.parse(readFileSync(new URL('bench.json', directory), 'utf8')) as BenchFigures;
    write('bench.svg', drawBench(figures));
    for (const name of benchDocuments) {
      const path = new URL(`../../${name}`, import.meta.url);
      writeFileSync(path, withFigures(readFileSync(path, 'utf8'), figures));
    }
  },
  async verdicts() {
    write('verdicts.svg', drawVerdicts());
  },
  async catalog() {
    const peers = findPeers('chromium');
    if (!peers) return;
    const { pictures, text } = await photographCatalog(peers.chromium);
    for (const [name, picture] of Object.entries(pictures)) write(name, picture);
    write('catalog.txt', text);
  },
};

const [, , ...names] = process.argv;
for (const name of names.length > 0 ? names : Object.keys(makers)) {
  const make = makers[name];
  if (!make) throw new Error(`no picture is called "${name}"; there are ${Object.keys(makers).join(', ')}`);
  await make();
}

function write(name: string, content: string | Uint8Array): void {
  writeFileSync(new URL(name, directory), content);
  console.log(`wrote docs/pictures/${name}`);
}
