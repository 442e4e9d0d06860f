import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { findImages, replaceImages } from '../src/tekton/images/source-images.js';
import { readStepImage } from '../src/tekton/images/step-image.js';
import { sharedPath, testWithShared } from './support/shared.js';

const suffix = `@sha256:${'b'.repeat(64)}`;

testWithShared('corpus')(
  'pinning every file of the corpus adds digests to images and bundles and changes nothing else',
  () => {
    const root = sharedPath('corpus');
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.ya?ml$/.test(file),
    );
    const counts = { files: 0, images: 0, tagged: 0, pinned: 0, kept: 0, parameters: 0 };
    for (const path of files) {
      const bytes = readFileSync(join(root, path));
      const source = { path, bytes };
      const found = findImages(source);
      const replace = (text: string) => {
        const image = readStepImage(text);
        return image.form === 'tag' ? image.name + suffix : undefined;
      };
      const { source: result, kept } = replaceImages(source, replace);
      const now = findImages(result);
      expect(
        now.map(({ line }) => line),
        path,
      ).toEqual(found.map(({ line }) => line));
      counts.files++;
      counts.images += found.length;
      counts.kept += kept.length;
      for (const [index, { text }] of found.entries()) {
        const image = readStepImage(text);
        if (image.form === 'parameter') counts.parameters++;
        if (image.form === 'digest') counts.pinned++;
        if (image.form !== 'tag') expect(now[index]?.text).toBe(text);
        else {
          counts.tagged++;
          expect(now[index]?.text).toBe(image.name + suffix);
        }
      }
      // What was added, taken away again, leaves the file as it was: no other byte changed.
      let text = Buffer.from(result.bytes).toString('latin1');
      for (const [index, { text: old }] of found.entries()) {
        if (readStepImage(old).form === 'tag') text = text.replace(now[index]?.text ?? '', old);
      }
      expect(text === bytes.toString('latin1'), path).toBe(true);
    }
    expect(counts).toEqual({ files: 398, images: 541, tagged: 179, pinned: 136, kept: 0, parameters: 226 });
  },
);
