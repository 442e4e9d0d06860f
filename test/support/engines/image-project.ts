import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageResult, ImagesResult } from '../../../src/images/image-result.js';
import { samplePipeline } from '../samples/sample-project.js';
import { type TempDir, tempDir } from '../temp-dir.js';

export interface ImageProject extends AsyncDisposable {
  readonly directory: string;
  /** Variables of a run in it: a state directory of its own. */
  readonly env: Readonly<Record<string, string>>;
  write(path: string, text: string): void;
}

/** A project with the images that `images` declares, each line below `images:`. */
export function imageProject(
  images: readonly string[],
  files: Readonly<Record<string, string>> = {},
): ImageProject {
  const directory: TempDir = tempDir('images-');
  const write = (path: string, text: string) => {
    const file = join(directory.path, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  };
  write('pipelines/a.yaml', samplePipeline('a'));
  write(
    'bundles.yaml',
    [
      'version: 1',
      'repository: localhost:1/acme',
      'tag: v1.0.0',
      'bundles: {a: {files: [pipelines/a.yaml]}}',
      'images:',
      ...images.map((line) => `  ${line}`),
      '',
    ].join('\n'),
  );
  for (const [path, text] of Object.entries(files)) write(path, text);
  return {
    directory: directory.path,
    env: { HOME: join(directory.path, '.home'), XDG_STATE_HOME: join(directory.path, '.state') },
    write,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** The document of `images ensure --output json`, and its first image. */
export function readImages(stdout: string): ImagesResult & { readonly first: ImageResult } {
  const result = JSON.parse(stdout) as ImagesResult;
  return { ...result, first: result.images[0] as ImageResult };
}
