import { formatReference } from '../oci/reference.js';
import type { ImageSpec } from '../project/config/parse-images.js';
import type { ImageResult } from './image-result.js';

/** What is known of an image so far; grows into its result. */
export interface ImageProgress {
  result: ImageResult;
}

export function note(progress: ImageProgress, more: Partial<ImageResult>): void {
  progress.result = { ...progress.result, ...more };
}

export function emptyImageResult({ name, reference }: ImageSpec, engine: string | null): ImageResult {
  return {
    name,
    key: null,
    outcome: 'failed',
    from: null,
    verdict: null,
    reason: null,
    reference: null,
    tagged: reference.tag === undefined ? null : formatReference(reference),
    digest: null,
    id: null,
    engine,
    pushed: false,
    loaded: [],
    exported: null,
    use: null,
    attempts: 0,
    recoveries: 0,
    queuedMs: 0,
    buildMs: 0,
    durationMs: 0,
    log: null,
    warnings: [],
    error: null,
  };
}
