import { isAbsolute } from 'node:path';
import type { BuildSecret } from '../engine/build-inputs.js';
import { BundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import type { ImageSpec } from '../project/config/parse-images.js';

/** A secret that this run may give to builds. */
export interface GivenSecret extends BuildSecret {
  readonly value: Uint8Array;
}

/** As podman and docker limit it. */
const longest = 500 * 1024;
const wanted = 'id=ID,src=FILE or id=ID,env=NAME';

/**
 * Reads what `--secret` names. A bundles.yaml states only which ids its builds need: a checkout must not choose a file or a
 * variable of this machine.
 *
 * @throws USAGE, NOT_READABLE, SOURCE_TOO_LARGE
 */
export async function readSecrets(
  words: readonly string[],
  {
    environment,
    resolve,
    signal,
  }: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    /** Makes a path absolute. */
    readonly resolve: (path: string) => string;
    readonly signal?: AbortSignal;
  },
): Promise<ReadonlyMap<string, GivenSecret>> {
  const found = new Map<string, GivenSecret>();
  for (const word of words) {
    const [, id, kind, source] =
      /^id=([A-Za-z0-9][A-Za-z0-9_.-]{0,99}),(src|source|env)=([^,]+)$/s.exec(word) ?? [];
    if (id === undefined || source === undefined)
      throw refused(`found ${JSON.stringify(word)}, wanted ${wanted}`);
    if (found.has(id)) throw refused(`found the id ${JSON.stringify(id)} twice, wanted it once`);
    if (kind === 'env') {
      const text = environment[source];
      if (text === undefined || text === '')
        throw refused(`the variable ${source} of the secret ${JSON.stringify(id)} is not set`);
      found.set(id, { id, from: { env: source }, value: new TextEncoder().encode(text) });
    } else {
      const file = resolve(source);
      // Engines take the words of a secret apart at commas.
      if (!isAbsolute(file) || file.includes(','))
        throw refused(`the path ${JSON.stringify(file)} has a comma, wanted one without`);
      const value = await readFileCapped(file, { limit: longest, missing: 'SOURCE_NOT_FOUND', signal });
      found.set(id, { id, from: { file }, value });
    }
  }
  return found;
}

/** The secrets that a build of an image gets. @throws USAGE where the run was given none of that id */
export function requireSecrets(
  { secrets }: { readonly secrets: ReadonlyMap<string, GivenSecret> },
  spec: Pick<ImageSpec, 'name' | 'secrets'>,
): readonly GivenSecret[] {
  return spec.secrets.map((id) => {
    const secret = secrets.get(id);
    if (secret !== undefined) return secret;
    throw new BundlesError(
      'USAGE',
      `Cannot build the image ${JSON.stringify(spec.name)}: no value was given for its secret ${JSON.stringify(id)}`,
      {
        hint: `Run with --secret id=${id},src=FILE or --secret id=${id},env=NAME`,
        details: { image: spec.name, secret: id },
      },
    );
  });
}

function refused(problem: string): BundlesError {
  return new BundlesError('USAGE', `Cannot use --secret: ${problem}`, { hint: `Write --secret ${wanted}` });
}
