import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startRegistry } from '../../src/testing/start-registry.js';
import { imageProject, readImages } from '../support/engines/image-project.js';
import { runCli } from '../support/program/run-cli.js';
import { writeProgram } from '../support/program/write-program.js';
import { sha256, talkTo } from '../support/registry/registry-requests.js';
import { tempDir } from '../support/temp-dir.js';

const pinned = `sha256:${'a'.repeat(64)}`;

test('TLS is turned off for the registries that speak none, and for no other host of a build', async () => {
  const registry = await startRegistry();
  try {
    await using place = tempDir();
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256('{}'), size: 2 },
      layers: [],
    };
    const client = talkTo(fetch, registry.url);
    await client.pushBlob('acme/base', '{}');
    await client.pushManifest('acme/base', '1', manifest);
    const plain = `${registry.host}/acme/base@${sha256(JSON.stringify(manifest))}`;
    const strict = `quay.io/acme/base@${pinned}`;
    const bin = join(place.path, 'bin');
    const log = join(place.path, 'calls');
    mkdirSync(bin);
    // Writes down what it is asked, and refuses to build.
    writeProgram(bin, 'podman', [
      `echo "$*" >>${log}`,
      'case "$1" in',
      `info) echo '{"version":{"Version":"4.3.1"}}' ;;`,
      'pull) echo id ;;',
      'build) echo "Error: building at STEP \\"RUN x\\": exit status 1" >&2; exit 1 ;;',
      '*) echo "Error: x: image not known" >&2; exit 125 ;;',
      'esac',
    ]);
    const calls = async (bases: readonly string[]) => {
      writeFileSync(log, '');
      const from = bases.map((base) => `FROM ${base}\n`).join('');
      await using project = imageProject(
        ['svc: {reference: localhost/svc, context: svc, platforms: [linux/amd64]}'],
        { 'svc/Containerfile': from },
      );
      const words = ['images', 'ensure', '--output', 'json', '--min-disk', '1M', '--min-memory', '1M'];
      const ran = await runCli(words, {
        cwd: project.directory,
        env: { ...project.env, PATH: `${bin}:/usr/bin:/bin` },
      });
      expect(readImages(ran.stdout).first.error?.code).toBe('BUILD_FAILED');
      const lines = readFileSync(log, 'utf8').split('\n');
      const build = lines.find((line) => line.startsWith('build ')) ?? '';
      return [...lines.filter((line) => line.startsWith('pull ')), build.includes('--tls-verify=false')];
    };
    expect(await calls([`${registry.host}/acme/base:1`])).toEqual([true]);
    expect(await calls([strict])).toEqual([false]);
    expect(await calls([`${registry.host}/acme/base:1`, strict])).toEqual([
      `pull --quiet --platform linux/amd64 --tls-verify=false ${plain}`,
      `pull --quiet --platform linux/amd64 ${strict}`,
      false,
    ]);
  } finally {
    await registry.stop();
  }
});
