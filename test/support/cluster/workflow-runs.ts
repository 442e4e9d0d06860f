import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/async/system-clock.js';
import { createRun, type RunSettings } from '../../../src/ensure/create-run.js';
import { ensureProject } from '../../../src/ensure/ensure-project.js';
import type { EnsureResult } from '../../../src/ensure/result.js';
import { sendTo } from '../../../src/http/serve/handler-transport.js';
import { readProject } from '../../../src/project/read-project.js';
import { createRegistryClient } from '../../../src/registry/client.js';
import { createRegistryHandler } from '../../../src/registry-server/handler.js';
import type { SampleProject } from '../samples/sample-project.js';

/** Where bundles and images lie. */
export const host = '127.0.0.1:5098';
export const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
export const commit = (letter: string) => letter.repeat(40);

/** An embedded registry, with images of which only a digest is known. */
export function workflowRuns(
  project: Pick<SampleProject, 'directory' | 'config'>,
  images: Map<string, string>,
) {
  const asked: string[] = [];
  const inner = createRegistryHandler({ root: join(project.directory, 'registry'), clock: systemClock });
  const handler = async (request: Request): Promise<Response> => {
    const [, name, tag] =
      /\/v2\/acme\/([a-z0-9-]+)\/manifests\/(v1)$/.exec(new URL(request.url).pathname) ?? [];
    if (name === undefined) return inner(request);
    asked.push(`${request.method} ${name}`);
    const digest = images.get(`${name}:${tag}`);
    const error = { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'unknown' }] };
    if (digest === undefined) return Response.json(error, { status: 404 });
    const type = 'application/vnd.oci.image.index.v1+json';
    const headers = { 'content-type': type, 'docker-content-digest': digest, 'content-length': '1000' };
    return new Response(null, { headers });
  };
  const registry = createRegistryClient({ send: sendTo(handler), clock: systemClock, plainHttp: [host] });
  const registries = { send: sendTo(handler), registry, anonymous: registry };
  const run = async (
    settings: Partial<RunSettings> & {
      readonly offline?: boolean;
      readonly update?: boolean;
      readonly tag?: string;
    } = {},
  ): Promise<EnsureResult> => {
    const { offline = false, update = false, tag, ...others } = settings;
    const read = await readProject(project.config, { tag });
    const wired = { clock: systemClock, registries: offline ? undefined : registries };
    return ensureProject({ ...createRun(read, { mode: 'ensure', ...others }, wired), refreshImages: update });
  };
  const read = (path: string) => readFileSync(join(project.directory, path), 'utf8');
  return { asked, run, read };
}
