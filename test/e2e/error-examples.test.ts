import { expect, test } from 'vitest';
import { explainCode } from '../../src/cli/help/explain-page.js';
import { type ErrorCode, errorCodes, errorRows } from '../../src/errors.js';
import { machineFailures } from '../support/errors/machine-failures.js';
import { projectFailures } from '../support/errors/project-failures.js';
import { serverFailures } from '../support/errors/server-failures.js';
import { type Fail, provoke } from '../support/errors/stage.js';

const provoked = { ...projectFailures, ...serverFailures, ...machineFailures };

/** They need git, a container engine, a full disk or a signal to the process; `exampleOf` is used by the tests that provoke them. */
const unprovoked: readonly ErrorCode[] = [
  ...(['SOURCES_UNCOMMITTED', 'SOURCE_CHANGED', 'BUILD_FAILED', 'DISK_FULL', 'ENGINE_FAILED'] as const),
  ...(['ENGINE_UNSUPPORTED', 'BUILD_TIMEOUT', 'INTERRUPTED'] as const),
];

const failures = Object.entries(provoked) as [ErrorCode, Fail][];

test.each(failures)('the example of %s is what the program prints', async (code, fail) => {
  const { message, hint, exit } = await provoke(code, fail);
  const { example } = explainCode(code);
  expect(comparable(`error[${code}]: ${message}`)).toBe(comparable(example));
  expect([typeof hint, exit]).toEqual(['string', errorRows[code].exit]);
});

test('every error is provoked here, unless it needs more than Node', () => {
  expect([...Object.keys(provoked), ...unprovoked].sort()).toEqual([...errorCodes].sort());
});

/** Hashes by the order of their first appearance, anchors and ports of this machine: all differ from run to run. */
function comparable(text: string): string {
  const hashes: string[] = [];
  return text
    .replaceAll(/(?<![0-9a-f])([0-9a-f]{4})(?:[0-9a-f]{60}|…)/g, (_, start: string) => {
      if (!hashes.includes(start)) hashes.push(start);
      return `#${hashes.indexOf(start) + 1}`;
    })
    .replaceAll(/(v1\.0\.0)-[0-9a-f]{12}/g, '$1-#')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT');
}
