import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startNamedRegistry } from '../registry/named-registry.js';
import { tempDir } from '../temp-dir.js';

/** One command of the scene and what a terminal showed. */
export interface Shown {
  readonly words: string;
  /** With the escape sequences of its colours. */
  readonly output: string;
}

export interface SceneMachine {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The width of the terminal in README's picture. */
export const sceneColumns = 80;

/** What the picture shows: a tag that holds other content, the hint that follows, and what is missing at the end. */
const scene = ['ensure --push', 'bump deploy', 'ensure --push'];

/**
 * Plays the scene of README's picture, each command by `run`: three bundles, of which one is published, one has changed
 * under a published tag, and one is new.
 */
export async function playScene(
  run: (words: readonly string[], machine: SceneMachine) => Promise<string>,
): Promise<readonly Shown[]> {
  await using registry = await startNamedRegistry('quay.io');
  await using home = tempDir('scene-');
  const directory = home.path;
  const environment = { ...registry.environment, HOME: directory, DOCKER_CONFIG: directory };
  const machine = { directory, environment };
  mkdirSync(join(directory, 'pipelines'));
  const write = (name: string, text: string) =>
    writeFileSync(join(directory, `pipelines/${name}.yaml`), pipeline(name, text));
  const declare = (...names: readonly string[]) => {
    const bundles = names.map((name) => `  ${name}: {files: [pipelines/${name}.yaml]}\n`);
    // Without a fallback the program waits longer for the first answer, which a busy machine may need.
    const head = 'version: 1\nrepository: quay.io/acme/pipelines\ntag: v1.4.0\nfallback: none\n';
    const text = `${head}bundles:\n${bundles.join('')}`;
    writeFileSync(join(directory, 'bundles.yaml'), text);
  };
  write('build', 'make');
  write('deploy', 'make deploy');
  declare('build', 'deploy');
  await run(['ensure', '--push'], machine);
  write('deploy', 'make deploy verify');
  write('rollback', 'make rollback');
  declare('build', 'deploy', 'rollback');
  const shown: Shown[] = [];
  for (const words of scene) shown.push({ words, output: await run(words.split(' '), machine) });
  return shown;
}

/** Without what differs from run to run: how long it took. */
export function withoutDurations(text: string): string {
  return text.replace(/[\d.]+ m?s(?=,)/g, 'SOME TIME');
}

function pipeline(name: string, script: string): string {
  return `apiVersion: tekton.dev/v1
kind: Pipeline
metadata:
  name: ${name}
spec:
  tasks:
    - name: ${name}
      taskSpec:
        steps:
          - name: run
            image: registry.access.redhat.com/ubi9/ubi-minimal:9.4
            script: ${script}
`;
}
