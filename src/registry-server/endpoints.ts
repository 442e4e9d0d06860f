import { isRepository } from '../oci/repository-name.js';
import { deleteBlob, readBlob } from './blobs.js';
import { deleteManifest, readManifest, writeManifest } from './manifests.js';
import { listReferrers, type ReferrerFinder } from './referrers.js';
import { parseRoute, type Route } from './route.js';
import { listTags } from './tags.js';
import {
  cancelUpload,
  continueUpload,
  describeUpload,
  finishUpload,
  startUpload,
  type UploadContext,
} from './uploads.js';
import { WireError } from './wire-error.js';

export interface RegistryContext extends UploadContext {
  readonly referrers: ReferrerFinder;
}

/** Finds the endpoint of a request and lets it answer. @throws WireError for every refusal */
export async function answerRequest(request: Request, context: RegistryContext, url: URL): Promise<Response> {
  const route = parseRoute(url.pathname);
  if (!route) throw new WireError(404, 'UNSUPPORTED', 'no such endpoint');
  if ('repository' in route && !isRepository(route.repository)) {
    throw new WireError(400, 'NAME_INVALID', 'not a repository name', {
      detail: { name: route.repository.slice(0, 300) },
    });
  }
  const methods = actions[route.kind];
  const action = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
  if (!action) throw methodNotAllowed(route);
  return await action({ request, context, query: url.searchParams, route: route as never });
}

interface Call<R extends Route> {
  readonly request: Request;
  readonly context: RegistryContext;
  readonly query: URLSearchParams;
  readonly route: R;
}

type Actions = {
  readonly [K in Route['kind']]: Readonly<
    Record<string, (call: Call<Extract<Route, { kind: K }>>) => Promise<Response>>
  >;
};

const getManifest: Actions['manifest'][string] = ({ request, context, route }) =>
  readManifest(request, context.repositories.open(route.repository), route);
const getBlob: Actions['blob'][string] = ({ request, context, route }) =>
  readBlob(request, context.repositories.open(route.repository), route);

const actions: Actions = {
  version: {
    GET: () => answerVersion(),
    HEAD: () => answerVersion(),
  },
  manifest: {
    GET: getManifest,
    HEAD: getManifest,
    PUT: ({ request, context: { repositories, limits, disk }, route }) =>
      writeManifest(request, repositories.open(route.repository), { ...route, limits, disk }),
    DELETE: ({ context, route }) => deleteManifest(context.repositories.open(route.repository), route),
  },
  blob: {
    GET: getBlob,
    HEAD: getBlob,
    DELETE: ({ context, route }) => deleteBlob(context.repositories.open(route.repository), route),
  },
  uploads: {
    POST: ({ request, context, route, query }) => startUpload(request, context, { ...route, query }),
  },
  upload: {
    GET: ({ context, route }) => describeUpload(context, route),
    PATCH: ({ request, context, route }) => continueUpload(request, context, route),
    PUT: ({ request, context, route, query }) => finishUpload(request, context, { ...route, query }),
    DELETE: ({ context, route }) => cancelUpload(context, route),
  },
  tags: {
    GET: ({ context, route, query }) => listTags(context.repositories.open(route.repository), { query }),
  },
  referrers: {
    GET: ({ context, route, query }) =>
      listReferrers(context.repositories.open(route.repository), {
        digest: route.digest,
        query,
        finder: context.referrers,
      }),
  },
};

async function answerVersion(): Promise<Response> {
  return Response.json(
    {},
    {
      headers: {
        'docker-distribution-api-version': 'registry/2.0',
      },
    },
  );
}

function methodNotAllowed({ kind }: Route): WireError {
  return new WireError(405, 'UNSUPPORTED', 'endpoint does not know this method', {
    headers: { allow: Object.keys(actions[kind]).join(', ') },
  });
}
