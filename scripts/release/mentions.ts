import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where files of this repository name the project's address or its version: what matches has to be the current one. */
export const mentions = {
  repository: [
    /(?<=github\.com\/)[\w-]+\/bundles(?![\w-])/g,
    /(?<=github>)[\w-]+\/bundles(?![\w-])/g,
    /(?<=uses: )[\w-]+\/bundles(?=\/action@)/g,
    /(?<=(?:--repo|--signer-workflow|ghcr\.io\/) ?)[\w-]+\/bundles(?![\w-])/g,
    /(?<=\$CI_SERVER_FQDN\/)[\w-]+\/bundles(?=\/ensure@)/g,
  ],
  version: [
    /(?<=\/bundles\/action@v)\d+\.\d+\.\d+/g,
    /(?<=\/bundles\/ensure@)\d+\.\d+\.\d+/g,
    /(?<=tekton-bundles@)\d+\.\d+\.\d+/g,
    /(?<=\/bundles\n +rev: v)\d+\.\d+\.\d+/g,
    /(?<=tekton-bundles-)\d+\.\d+\.\d+(?=\.(?:tgz|cdx\.json|sigstore\.json))/g,
    /(?<=ghcr\.io\/[\w-]+\/bundles:)\d+\.\d+\.\d+/g,
    /(?<=refs\/tags\/v)\d+\.\d+\.\d+/g,
    /(?<=releases\/download\/v)\d+\.\d+\.\d+/g,
    /(?<=app\.kubernetes\.io\/version: ")\d+\.\d+\.\d+/g,
  ],
} as const;

/** Sources have the constants of src/version.ts, tests their own samples, and the changelog has its own script. */
const passedOver = /^(?:\.git|node_modules|dist|release|src|test|action)$/;
const texts = /\.(?:md|ya?ml|json|ts|mjs|svg)$/;

/** The texts that may name them, by path. */
export function filesThatMention(root: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string) => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (passedOver.test(inner) || entry.name === 'node_modules' || entry.name.startsWith('.dist-'))
        continue;
      if (entry.isDirectory()) visit(inner);
      else if (entry.isFile() && texts.test(entry.name))
        found.set(inner, readFileSync(join(root, inner), 'utf8'));
    }
  };
  visit('');
  return found;
}
