import { readFile } from 'node:fs/promises';

/** re2js is loaded where a pattern needs it, by a require of its own that a bundler does not see. */
export const re2Within = {
  name: 're2-within',
  setup({ onLoad }) {
    onLoad({ filter: /src\/workflow\/parameters\/pattern\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const seen = text.replace("createRequire(import.meta.url)('re2js')", "require('re2js')");
      if (seen === text) throw new Error(`${path} loads re2js in another way`);
      return { contents: seen, loader: 'ts' };
    });
  },
};
