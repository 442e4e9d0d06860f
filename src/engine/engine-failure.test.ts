import { expect, test } from 'vitest';
import { readEngineFailure } from './engine-failure.js';

// What podman 4.3, docker 28 and their remote clients said.
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
  [125, 'Error: something that nobody has seen', 'engine', false],
  [125, '', 'engine', false],
])('%i %j is %s', (status, output, reason, transient) => {
  expect(readEngineFailure(status, output)).toMatchObject({ reason, transient });
});

test('what an engine prints is shown without what a terminal would obey', () => {
  const { line } = readEngineFailure(1, 'x\nError: \u001b[31mbad\u001b[0m \u0007thing\n\n');
  expect(line).toBe('bad thing');
});
