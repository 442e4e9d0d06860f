import { expect, test } from 'vitest';
import { asStarted, programStarted } from './program-name.js';

const hint =
  'Run: npx tekton-bundles ensure hello, or npx tekton-bundles bump hello; npx tekton-bundles --help';

test.each([
  [{ path: '/usr/local/bin/bundles' }, 'Run: bundles ensure hello, or bundles bump hello; bundles --help'],
  [
    { path: '/opt/node/bin/tekton-bundles' },
    'Run: tekton-bundles ensure hello, or tekton-bundles bump hello; tekton-bundles --help',
  ],
  [{ path: '/home/u/project/node_modules/.bin/bundles' }, hint],
  [
    {
      path: '/home/u/.npm/_npx/1f/node_modules/.bin/tekton-bundles',
      environment: { npm_command: 'exec', npm_lifecycle_event: 'npx' },
    },
    hint,
  ],
  [{ path: 'C:\\Users\\u\\AppData\\Roaming\\npm\\node_modules\\tekton-bundles\\bin\\bundles.js' }, hint],
  [
    { path: '/home/u/project/bin/bundles.js' },
    'Run: node bin/bundles.js ensure hello, or node bin/bundles.js bump hello; node bin/bundles.js --help',
  ],
  [
    { path: "/else/it's/bundles.js" },
    "Run: node '/else/it'\\''s/bundles.js' ensure hello, or node '/else/it'\\''s/bundles.js' bump hello; node '/else/it'\\''s/bundles.js' --help",
  ],
  [
    {
      path: '/home/u/project/node_modules/.bin/bundles',
      environment: {
        npm_command: 'run-script',
        npm_lifecycle_event: 'ensure',
        npm_lifecycle_script: 'bundles ensure --no-push',
      },
    },
    'Run: npm run ensure -- hello, or npx tekton-bundles bump hello; npx tekton-bundles --help',
  ],
  [
    {
      path: '/x/bundles',
      environment: {
        npm_lifecycle_event: 'e',
        npm_lifecycle_script: 'node build.mjs && node bin/bundles.js ensure',
        npm_config_user_agent: 'pnpm/9.1.0 node/v20',
      },
    },
    'Run: pnpm run e hello, or npx tekton-bundles bump hello; npx tekton-bundles --help',
  ],
  // A script that starts something else, which starts us.
  [
    {
      path: '/home/u/project/node_modules/.bin/bundles',
      environment: { npm_lifecycle_event: 'test', npm_lifecycle_script: 'vitest run' },
    },
    hint,
  ],
  [{ path: undefined }, hint],
])('%j', ({ path, environment = {} }: { path?: string; environment?: Record<string, string> }, expected) => {
  expect(asStarted(hint, programStarted({ path, environment, directory: '/home/u/project' }))).toBe(expected);
});

test('a script is named alone where nothing follows it', () => {
  const environment = { npm_lifecycle_event: 'ensure', npm_lifecycle_script: 'tekton-bundles ensure' };
  const started = programStarted({ path: '/x', environment, directory: '/' });
  expect(asStarted('Run: npx tekton-bundles ensure', started)).toBe('Run: npm run ensure');
  expect(asStarted('Run it: bundles.yaml declares npx tekton-bundles-x', started)).toContain(
    'npx tekton-bundles-x',
  );
});
