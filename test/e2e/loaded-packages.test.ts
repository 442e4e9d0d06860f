import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const dist = join(import.meta.dirname, '..', '..', 'dist');

/** Packages that a file imports before it does anything: in one file with lazy parts, theirs would be among them. */
function loadedAtOnce(file: string): string[] {
  const text = readFileSync(join(dist, file), 'utf8');
  const imports = [
    ...text.matchAll(/(?:^|[;}])\s*(?:import|export)\s*(?:[^'";()]*?\bfrom\s*)?["']([^"'./][^"']*)["']/gm),
  ];
  return [...new Set(imports.map((match) => match[1]!))].filter((name) => !name.startsWith('node:')).sort();
}

test.each(['cli.js', 'program.js', 'main-job.js'])(
  '%s loads no heavy package before it is needed',
  (file) => {
    const light = ['commander', 'js-yaml'];
    expect(loadedAtOnce(file).filter((name) => !light.includes(name))).toEqual([]);
  },
);

test('the part that serves a catalog loads its packages itself, and what looks for them finds them', () => {
  expect(loadedAtOnce('catalog-server.js')).toEqual(expect.arrayContaining(['hono', 'kysely']));
});
