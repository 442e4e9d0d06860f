/** Where a build is, by what its engine prints. */
export interface BuildStep {
  /** From 1. */
  readonly step: number;
  readonly of: number;
  /** Of a Containerfile with several stages: which one, and of how many. Both 1 where the engine does not print it. */
  readonly stage: number;
  readonly stages: number;
}

/**
 * Finds the beginnings of steps in a build's output: `STEP 2/7: RUN make` of buildah and podman, before it `[1/3]`
 * where there are stages; `Step 2/7 : RUN make` of docker without BuildKit; `#7 [build 2/7] RUN make` of BuildKit,
 * which works on several stages at once.
 */
export function createStepReader(onStep: (step: BuildStep) => void): (chunk: Uint8Array) => void {
  const decoder = new TextDecoder();
  let line = '';
  return (chunk) => {
    const lines = (line + decoder.decode(chunk, { stream: true })).split(/[\r\n]/);
    // A step is named at the beginning of its line.
    line = lines.pop()?.slice(0, 300) ?? '';
    for (const one of lines) {
      const step = readStep(one);
      if (step) onStep(step);
    }
  };
}

const buildahStep = /^(?:\[(\d{1,4})\/(\d{1,4})\] )?STEP (\d{1,4})\/(\d{1,4}): /;
const dockerStep = /^Step (\d{1,4})\/(\d{1,4}) : /;
const buildKitStep = /^#\d+ \[(?:[^\]]* )?(\d{1,4})\/(\d{1,4})\] /;

function readStep(line: string): BuildStep | undefined {
  const buildah = buildahStep.exec(line);
  if (buildah) {
    const [, stage = '1', stages = '1', step, of] = buildah;
    return { step: Number(step), of: Number(of), stage: Number(stage), stages: Number(stages) };
  }
  const [, step, of] = dockerStep.exec(line) ?? buildKitStep.exec(line) ?? [];
  return step === undefined ? undefined : { step: Number(step), of: Number(of), stage: 1, stages: 1 };
}
