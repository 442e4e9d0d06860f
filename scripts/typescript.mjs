// `node --import ./scripts/typescript.mjs FILE` runs TypeScript sources as they are: for maintainers' scripts only.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
