import { expect, test } from 'vitest';
import type { EngineStatus } from './engine.js';
import { engineError, readEngineFailure } from './engine-failure.js';
import { withVersions } from './engine-versions.js';

// Recorded output of podman 4.3, docker 28 and their remote clients.
test.each([
  [125, 'Error: unexpected EOF', 'eof', true],
  [125, 'Error: server probably quit: unexpected EOF', 'eof', true],
  [125, 'Error: Post "http://d/v4.3.1/libpod/build": EOF', 'eof', true],
  [125, 'Error: Post "http://d/v5/build": write unix @->/run/podman.sock: write: broken pipe', 'eof', true],
  [
    125,
    'Cannot connect to Podman. Please verify your connection\nError: unable to connect to Podman socket: Get "http://d/v4.3.1/libpod/_ping": dial unix /tmp/nosock: connect: no such file or directory',
    'refused',
    true,
  ],
  [
    1,
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'refused',
    true,
  ],
  [125, 'Error: acquiring lock: timed out waiting for lock', 'lock', true],
  [125, 'Error: database is locked', 'lock', true],
  [
    3,
    'subprocess exited with status 3\nError: building at STEP "RUN /tool fail": exit status 3',
    'step',
    false,
  ],
  [
    1,
    'curl: connection refused\nError: building at STEP "RUN curl x": while running runtime: exit status 7',
    'step',
    false,
  ],
  [
    125,
    'Error: building at STEP "COPY nothere /tool": checking on sources under "/c": copier: stat: "/nothere": no such file or directory',
    'step',
    false,
  ],
  [
    1,
    'unexpected EOF\nERROR: failed to solve: process "/bin/sh -c x" did not complete successfully: exit code: 1',
    'step',
    false,
  ],
  [
    125,
    'Error: creating build container: initializing source docker://127.0.0.1:1/x/y:z: pinging container registry 127.0.0.1:1: Get "https://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    'base',
    false,
  ],
  [
    125,
    'Error: writing blob: initiating layer upload to /v2/x/y/blobs/uploads/ in quay.io: unauthorized: access to the requested resource is not authorized',
    'denied',
    false,
  ],
  [125, 'Error: writing blob: write /var/tmp/x: no space left on device', 'disk-full', false],
  [137, '', 'killed', false],
  [
    1,
    'error running container: from /usr/bin/crun creating container for [/tool]: cgroups in hybrid mode not supported\nError: building at STEP "RUN /tool": while running runtime: exit status 1',
    'runtime',
    false,
  ],
  [
    1,
    'STEP 2/2: RUN echo "Error: No space left on device" >&2; exit 1\nError: No space left on device\nsubprocess exited with status 1\nsubprocess exited with status 1\nError: building at STEP "RUN echo "Error: No space left on device" >&2; exit 1": exit status 1',
    'step',
    false,
  ],
  [
    125,
    'STEP 2/2: COPY f /f\nError: building at STEP "COPY f /f": 2 errors occurred:\n\t* closing "/c/f": io: read/write on closed pipe\n\t* storing "/c/f": copier: put: error writing file "/f": write /f: no space left on device\n\n',
    'disk-full',
    false,
  ],
  [
    1,
    'STEP 2/2: RUN x\nno space left on device\nError: building at STEP "RUN echo ": no space left on device"": while running runtime: exit status 1',
    'step',
    false,
  ],
  [
    1,
    'STEP 2/2: RUN kill -9 $$\nsubprocess exited on killed\nsubprocess exited with status 1\nError: building at STEP "RUN kill -9 $$": exit status 1',
    'killed',
    false,
  ],
  [
    1,
    'STEP 2/2: RUN x\nsubprocess exited on killed\nsubprocess exited with status 1\nsubprocess exited with status 1\nError: building at STEP "RUN x": exit status 1',
    'step',
    false,
  ],
  [137, 'Error: building at STEP "RUN make": while running runtime: exit status 137', 'killed', false],
  [137, 'STEP 1/2: FROM scratch\nError: printed by a RUN: no space left on device', 'killed', false],
  [
    1,
    'STEP 2/3: RUN /x\nerror running container: from /usr/bin/crun creating container for [/x]: cgroups in hybrid mode not supported\n: exit status 1\ntime="2026-01-01T00:00:00Z" level=error msg="did not get container create message from subprocess: EOF"\nError: building at STEP "RUN /x": while running runtime: exit status 1',
    'runtime',
    false,
  ],
  [
    1,
    'STEP 2/3: RUN /x\nbuilding\nerror running container: from /usr/bin/crun creating container for [/x]: x\nError: building at STEP "RUN /x": while running runtime: exit status 1',
    'step',
    false,
  ],
  [125, 'Error: fork/exec /usr/bin/crun: cannot allocate memory', 'memory', false],
  [125, "Error: unknown flag: --ignorefile\nSee 'podman build --help'", 'unsupported', false],
  [
    125,
    "DEPRECATED: The legacy builder\nunknown flag: --progress\n\nUsage:  docker build [OPTIONS] PATH | URL | -\n\nRun 'docker build --help' for more information",
    'unsupported',
    false,
  ],
  [1, "unknown flag: --x\nThe command '/bin/sh -c tool --x' returned a non-zero code: 3", 'step', false],
  [
    125,
    'STEP 2/2: COPY --from=q.io/a/b /x /y\nError: building at STEP "COPY --from=q.io/a/b /x /y": initializing source docker://q.io/a/b:latest: pinging container registry q.io: Get "https://q.io/v2/": dial tcp: lookup q.io: no such host',
    'base',
    false,
  ],
  [125, 'Error: something that nobody has seen', 'engine', false],
  [125, '', 'engine', false],
])('%i %j is %s', (status, output, reason, transient) => {
  expect(readEngineFailure(status, output)).toMatchObject({ reason, transient });
});

test('an engine that is too old is named with both versions, and with the option that it does not know', async () => {
  const failure = readEngineFailure(125, "Error: unknown flag: --ignorefile\nSee 'podman build --help'");
  const error = engineError('build the image "svc"', failure);
  const status = () => Promise.resolve({ version: '2.2.1' } as EngineStatus);
  expect(await withVersions(error, { name: 'podman', status })).toMatchObject({
    code: 'ENGINE_UNSUPPORTED',
    details: { option: '--ignorefile', version: '2.2.1', wanted: '3.0' },
  });
  const silent = () => Promise.reject(new Error('no answer'));
  expect(await withVersions(error, { name: 'docker', status: silent })).toMatchObject({
    details: { option: '--ignorefile', version: null, wanted: null },
  });
});

test('where the first line only counts the errors, the one that decided is shown with it', () => {
  const chain =
    'error during bulk transfer for copier.request{Request:"PUT"}: copier: put: error writing file "/f"';
  const output = `Error: building at STEP "COPY f /f": 2 errors occurred:\n\t* closing "/c/f": io: read/write on closed pipe\n\t* storing "/c/f": ${chain}: write /f: no space left on device\n\n`;
  expect(readEngineFailure(125, output)).toMatchObject({
    code: 'DISK_FULL',
    line: 'building at STEP "COPY f /f": 2 errors occurred: write /f: no space left on device',
  });
});

test('what an engine prints is shown without its colours', () => {
  const { line } = readEngineFailure(1, 'x\nError: \u001b[31mbad\u001b[0m thing\n\n');
  expect(line).toBe('bad thing');
});
