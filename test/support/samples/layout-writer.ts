import { openLayoutStore } from '../../../src/content/layout/layout-store.js';
import { sampleImage } from './sample-image.js';

/** A process that writes images into a layout: DIRECTORY NAME COUNT; prints a line per image it finished. */
const [directory = '', name = '', count = '0'] = process.argv.slice(2);
const store = openLayoutStore(directory, { durable: false });
for (let number = 0; number < Number(count); number++) {
  const image = sampleImage(`${name} ${number}`);
  for (const { descriptor, bytes } of [...image.layers, image.config]) await store.write(descriptor, bytes);
  await store.writeTagged(image.manifest.descriptor, image.manifest.bytes, `${name}-${number}`);
  await store.writeTagged(image.manifest.descriptor, image.manifest.bytes, 'latest');
  process.stdout.write(`${number}\n`);
}
