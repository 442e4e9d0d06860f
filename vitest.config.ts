import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const shared = { isolate: false, pool: 'threads' as const, testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // Many end-to-end tests wait for a program or for a deadline of its own; one worker more than cores works meanwhile.
    maxWorkers: availableParallelism() + 1,
    projects: [
      { test: { ...shared, name: 'unit', include: ['src/**/*.test.ts', 'test/*.test.ts'] } },
      { test: { ...shared, name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 180_000 } },
      {
        test: {
          ...shared,
          name: 'documents',
          include: ['test/documents/**/*.test.ts'],
          // Its pages have a working directory of their own each, which a thread cannot have.
          pool: 'forks' as const,
          testTimeout: 180_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
