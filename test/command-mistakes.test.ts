import { mkdirSync, opendirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ErrorCode } from '../src/errors.js';
import { runInProcess } from './support/program/run-in-process.js';
import { samplePipeline } from './support/samples/sample-project.js';
import { tempDir } from './support/temp-dir.js';

/** A command line with one mistake; `@` is the project's directory. */
type Mistake = readonly [line: string, code: ErrorCode, status: number, hint: RegExp];

const mistakes: readonly Mistake[] = [
  // digest, tags, tag
  ['digest', 'USAGE', 2, /^BUNDLE: .*digest --help/],
  ['digest helo --config @/bundles.yaml', 'USAGE', 2, /Did you mean hello\?/],
  ['digest hello extra', 'USAGE', 2, /digest --help/],
  ['digest localhost:1/x/y', 'REFERENCE_INVALID', 2, /registry\/repository:tag/],
  ['digest https://quay.io/a/b:v1', 'REFERENCE_INVALID', 2, /without https:\/\//],
  ['digest oci:@/out:v1 --full-ref', 'USAGE', 2, /Leave out --full-ref/],
  ['digest @/nowhere.yaml', 'SOURCE_NOT_FOUND', 7, /a file that exists/],
  ['digest hello --full', 'USAGE', 2, /--full-ref/],
  ['tags', 'USAGE', 2, /^REPOSITORY: /],
  ['tags quay.io/acme/x:v1', 'REFERENCE_INVALID', 2, /^Write quay\.io\/acme\/x$/],
  ['tags quay.io/acme/x@sha256:abc', 'REFERENCE_INVALID', 2, /64 lower-case/],
  ['tags quay.io/Acme/x', 'REFERENCE_INVALID', 2, /"acme\/x"/],
  ['tags oci:@/out', 'REFERENCE_INVALID', 2, /tekton-bundles list/],
  ['tag', 'USAGE', 2, /^REFERENCE: /],
  ['tag quay.io/acme/x:v1', 'USAGE', 2, /^TAG: the new tag/],
  ['tag quay.io/acme/x latest', 'REFERENCE_INVALID', 2, /latest is never implied/],
  ['tag quay.io/acme/x:v1 quay.io/acme/x:v2', 'REFERENCE_INVALID', 2, /the new tag alone/],
  ['tag oci-archive:@/x.tar v2', 'REFERENCE_INVALID', 2, /tekton-bundles copy/],
  ['tag quay.io/acme/x:v1 v2 --forc', 'USAGE', 2, /--force/],
  // graph, list
  ['graph', 'USAGE', 2, /^BUNDLE: /],
  ['graph helo --config @/bundles.yaml', 'USAGE', 2, /Did you mean hello\?/],
  ['graph @/two.yaml', 'USAGE', 2, /^Name one behind it: hello, other$/],
  ['graph @/two.yaml nothing', 'NOT_FOUND', 3, /Pipeline hello, Pipeline other/],
  ['graph @/two.yaml hello -o dot', 'USAGE', 2, /svg, mermaid/],
  ['graph @/nowhere.yaml', 'SOURCE_NOT_FOUND', 7, /a file that exists/],
  ['list --config @/nowhere.yaml', 'CONFIG_NOT_FOUND', 2, /--config|init/],
  ['list hello --config @/bundles.yaml', 'REFERENCE_INVALID', 2, /registry\/repository:tag/],
  ['list hello', 'REFERENCE_INVALID', 2, /hello alone is on Docker Hub.*explain hello$/],
  ['inspect hello', 'REFERENCE_INVALID', 2, /tekton-bundles explain hello$/],
  ['list -o junit', 'USAGE', 2, /text, json, yaml, name/],
  ['ls --nowhere', 'USAGE', 2, /list --help/],
  ['lis', 'USAGE', 2, /Did you mean list\?/],
  // sbom, sign, generate-key-pair, verify --key
  ['sbom helo --config @/bundles.yaml', 'USAGE', 2, /Did you mean hello\?/],
  ['sbom hello --format spdxx', 'USAGE', 2, /Did you mean spdx\?/],
  ['sbom oci:@/out --attach', 'USAGE', 2, /tekton-bundles copy/],
  ['sbom oci:@/out:v1', 'NOT_FOUND', 3, /check its name/],
  ['sign quay.io/acme/hello:v1', 'USAGE', 2, /--key/],
  ['sign --objects --config @/bundles.yaml', 'USAGE', 2, /--key FILE/],
  ['sign --objects @/two.yaml --keyless', 'USAGE', 2, /by keys alone/],
  ['sign --key @/junk.pem --policy @/p.yaml', 'USAGE', 2, /Add --objects/],
  ['lint --tekton-version 1.9 --config @/bundles.yaml', 'USAGE', 2, /Add --key/],
  ['sign helo --key @/junk.pem --config @/bundles.yaml', 'USAGE', 2, /Did you mean hello\?/],
  ['sign hello --key @/junk.pem --config @/bundles.yaml', 'LOCK_STALE', 4, /ensure hello/],
  ['sign quay.io/a/b --key @/junk.pem', 'REFERENCE_INVALID', 2, /:tag or .*@sha256/],
  ['sign hello --key @/junk.pem --signature-storage refer', 'USAGE', 2, /referrer/],
  ['ensure --keyless --config @/bundles.yaml', 'USAGE', 2, /--sign with/],
  ['ensure --sign --config @/bundles.yaml', 'USAGE', 2, /--keyless/],
  ['ensure --sign --keyless --config @/bundles.yaml', 'IDENTITY_MISSING', 2, /--identity-token FILE/],
  ['copy oci:@/out:v1 oci:@/to --certificate-identity me', 'USAGE', 2, /--certificate-oidc-issuer/],
  ['trusted-tasks hello --config @/bundles.yaml', 'LOCK_STALE', 4, /ensure hello/],
  ['trusted-tasks --rules --to @/list.yaml --config @/bundles.yaml', 'USAGE', 2, /data of the policy/],
  ['trusted-tasks --group acme --config @/bundles.yaml', 'USAGE', 2, /Only rules have groups/],
  ['trusted-tasks --to quay.io/acme/data', 'USAGE', 2, /registry\/repository:tag/],
  ['trusted-tasks --to oci-archive:@/x.tar', 'USAGE', 2, /oci:DIRECTORY:tag/],
  ['trusted-tasks --in-effect-days soon', 'USAGE', 2, /\w/],
  ['generate-key-pair extra', 'USAGE', 2, /generate-key-pair --help/],
  ['generate-key-pair --output-key-prefix @/new', 'USAGE', 2, /COSIGN_PASSWORD/],
  ['generate-key-pair --output-key-prefix @/old', 'NOT_WRITABLE', 9, /--output-key-prefix/],
  ['verify --key', 'USAGE', 2, /verify --help/],
  ['verify --key @/nowhere.pub --config @/bundles.yaml', 'KEY_INVALID', 2, /generate-key-pair/],
  ['verify --key @/junk.pem --config @/bundles.yaml', 'KEY_INVALID', 2, /keep it elsewhere/],
  ['verify --key @/junk.pem --offline', 'USAGE', 2, /Leave out --offline, or the key/],
  ['verify quay.io/a/b:v1', 'USAGE', 2, /--key/],
  ['verify helo --config @/bundles.yaml', 'USAGE', 2, /Did you mean hello\?/],
  // completion, version, help, explanations
  ['completion', 'USAGE', 2, /bash, zsh, fish, powershell/],
  ['completion bsh', 'USAGE', 2, /Did you mean bash\?/],
  ['version now', 'USAGE', 2, /version --help/],
  ['versio', 'USAGE', 2, /Did you mean version\?/],
  ['help conection', 'USAGE', 2, /Did you mean connection\?/],
  ['help exit-code', 'USAGE', 2, /Did you mean exit-codes\?/],
  ['help nothing', 'USAGE', 2, /--help/],
  ['explain TAG_DIFERS', 'USAGE', 2, /TAG_DIFFERS/],
  ['explain NOTHING_LIKE', 'USAGE', 2, /help exit-codes/],
  ['lint --explain non-rot', 'USAGE', 2, /Did you mean non-root\?/],
  ['lint --explain', 'USAGE', 2, /lint --help/],
  ['lint --explain nothing', 'USAGE', 2, /lint\.md#rules/],
  // images ps, up --watch, init --ci
  ['images ps now', 'USAGE', 2, /images ps --help/],
  ['images ps --slot-dir x', 'USAGE', 2, /--slots-dir/],
  ['images ps --slots-dir @/nowhere', 'SLOTS_UNSAFE', 9, /install -d/],
  ['up --wach', 'USAGE', 2, /Did you mean --watch\?/],
  ['up hello --watch', 'USAGE', 2, /up --help/],
  ['up --watch --config @/nowhere.yaml', 'CONFIG_NOT_FOUND', 2, /--config/],
  ['init --ci gitub', 'USAGE', 2, /Did you mean github\?/],
  ['init --ci jenkins', 'USAGE', 2, /github, gitlab/],
  ['init --ci', 'USAGE', 2, /init --help/],
  // -C, --dotenv, -o junit and codequality, doctor --report
  ['-C', 'USAGE', 2, /-C DIRECTORY/],
  ['-C @/nowhere check', 'USAGE', 2, /exists with -C/],
  ['-C @/bundles.yaml check', 'USAGE', 2, /with -C/],
  ['check -C', 'USAGE', 2, /check --help/],
  ['check --dotenv', 'USAGE', 2, /check --help/],
  ['check -o junt', 'USAGE', 2, /Did you mean junit\?/],
  ['ensure -o sarif', 'USAGE', 2, /junit, codequality/],
  ['lint -o codeclimate', 'USAGE', 2, /codequality/],
  ['doctor --reprt', 'USAGE', 2, /Did you mean --report\?/],
  ['doctor --report --min-disk lots', 'USAGE', 2, /--min-disk <size>/],
  // what deletes
  ['registry gc --force', 'USAGE', 2, /registry gc --help/],
  ['registry gc --yes=1', 'USAGE', 2, /registry gc --help/],
  ['registry gc --yes --root @/nowhere', 'NOT_FOUND', 3, /--state-dir/],
];

const project = tempDir();

beforeAll(() => {
  const write = (name: string, text: string) => writeFileSync(join(project.path, name), text);
  write(
    'bundles.yaml',
    'version: 1\nrepository: registry.invalid/acme\ntag: v1.0.0\nbundles:\n  hello:\n    files: [hello.yaml]\n',
  );
  write('hello.yaml', samplePipeline('hello'));
  const named = (name: string) => samplePipeline('hello').replace('name: workflow', `name: ${name}`);
  write('two.yaml', `${named('hello')}---\n${named('other')}`);
  write('junk.pem', 'junk\n');
  write('old.pub', '');
  mkdirSync(join(project.path, 'out'));
});
afterAll(() => project[Symbol.asyncDispose]());

test.each(mistakes)('%s: code, exit status and what would be right', async (line, code, status, hint) => {
  const words = line.split(' ').map((word) => word.replace('@/', `${project.path}/`));
  const { stderr, ...ran } = await runInProcess(words, {
    input: '',
    enterDirectory: (directory) => opendirSync(directory).closeSync(),
  });
  expect([ran.code, /^error\[([A-Z_]+)\]/m.exec(stderr)?.[1]], stderr).toEqual([status, code]);
  // A hint is wrapped like any text.
  const [, shown = ''] = /^hint: ([\s\S]*)$/m.exec(stderr) ?? [];
  expect(shown.trim().replaceAll(/\n\s*/g, ' ')).toMatch(hint);
  // A run that asks for a report gets the failure as one.
  if (!line.includes('-o junit')) expect(ran.stdout).toBe('');
});

test('there are more than sixty of them', () => {
  expect(mistakes.length).toBeGreaterThan(60);
});
