import { expect, test } from 'vitest';
import type { BundleResult, EnsureResult } from '../../ensure/result.js';
import { showResult } from './show-result.js';

const digest = `sha256:${'2fdaa1f6adcf'.padEnd(64, '0')}`;

/** A bundle that the registry holds as it is, but for what is given. */
function bundle(name: string, given: Partial<BundleResult> = {}): BundleResult {
  const reference = `quay.io/acme/${name}:v0.2.0`;
  return {
    name,
    verdict: 'present',
    firstVerdict: null,
    outcome: 'reused',
    plan: null,
    changes: [],
    reference,
    pinned: `${reference}@${digest}`,
    digest,
    built: digest,
    configDigest: null,
    visibility: null,
    requests: 1,
    reason: null,
    differences: [],
    replaced: null,
    served: null,
    signature: null,
    schema: null,
    workflow: null,
    warnings: [],
    error: null,
    ...given,
  };
}

function show(
  bundles: readonly BundleResult[],
  given: { width?: number; verbose?: boolean; exitCode?: number } = {},
) {
  const { width = 80, verbose = false, exitCode = 0 } = given;
  const count = (outcome: string) => bundles.filter((one) => one.outcome === outcome).length;
  const result: EnsureResult = {
    version: 1,
    bundles,
    workflows: [],
    summary: {
      reused: count('reused'),
      published: count('published'),
      fallback: count('fallback'),
      failed: count('failed'),
      planned: count('planned'),
      requests: 7,
      durationMs: 812,
    },
    part: null,
    error: null,
  };
  const screen = {
    paint: (_: string, text: string) => text,
    clean: (text: string) => text.replaceAll('npx tekton-bundles', 'bundles'),
    width,
    unicode: true,
  };
  const lines = showResult(result, { screen, verbose, serve: 'bundles registry serve', exitCode });
  return `${lines.join('\n')}\n`;
}

const differs = {
  code: 'TAG_DIFFERS',
  message: 'Cannot ensure',
  hint: 'Raise the tag: bundles bump deploy, or choose --on-different fallback',
  details: {},
} as const;

const served = (name: string) => ({
  reference: `127.0.0.1:5055/acme/${name}:v0.2.0@${digest}`,
  layout: `.bundles/registry/acme/${name}`,
  live: false,
  clusterReference: null,
});

const mixed = [
  bundle('build-id'),
  bundle('git-clone', { outcome: 'published', verdict: 'absent' }),
  bundle('hello-world', {
    outcome: 'fallback',
    verdict: 'unreachable',
    reason: 'dns',
    served: served('hello-world'),
  }),
  bundle('deploy', {
    outcome: 'planned',
    plan: 'fail',
    verdict: 'different',
    differences: ['pipeline workflow: changed'],
    error: differs,
  }),
];

test('each bundle has a row with its outcome and why, and the last line counts them', () => {
  expect(show(mixed)).toBe(`✓ build-id     reused      2fdaa1f6adcf
↑ git-clone    published   2fdaa1f6adcf  quay.io/acme/git-clone:v0.2.0
↓ hello-world  fallback    unreachable: quay.io has no address (DNS)
✗ deploy       would fail  v0.2.0 holds other content (pipeline workflow)
                           run: bundles bump deploy

1 fallback kept in .bundles/registry, to be served on 127.0.0.1:5055
run: bundles registry serve
4 bundles in 0.8 s, 7 requests: 1 reused, 1 published, 1 fallback, 1 would fail
`);
});

test('--verbose shows whole references, where bytes are kept and the whole error', () => {
  const shown = show(mixed, { verbose: true });
  expect(shown).toContain(`    quay.io/acme/build-id:v0.2.0\n    @${digest}\n`);
  expect(shown).toContain('    kept in .bundles/registry/acme/hello-world, to be served as');
  expect(shown).toMatch(/error\[TAG_DIFFERS\][\s\S]*hint: Raise the tag/);
  expect(show(mixed, { verbose: true, width: Number.POSITIVE_INFINITY })).toContain(
    `    quay.io/acme/build-id:v0.2.0@${digest}\n`,
  );
});

test('more than twenty bundles that are as they were are counted in one row, unless --verbose asks for each', () => {
  const many = Array.from({ length: 21 }, (_, index) => bundle(`task-${index}`));
  const changed = bundle('odd', { changes: ['lock'] });
  const [first, second, ...rest] = show([...many, changed]).split('\n');
  expect([first, second]).toEqual(['✓ 21 bundles  reused  unchanged', '✓ odd         reused  2fdaa1f6adcf']);
  expect(rest.slice(1)).toEqual(['22 bundles in 0.8 s, 7 requests: 22 reused', '']);
  expect(show(many.slice(1)).match(/^✓ task-/gm)).toHaveLength(20);
  expect(show([...many, changed], { verbose: true }).match(/^✓ task-/gm)).toHaveLength(21);
});

test('check reports how it ends where ensure would end well', () => {
  const away = { outcome: 'planned', plan: 'fallback', verdict: 'unreachable', reason: 'refused' } as const;
  const absent = bundle('new', {
    outcome: 'planned',
    plan: 'publish',
    verdict: 'absent',
    changes: ['publish', 'lock'],
  });
  const lines = show([bundle('one', away), bundle('two', away), absent], { exitCode: 6 }).split('\n');
  expect(lines).toEqual([
    '↓ one  would fall back  unreachable: quay.io: connection refused',
    '↓ two  would fall back  unreachable: quay.io: connection refused',
    '· new  would publish    2fdaa1f6adcf  quay.io/acme/new:v0.2.0',
    '                        changes: publish, lock',
    '',
    '3 bundles in 0.8 s, 7 requests: 1 would publish, 2 would fall back',
    '2 unreachable (ensure would fall back and exit 0), 1 absent (ensure would',
    'publish and exit 0); exit 6',
    '',
  ]);
  expect(show([mixed[3]!], { exitCode: 4 })).toMatch(/: 1 would fail\n$/);
});

test('other bytes of the same content, and a tag that keeps other content, are named', () => {
  const equivalent = bundle('a', { verdict: 'equivalent', differences: ['created'] });
  const kept = bundle('b', {
    verdict: 'different',
    differences: ['task x: changed', `label y: ${digest}`, 'c', 'd', 'e'],
  });
  expect(show([equivalent, kept], { width: Number.POSITIVE_INFINITY })).toContain(
    [
      '✓ a  reused  2fdaa1f6adcf  same content, other bytes (created)',
      '✓ b  reused  2fdaa1f6adcf  v0.2.0 holds other content (task x, label y: 2fdaa1f6adcf, c, 2 more)\n',
    ].join('\n'),
  );
});
