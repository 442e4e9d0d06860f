import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect } from 'vitest';
import { openLayoutStore } from '../../../src/content/layout/layout-store.js';
import { serve } from '../../../src/http/serve/serve.js';
import { digestOf } from '../../../src/oci/digest.js';
import type { Image } from '../../../src/oci/image.js';
import { mediaTypes } from '../../../src/oci/media-types.js';
import { createRegistryHandler } from '../../../src/registry-server/handler.js';
import { layoutDirectory } from '../../../src/registry-server/layout-directory.js';
import { objectAnnotations } from '../../../src/tekton/layers/annotations.js';
import { layerTar } from '../../../src/tekton/layers/layer-tar.js';
import { tempDir } from '../temp-dir.js';
import { contentOf } from './sample-image.js';

/** What no terminal and no log of a CI job may get from outside, a line feed aside. */
const controls =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/u;
const ownCommand =
  /^::(?:error|warning) (?:(?:file|line|endLine|col|endColumn|title)=[^:,]*,)*(?:file|line|endLine|col|endColumn|title)=[^:,]*::/;

/** The first are known to have got through once. */
const known = [
  'x\u001b[31m\n::error::pwned',
  '##[set-output name=a]pwned ##vso[task.setvariable]pwned',
  'a\u009b2Jb\u202ec\u200bd\u2028::warning::pwned',
  '\u00a0::stop-commands::pwned\r\n  ::add-mask::pwned',
];

/** Texts that do harm where they are printed as they are. */
export function hostileTexts(count: number): readonly string[] {
  const piece = fc.oneof(
    fc.constantFrom(...known, '\n::error::pwned', '\r\n ::set-env name=x::pwned', '\u001b]0;pwned\u0007'),
    fc.constantFrom(
      '\u2066',
      '\ufeff',
      '\u{e0041}',
      '\u0085::',
      '\u0007',
      '|',
      '`',
      '<b>',
      '%0A::error::',
      "'",
    ),
    fc.string({ minLength: 1, maxLength: 5 }),
  );
  const text = fc.array(piece, { minLength: 2, maxLength: 5 }).map((pieces) => pieces.join(''));
  return [...known, ...fc.sample(text, { numRuns: Math.max(0, count - known.length), seed: 16 })].slice(
    0,
    count,
  );
}

/** A bundle whose every text is the one given. */
function hostileImage(text: string): Image {
  const object = JSON.stringify({
    apiVersion: 'tekton.dev/v1',
    kind: 'Pipeline',
    metadata: { name: text, annotations: { [text]: text } },
    spec: {
      description: text,
      params: [{ name: text, default: text }],
      tasks: [{ name: text, taskRef: { name: text } }],
    },
  });
  const bytes = gzipSync(layerTar('workflow', Buffer.from(object)));
  const layer = contentOf(bytes, mediaTypes.dockerLayerGzip);
  const annotations = {
    [objectAnnotations.apiVersion]: 'v1',
    [objectAnnotations.kind]: 'pipeline',
    [objectAnnotations.name]: text,
  };
  const config = contentOf(
    JSON.stringify({
      architecture: text,
      os: text,
      author: text,
      created: '1970-01-01T00:00:00Z',
      rootfs: { type: 'layers', diff_ids: [digestOf(layerTar('workflow', Buffer.from(object)))] },
      config: { Labels: { [text]: text } },
      history: [{ created_by: text }],
    }),
    mediaTypes.dockerConfig,
  );
  const manifest = contentOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.dockerManifest,
      config: config.descriptor,
      layers: [{ ...layer.descriptor, annotations }],
      annotations: { [text]: text, 'org.opencontainers.image.source': text },
    }),
    mediaTypes.dockerManifest,
  );
  return { manifest, config, layers: [{ descriptor: { ...layer.descriptor, annotations }, bytes }] };
}

export interface HostileRegistry extends AsyncDisposable {
  readonly host: string;
  /** What it repeats and puts into each of its texts. */
  text: string;
  /** Puts the hostile bundle of the present text into a repository, as `v1.0.0`. */
  place(repository: string): Promise<void>;
}

/**
 * A registry that wants a password, repeats whatever proof it is sent and the hostile text wherever it can: in errors,
 * media types, headers and challenges. Below `held/` it has bundles, below `page/`, `type/` and `quiet/` it answers with a
 * page, with a manifest of a type of its own and without a body; all other repositories are denied or missing.
 */
export async function startHostileRegistry(): Promise<HostileRegistry> {
  const directory = tempDir();
  const inner = createRegistryHandler({ root: directory.path });
  const state = { text: '' };
  const server = await serve(async (request) => {
    const url = new URL(request.url);
    const sent = request.headers.get('authorization');
    if (sent === null) {
      return new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic realm="hostile"' } });
    }
    const password = Buffer.from(sent.replace('Basic ', ''), 'base64')
      .toString()
      .replace(/^[^:]*:/, '');
    const words = `${state.text} ${sent} ${password} ${encodeURIComponent(password)}`;
    const header = headerValue(words);
    const headers = { warning: `299 - "${header}"`, server: header, 'x-request-id': header };
    const name = /^\/v2\/(.*)\/(?:manifests|blobs|tags|referrers)\//.exec(url.pathname)?.[1] ?? '';
    if (url.pathname === '/v2/') return new Response('{}', { headers });
    if (name.startsWith('held/')) return inner(request);
    if (name.startsWith('page/')) {
      return new Response(`<title>${words}</title>`, {
        status: 400,
        headers: { ...headers, 'content-type': 'text/html' },
      });
    }
    if (name.startsWith('type/') && request.method === 'GET') {
      const mediaType = `application/${words}`;
      const type = headerValue(mediaType);
      return new Response(
        JSON.stringify({ schemaVersion: 2, mediaType, config: { mediaType }, layers: [] }),
        {
          headers: { ...headers, 'content-type': type },
        },
      );
    }
    if (request.method === 'HEAD') return new Response(null, { status: 404, headers });
    const error = { code: words, message: words, detail: words };
    const status = name.startsWith('denied/') ? 403 : 404;
    return Response.json(
      { errors: [{ ...error, code: status === 403 ? 'DENIED' : 'MANIFEST_UNKNOWN' }, error] },
      { status, headers },
    );
  });
  return Object.assign(state, {
    host: new URL(server.url).host,
    async place(repository: string) {
      const { manifest, config, layers } = hostileImage(state.text);
      const store = openLayoutStore(layoutDirectory(directory.path, repository), { durable: false });
      for (const { descriptor, bytes } of [...layers, config]) {
        if (!(await store.has(descriptor))) await store.write(descriptor, bytes);
      }
      await store.writeTagged(manifest.descriptor, manifest.bytes, 'v1.0.0');
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await directory[Symbol.asyncDispose]();
    },
  });
}

/** As much of a text as a header field may hold. */
function headerValue(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, '');
}

/** Fails where output holds a control, a command to a CI runner that is not ours, or a secret. */
export function expectClean(
  text: string,
  { where, secrets }: { readonly where: string; readonly secrets: readonly string[] },
): void {
  const found = (what: string, line: string) => `${what} in ${where}: ${JSON.stringify(line.slice(0, 300))}`;
  const faults: string[] = [];
  for (const line of text.split('\n')) {
    if (controls.test(line)) faults.push(found('a control', line));
    if (/##\w*\[/.test(line)) faults.push(found('##[', line));
    if (/^\s*::/.test(line) && !ownCommand.test(line)) faults.push(found('a command', line));
    if (secrets.some((secret) => line.includes(secret))) faults.push(found('a secret', line));
  }
  expect(faults).toEqual([]);
}
