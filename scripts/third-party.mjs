import { readdir, readFile } from 'node:fs/promises';

/** The licence of each package that is among the inputs of a build, as `{name, version, text}`, sorted by name. */
export async function thirdParty(root, inputs) {
  const directories = new Set(
    inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const found = [];
  for (const path of [...directories].sort()) {
    const { name, version, license } = JSON.parse(await readFile(`${root}${path}/package.json`, 'utf8'));
    const file = (await readdir(`${root}${path}`)).sort().find((one) => /^licen[cs]e/i.test(one));
    const text = file === undefined ? `${license}` : await readFile(`${root}${path}/${file}`, 'utf8');
    found.push({ name, version, text: text.trim() });
  }
  return found;
}
