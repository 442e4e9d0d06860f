import { setMaxListeners } from 'node:events';

/** The same options, whose signal any number may listen to: each bundle does, and Node warns of more than ten. */
export function withSharedSignal<Options extends { readonly signal?: AbortSignal }>(
  options: Options,
): Options {
  if (!options.signal) return options;
  const signal = AbortSignal.any([options.signal]);
  setMaxListeners(0, signal);
  return { ...options, signal };
}
