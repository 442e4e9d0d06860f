import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPeers } from '../support/peers.js';
import { mustRun } from '../support/program/run-cli.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { startDockerRegistry } from '../support/registry/docker-registry.js';
import { samplePipeline } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('docker-registry', 'skopeo');

test.skipIf(peers === undefined)(
  'skopeo and this program find what the other one put into a layout, by every name',
  async () => {
    await using registry = await startDockerRegistry({});
    await using directory = tempDir();
    const file = join(directory.path, 'x.yaml');
    writeFileSync(file, samplePipeline('x'));
    const source = `${registry.host}/acme/x:v1`;
    expect((await runInProcess(['push', source, '-f', file])).code).toBe(0);
    const env = { HOME: directory.path };
    const names = ['v1', 'hello:8.3', 'acme/hello:8.3', 'quay.io/acme/hello:v1.0.0', 'hello@1.0', 'a+b--c'];
    for (const [index, name] of names.entries()) {
      const theirs = `oci:${join(directory.path, `theirs-${index}`)}:${name}`;
      const insecure = ['--src-tls-verify=false', '--insecure-policy'];
      await mustRun('skopeo', ['copy', ...insecure, `docker://${source}`, theirs], { env });
      const raw = await mustRun('skopeo', ['inspect', '--raw', theirs], { env });
      const read = await runInProcess(['inspect', theirs, '-o', 'json']);
      expect([name, read.code]).toEqual([name, 0]);
      const { config } = JSON.parse(raw) as { config: { digest: string } };
      expect([name, read.stdout.includes(config.digest)]).toEqual([name, true]);
      const ours = `oci:${join(directory.path, `ours-${index}`)}:${name}`;
      expect((await runInProcess(['copy', theirs, ours])).code).toBe(0);
      expect(await mustRun('skopeo', ['inspect', '--raw', ours], { env })).toBe(raw);
    }
  },
);
