// Makes the container image of the program: one layer on a base image that has Node, by the program's own writer.
// Use: npm run image -- --base LOCATION --to LOCATION [--platform linux/amd64,linux/arm64] [--path DIRECTORY]
//   LOCATION: registry/repository:tag, oci:DIRECTORY[:tag], oci-archive:FILE[:tag]
//   --path: the directory of Node in the base, if it is not on its PATH (distroless: /nodejs/bin)
//   --context DIRECTORY instead of --base and --to: what deploy/Containerfile copies
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isBundlesError } from '../../src/errors.js';
import { imageFiles } from './image-files.js';
import { writeContainerImage } from './write-container-image.js';
import { writeContext } from './write-context.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    base: { type: 'string' },
    to: { type: 'string' },
    context: { type: 'string' },
    platform: { type: 'string', default: 'linux/amd64,linux/arm64' },
    path: { type: 'string' },
    'plain-http': { type: 'string', multiple: true, default: [] },
  },
});
const { base, to, context, platform, path } = values;
if (context === undefined && (base === undefined || to === undefined)) {
  console.error('Name a base and a target: npm run image -- --base LOCATION --to LOCATION');
  process.exit(2);
}
try {
  const files = await imageFiles(root);
  if (context !== undefined) {
    await writeContext(root, context, files);
    console.log(context);
  } else {
    const written = await writeContainerImage(files, {
      base: base as string,
      to: to as string,
      platforms: platform.split(','),
      path,
      plainHttp: values['plain-http'],
    });
    console.log(JSON.stringify(written, null, 2));
  }
} catch (error) {
  if (!isBundlesError(error)) throw error;
  console.error(
    `error[${error.code}]: ${error.message}${error.hint === undefined ? '' : `\nhint: ${error.hint}`}`,
  );
  process.exitCode = 1;
}
