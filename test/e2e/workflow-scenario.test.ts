import { test } from 'vitest';
import { startRegistry } from '../../src/testing/start-registry.js';
import { expectWorkflowsOf } from '../support/samples/workflow-scenario.js';

test('an image, a bundle and workflows of two engines: made sure of, again, offline, and with one digest changed', async () => {
  const registry = await startRegistry();
  try {
    await expectWorkflowsOf(registry.host);
  } finally {
    await registry[Symbol.asyncDispose]();
  }
}, 60_000);
