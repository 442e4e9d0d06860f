import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/**
 * The license of each package that is among the inputs of a build, as `{name, version, text}`, sorted by name. An input is
 * a path, from `root` where it is relative.
 */
export async function licensesOf(root, inputs) {
  const directories = new Set(
    inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const found = await Promise.all([...directories].sort().map((path) => licenseOf(resolve(root, path))));
  return found.sort((left, right) => (left.name < right.name ? -1 : 1));
}

async function licenseOf(directory) {
  const { name, version } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  const text = await licenseText(directory, name);
  if (text === undefined) throw new Error(`${name} comes without a license`);
  return { name, version, text: text.replace(/^\n+|\s+$/g, '') };
}

/** Packages that come without share the license of another one of their repository. */
const siblings = { '@sigstore/verify': 'bundle' };

async function licenseText(directory, name) {
  const file = (await readdir(directory)).sort().find((one) => /^licen[cs]e(?:\.|$)/i.test(one));
  if (file !== undefined) return readFile(join(directory, file), 'utf8');
  const sibling = siblings[name];
  return sibling && licenseText(join(dirname(directory), sibling));
}
