import { fileURLToPath } from 'node:url';
import { playScene, sceneColumns } from '../../test/support/documents/picture-scene.js';
import { cliPath, mustRun } from '../../test/support/program/run-cli.js';
import { drawTerminal } from './terminal-svg.js';

const inTerminal = fileURLToPath(new URL('../../test/support/program/in-terminal.py', import.meta.url));

/** README's picture: the scene played by the built program at a terminal of 80 columns. Needs python3. */
export async function drawScene(python: string): Promise<string> {
  const shown = await playScene(async (words, { directory, environment }) => {
    const env = {
      ...environment,
      COLUMNS: String(sceneColumns),
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      // As npx leaves it.
      npm_command: 'exec',
    };
    const args = [inTerminal, '[]', process.execPath, cliPath, ...words];
    const { shown } = JSON.parse(await mustRun(python, args, { cwd: directory, env })) as { shown: string };
    return shown;
  });
  return drawTerminal({
    title:
      'bundles ensure in a terminal: it refuses to overwrite a tag that holds other content, and then publishes what is missing',
    text: sceneText(shown),
  });
}

/** As the terminal shows the commands and their output, one after the other. */
export function sceneText(shown: Awaited<ReturnType<typeof playScene>>): string {
  const parts = shown.map(({ words, output }) => `\x1b[2m$\x1b[22m npx tekton-bundles ${words}\n${output}`);
  return parts.map((part) => `${settled(part).trimEnd()}\n`).join('\n');
}

/** What a terminal shows at the end: without the lines about progress that were erased again. */
function settled(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/^[^\n]*\r\x1b\[K/gm, '');
}
