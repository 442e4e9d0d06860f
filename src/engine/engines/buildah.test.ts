import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeProgram } from '../../../test/support/program/write-program.js';
import { tempDir } from '../../../test/support/temp-dir.js';
import { createBuildah } from './buildah.js';

const images = Array.from({ length: 24 }, (_, index) => ({
  id: String(index).padStart(64, '0'),
  names: [`localhost/image:${index}`],
}));

test('many images are looked at a few at a time, without a warning of Node', async () => {
  await using directory = tempDir();
  const place = (name: string) => join(directory.path, name);
  writeFileSync(place('images.json'), JSON.stringify(images));
  const buildah = writeProgram(directory.path, 'buildah', [
    `cd ${directory.path}`,
    'case "$1 $2" in',
    '"images --all") cat images.json ;;',
    '"inspect --type")',
    '  : >look.$$; ls look.* | wc -l >"seen.$$"; sleep 0.05; rm look.$$',
    '  echo "{\\"OCIv1\\":{\\"config\\":{\\"Labels\\":{\\"of\\":\\"$4\\"}}}}" ;;',
    'esac',
  ]);
  const warnings: string[] = [];
  const hear = ({ message }: Error) => void warnings.push(message);
  process.on('warning', hear);
  onTestFinished(() => void process.off('warning', hear));

  const signal = new AbortController().signal;
  const environment = { PATH: process.env.PATH };
  const found = await createBuildah(buildah, { environment, signal }).images();
  expect(found.map(({ labels }) => labels.of)).toEqual(images.map(({ id }) => id));
  const looks = readdirSync(directory.path).filter((name) => name.startsWith('seen.'));
  const beside = looks.map((name) => Number(readFileSync(place(name), 'utf8')));
  expect([beside.length, Math.max(...beside) <= 4]).toEqual([images.length, true]);
  expect(warnings).toEqual([]);
});
