import { expect, test } from 'vitest';
import { startFaultyRegistry } from '../../src/testing/faulty-registry.js';
import type { ProfileName } from '../../src/testing/profiles.js';
import { credentials, runJson } from '../support/program/run-in-process.js';
import { sampleProject } from '../support/samples/sample-project.js';

const users = { robot: { password: 's3cret', may: 'push' } } as const;

/** Requests of one new bundle, and of the next run: open to all; open, and a credential that is not needed; with a login. */
const rows: readonly (readonly [ProfileName, open: string, known: string, guarded: string])[] = [
  ['distribution', '8 1', '9 1', '10 2'],
  ['zot-compat', '6 1', '7 1', '8 2'],
  ['quay', 'exit 5 exit 5', '9 1', '10 3'],
  ['ghcr', '6 1', '7 1', '11 3'],
  ['dockerhub', '6 1', '7 1', '14 3'],
  ['harbor', '6 1', '7 1', '14 3'],
  ['gitlab', '6 1', '7 1', '14 3'],
  ['ecr', '6 1', '7 1', '8 2'],
];

test.concurrent.each(rows)(
  'a new bundle on %s costs %s requests where everybody may push, %s with a credential beside it, %s with a login',
  async (profile, ...wanted) => {
    const cases = [
      { anonymous: 'push', robot: false },
      { anonymous: 'push', robot: true },
      { anonymous: 'nothing', robot: true },
    ] as const;
    const counts: string[] = [];
    for (const { anonymous, robot } of cases) {
      await using registry = await startFaultyRegistry({
        ...{ profile, users, anonymous },
        repositories: ['acme/alpha'],
      });
      await using project = sampleProject({ repository: `${registry.host}/acme`, workflow: false });
      const environment = robot ? credentials(registry.host, 'robot', 's3cret') : {};
      const ensure = async () => {
        const words = ['ensure', '--config', project.config, '--no-fallback'];
        const { code, bundle } = await runJson(words, { environment });
        return code === 0 ? bundle.requests : `exit ${code}`;
      };
      counts.push(`${await ensure()} ${await ensure()}`);
    }
    expect(counts).toEqual(wanted);
  },
);
