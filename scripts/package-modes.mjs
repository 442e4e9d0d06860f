// Part of `npm run prepack`: gives the files of the package the modes that they have in its archive, whatever the umask
// of the checkout and of the build, so that `npm pack` writes the same bytes everywhere. Other npm commands change nothing.
import { chmod, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
if (process.env.npm_command === 'pack' || process.env.npm_command === 'publish') {
  const { bin, files } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const programs = new Set(Object.values(bin).map((path) => join(root, path)));
  const always = ['package.json', 'README.md', 'LICENSE'];
  for (const path of [...always, ...files.filter((one) => !one.startsWith('!'))]) {
    await normalise(join(root, path), programs);
  }
}

async function normalise(path, programs) {
  const isDirectory = (await stat(path)).isDirectory();
  await chmod(path, isDirectory || programs.has(path) ? 0o755 : 0o644);
  if (isDirectory) for (const name of await readdir(path)) await normalise(join(path, name), programs);
}
