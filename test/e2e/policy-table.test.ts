import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ProfileName, profileNames } from '../../src/ensure/profiles.js';
import type { BundleResult } from '../../src/ensure/result.js';
import type { OnDifferent } from '../../src/publish/policy.js';
import type { VerdictName } from '../../src/publish/verdict.js';
import { lockOffline } from '../support/lock-offline.js';
import { credentials, runInProcess, runJson } from '../support/program/run-in-process.js';
import { type GuardedRegistry, startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

// Every cell of the policy table over sockets: what came of it, and what the registry saw and holds afterwards.

/** The first two may push. */
const whos = {
  'one who may push': { user: 'robot' },
  'anybody, on an open registry': { open: true },
  'one without a credential': {},
  'one who may push, under --no-push': { user: 'robot', words: ['--no-push'] },
  'one who may push, under publish: never': { user: 'robot', settings: ['publish: never'] },
} as const satisfies Record<string, Who>;
type WhoName = keyof typeof whos;

interface Who {
  readonly user?: 'robot';
  readonly open?: boolean;
  readonly words?: readonly string[];
  readonly settings?: readonly string[];
}

/** `outcome exit reason`; the second holds under --no-fallback, where it differs. */
type Cell = readonly [withFallback: string, without?: string];
type Row = Readonly<Record<WhoName, Cell>>;

const everybody = (...cell: Cell): Row =>
  Object.fromEntries(Object.keys(whos).map((who) => [who, cell])) as Record<WhoName, Cell>;
const pushers = (may: Cell, mayNot: Omit<Row, 'one who may push' | 'anybody, on an open registry'>): Row => ({
  'one who may push': may,
  'anybody, on an open registry': may,
  ...mayNot,
});

const noCredential: Cell = ['fallback 0 no-credential', 'failed 5 PUSH_NOT_ALLOWED'];
const forbidden: Cell = ['fallback 0 push-not-allowed', 'failed 5 PUSH_NOT_ALLOWED'];

const table: Readonly<Record<Exclude<VerdictName, 'different'>, Row>> = {
  present: everybody('reused 0 null'),
  equivalent: everybody('reused 0 null'),
  absent: pushers(['published 0 null'], {
    'one without a credential': noCredential,
    'one who may push, under --no-push': forbidden,
    'one who may push, under publish: never': forbidden,
  }),
  denied: {
    // Quay's way: asked with the right to push, it reports that the repository is not there.
    'one who may push': ['published 0 null'],
    'anybody, on an open registry': ['fallback 0 no-credential', 'failed 5 REGISTRY_DENIED'],
    'one without a credential': ['fallback 0 no-credential', 'failed 5 REGISTRY_DENIED'],
    'one who may push, under --no-push': ['failed 5 REGISTRY_DENIED'],
    'one who may push, under publish: never': ['failed 5 REGISTRY_DENIED'],
  },
  unreachable: everybody('fallback 0 not-a-registry', 'failed 6 REGISTRY_UNREACHABLE'),
};

const different: Readonly<Record<OnDifferent, Row>> = {
  fail: everybody('failed 4 TAG_DIFFERS'),
  fallback: everybody('fallback 0 different', 'failed 4 TAG_DIFFERS'),
  reuse: everybody('reused 0 null'),
  overwrite: pushers(['published 0 null'], {
    'one without a credential': ['failed 5 PUSH_NOT_ALLOWED'],
    'one who may push, under --no-push': ['failed 5 PUSH_NOT_ALLOWED'],
    'one who may push, under publish: never': ['failed 5 PUSH_NOT_ALLOWED'],
  }),
};

interface Case {
  readonly verdict: VerdictName;
  readonly who: WhoName;
  readonly cell: Cell;
  readonly onDifferent?: OnDifferent;
}

const cases: Case[] = [
  ...Object.entries(table).flatMap(([verdict, row]) => casesOf(row, { verdict: verdict as VerdictName })),
  ...Object.entries(different).flatMap(([onDifferent, row]) =>
    casesOf(row, { verdict: 'different', onDifferent: onDifferent as OnDifferent }),
  ),
];

function casesOf(row: Row, more: Omit<Case, 'who' | 'cell'>): Case[] {
  return Object.entries(row).map(([who, cell]) => ({ ...more, who: who as WhoName, cell }));
}

function titleOf({ verdict, onDifferent, who }: Case): string {
  return `${verdict}${onDifferent ? ` (${onDifferent})` : ''} for ${who}`;
}

const exits: Readonly<Record<VerdictName, number>> = {
  present: 0,
  equivalent: 0,
  absent: 3,
  different: 4,
  denied: 5,
  unreachable: 6,
};

test.each(cases.map((one) => [titleOf(one), one] as const))(
  '%s',
  async (_, { verdict, who, cell, onDifferent }) => {
    for (const fallback of [true, false]) {
      const wanted = (fallback ? cell[0] : (cell[1] ?? cell[0])).split(' ');
      await using stage = await prepare(verdict, who);
      const before = await stage.held();
      const words = [
        // An overwrite asks for the name of the bundle.
        ...(onDifferent === 'overwrite' ? ['alpha'] : []),
        ...(onDifferent ? ['--on-different', onDifferent] : []),
        ...(fallback ? [] : ['--no-fallback']),
      ];
      const checked = await stage.run('check', words);
      expect([checked.bundle.verdict, checked.code]).toEqual([verdict, exits[verdict]]);
      expect(checked.bundle.plan ?? checked.bundle.outcome).toBe(planOf(wanted));
      expect(writes(stage.registry)).toEqual([]);
      expect(stage.registry.seen.filter(asksToPush)).toEqual([]);

      stage.registry.seen.length = 0;
      const { bundle, code } = await stage.run('ensure', words);
      expect([bundle.outcome, String(code), String(bundle.error?.code ?? bundle.reason)]).toEqual(wanted);
      expect(bundle.firstVerdict ?? bundle.verdict).toBe(verdict);
      expect(bundle.requests).toBe(stage.registry.seen.length);
      if (bundle.outcome === 'published') {
        expect(await stage.held()).toBe(bundle.built);
        expect(writes(stage.registry).at(-1)).toBe('PUT /v2/acme/alpha/manifests/v1.0.0');
      } else {
        expect(writes(stage.registry)).toEqual([]);
        expect(await stage.held()).toBe(before);
      }
      expectServed(bundle, before);
      // Anyone who may not push never asks for the right to.
      if (!('user' in whos[who]) || 'words' in whos[who] || 'settings' in whos[who])
        expect(stage.registry.seen.filter(asksToPush)).toEqual([]);
    }
  },
);

/** What each recipe makes of each verdict, for one who may push, with a committed lock: `outcome exit requests why`. */
const profileTable: Readonly<Record<ProfileName, Readonly<Record<VerdictName, string>>>> = {
  'pull-request': {
    present: 'reused 0 3 null',
    equivalent: 'reused 0 7 null',
    absent: 'fallback 0 4 push-not-allowed',
    denied: 'failed 5 4 REGISTRY_DENIED',
    different: 'fallback 0 6 different',
    unreachable: 'fallback 0 1 not-a-registry',
  },
  release: {
    present: 'reused 0 3 null',
    equivalent: 'failed 4 5 FROZEN',
    absent: 'published 0 13 null',
    denied: 'published 0 14 null',
    different: 'failed 4 6 TAG_DIFFERS',
    unreachable: 'failed 6 1 REGISTRY_UNREACHABLE',
  },
  local: {
    present: 'reused 0 3 null',
    equivalent: 'reused 0 7 null',
    absent: 'fallback 0 4 push-not-allowed',
    denied: 'failed 5 4 REGISTRY_DENIED',
    different: 'failed 4 6 TAG_DIFFERS',
    unreachable: 'fallback 0 1 not-a-registry',
  },
  none: {
    present: 'reused 0 3 null',
    equivalent: 'reused 0 7 null',
    absent: 'published 0 13 null',
    denied: 'published 0 14 null',
    different: 'failed 4 6 TAG_DIFFERS',
    unreachable: 'fallback 0 1 not-a-registry',
  },
};

test.each(
  profileNames.flatMap((profile) =>
    Object.entries(profileTable[profile]).map(
      ([verdict, cell]) => [profile, verdict as VerdictName, cell] as const,
    ),
  ),
)('profile %s, %s: %s', async (profile, verdict, cell) => {
  await using stage = await prepare(verdict, 'one who may push');
  await lockOffline(stage.project);
  const before = await stage.held();
  const lock = readFileSync(join(stage.project.directory, 'bundles.lock'), 'utf8');
  const { bundle, code } = await stage.run('ensure', ['--profile', profile]);
  const why = String(bundle.error?.code ?? bundle.reason);
  expect(`${bundle.outcome} ${code} ${stage.registry.seen.length} ${why}`).toBe(cell);
  expect(bundle.requests).toBe(stage.registry.seen.length);
  if (bundle.outcome !== 'published')
    expect([writes(stage.registry), await stage.held()]).toEqual([[], before]);
  if (profile === 'release')
    expect(readFileSync(join(stage.project.directory, 'bundles.lock'), 'utf8')).toBe(lock);
});

test('overwrite is for bundles that are named', async () => {
  await using stage = await prepare('different', 'one who may push');
  const { code, result } = await stage.run('ensure', ['--on-different', 'overwrite']);
  expect([code, result.error?.code]).toEqual([2, 'USAGE']);
  expect(stage.registry.seen).toEqual([]);
});

test('an account without the right to push is asked for twice, refused twice, and nothing falls back', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'pull', users, hideMissing: true });
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const environment = credentials(registry.host, 'reader', 'open');
  const { code, bundle } = await runJson(['ensure', '--config', project.config], { environment });
  expect([code, bundle.verdict, bundle.outcome]).toEqual([5, 'denied', 'failed']);
  expect(registry.seen.filter(asksToPush)).toHaveLength(2);
  expect(writes(registry)).toEqual([]);
});

const users = {
  robot: { password: 'sesame', may: 'push' },
  reader: { password: 'open', may: 'pull' },
} as const;

/** A registry on a socket that gives this verdict to this person. */
async function prepare(verdict: VerdictName, who: WhoName) {
  const { user, open = false, words: flags = [], settings = [] }: Who = whos[who];
  const guard = open ? {} : ({ anonymous: 'pull', users, hideMissing: verdict === 'denied' } as const);
  const registry = await startGuardedRegistry(guard);
  const repository = `${registry.host}/acme`;
  const project = sampleProject({ repository, settings });
  const environment = user ? credentials(registry.host, user, users[user].password) : {};
  await seed(registry, verdict);
  registry.seen.length = 0;
  registry.intercept = interceptOf(verdict, open);
  return {
    registry,
    project,
    run: (mode: 'check' | 'ensure', words: readonly string[]) =>
      runJson([mode, '--config', project.config, ...flags, ...words], { environment }),
    async held(): Promise<string | null> {
      const url = `http://${registry.host}/v2/acme/alpha/manifests/v1.0.0`;
      return (await registry.inner(new Request(url, { method: 'HEAD' }))).headers.get(
        'docker-content-digest',
      );
    },
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    },
  };
}

async function seed({ host }: GuardedRegistry, verdict: VerdictName): Promise<void> {
  if (verdict === 'absent' || verdict === 'denied') return;
  await using project = sampleProject({ repository: `${host}/acme` });
  project.write('other.yaml', samplePipeline('other'));
  const file = join(project.directory, verdict === 'different' ? 'other.yaml' : 'pipelines/alpha.yaml');
  const time = verdict === 'equivalent' ? ['--ctime', '1969-12-31T19:00:00-05:00'] : [];
  const words = ['push', `${host}/acme/alpha:v1.0.0`, '-f', file, ...time];
  const { code, stderr } = await runInProcess(words, { environment: credentials(host, 'robot', 'sesame') });
  expect(code, stderr).toBe(0);
}

function interceptOf(verdict: VerdictName, open: boolean): GuardedRegistry['intercept'] {
  const page = { headers: { 'content-type': 'text/html' } };
  if (verdict === 'unreachable') return () => new Response('<html>Log in to the network</html>', page);
  if (verdict !== 'denied' || !open) return undefined;
  return () => Response.json({ errors: [{ code: 'DENIED', message: 'no' }] }, { status: 403 });
}

/** What `check` announces; what it would refuse counts as a failure. */
function planOf([outcome = '']: readonly string[]): string {
  return { published: 'publish', fallback: 'fallback', failed: 'fail' }[outcome] ?? outcome;
}

function expectServed(bundle: BundleResult, before: string | null): void {
  if (bundle.outcome === 'failed') return;
  const digest = bundle.outcome === 'reused' ? before : bundle.built;
  expect(bundle.digest).toBe(digest);
  expect(bundle.pinned).toContain(`@${digest}`);
  expect(bundle.served?.layout === null).toBe(bundle.outcome !== 'fallback');
  if (bundle.served?.layout) {
    const index = readFileSync(join(bundle.served.layout, 'index.json'), 'utf8');
    expect(index).toContain(`"digest":"${bundle.built}"`);
  }
}

function writes({ seen }: GuardedRegistry): string[] {
  const writing = seen.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
  return writing.map(({ method, path }) => `${method} ${path}`);
}

function asksToPush({ query }: GuardedRegistry['seen'][number]): boolean {
  return decodeURIComponent(query).includes(',push');
}
