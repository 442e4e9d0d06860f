import { checkRef } from '../check-ref.js';
import { type FeatureFlags, isOn, takes } from '../feature-flags.js';
import type { Text } from '../field.js';
import { isDnsLabel } from '../names.js';
import { quote, type Report } from '../problem.js';
import { checkStepResults } from '../values/check-results.js';
import { checkWhen } from '../values/check-when.js';
import { findStepResult } from '../variables/expressions.js';
import { checkKnown } from '../variables/variables.js';
import type { Container, Step } from './read-task.js';

export interface StepContext {
  readonly flags: FeatureFlags;
  /** Of apiVersion v1beta1. */
  readonly beta: boolean;
}

/** Steps as they are after the template was merged in. */
export function checkSteps(report: Report, steps: readonly Step[], context: StepContext): void {
  const names = new Set<string>();
  for (const step of steps) {
    if (names.has(step.name.text))
      report('no-duplicate-step', step.name, `found the step ${quote(step.name.text)} twice`);
    if (step.name.text !== '') names.add(step.name.text);
    checkStep(report, step, context);
    if (step.hasResults) {
      const known = new Set(step.results.map(({ name }) => name.text));
      checkKnown(report, step.script, {
        prefix: 'step.results',
        rule: 'no-undefined-result',
        noun: 'result of the step',
        known,
      });
      checkStepResults(report, step.results);
    }
    checkWhen(report, step.when, context.flags);
  }
}

export function checkWindowsScript(report: Report, script: Text, flags: FeatureFlags): void {
  if (!script.text.trim().startsWith('#!win') || takes(flags, 'alpha')) return;
  report('no-disabled-feature', script, 'found a Windows script, which needs enable-api-fields alpha');
}

export function checkScriptAlone(report: Report, { script, command }: Container): void {
  if (script.text === '' || command.length === 0) return;
  report('no-script-with-command', script, 'found both script and command, wanted one of them');
}

/** Mounts that Tekton keeps for itself. */
function checkMounts(report: Report, { volumeMounts }: Container): void {
  const rule = 'no-reserved-mount';
  for (const { name, mountPath } of volumeMounts) {
    const clean = cleanPath(mountPath.text);
    if (clean.startsWith('/tekton/') && !clean.startsWith('/tekton/home')) {
      report(
        rule,
        mountPath,
        `found the mount path ${quote(mountPath.text)}, wanted none below /tekton/ but /tekton/home`,
      );
    }
    if (name.text.startsWith('tekton-internal-')) {
      report(
        rule,
        name,
        `found the volume ${quote(name.text)}, wanted none whose name starts with tekton-internal-`,
      );
    }
  }
}

/** Where results and artifacts of other steps cannot be used: everywhere but in env, command and args. */
function checkForeignOutputs(report: Report, step: Container): void {
  const { name, image, imagePullPolicy, workingDir, envFrom, volumeMounts, volumeDevices } = step;
  const mounts = volumeMounts.flatMap((mount) => [mount.name, mount.mountPath, mount.subPath]);
  const texts = [name, image, imagePullPolicy, workingDir, ...envFrom, ...mounts, ...volumeDevices];
  for (const text of [...texts, step.script]) {
    if (findStepResult(text.text) === undefined) continue;
    report(
      'no-misplaced-step-result',
      text,
      'found the result of a step, which is allowed in env, command and args only',
    );
  }
  for (const text of texts) {
    if (!usesStepArtifact(text.text)) continue;
    report(
      'no-misplaced-step-result',
      text,
      'found the artifact of a step, which is allowed in env, command, args and script only',
    );
  }
}

function checkStep(report: Report, step: Step, context: StepContext): void {
  const { flags } = context;
  if (!isOn(flags, 'enable-artifacts') && usesArtifacts(step)) {
    report(
      'no-disabled-feature',
      step,
      'found the use of artifacts, which needs the feature flag enable-artifacts',
    );
    return;
  }
  // Tekton then names nothing else of the step.
  if (isNegative(step.timeout.text)) {
    report(
      'no-negative-timeout',
      step.timeout,
      `found the timeout ${step.timeout.text}, wanted none below 0`,
    );
    return;
  }
  if (step.ref === undefined) checkOwnStep(report, step);
  else checkStepByRef(report, step, context);
  if (step.name.text !== '' && !isDnsLabel(step.name.text)) {
    report(
      'no-invalid-step-name',
      step.name,
      `found the name ${quote(step.name.text)}, wanted a DNS label: at most 63 lower-case letters, digits and -`,
    );
  }
  checkMounts(report, step);
  const { text } = step.onError;
  if (text !== '' && !text.startsWith('$(params') && text !== 'continue' && text !== 'stopAndFail') {
    report(
      'no-invalid-on-error',
      step.onError,
      `found ${quote(text)}, wanted continue, stopAndFail or a param`,
    );
  }
  checkWindowsScript(report, step.script, flags);
  for (const [field, path] of Object.entries({
    stdoutConfig: step.stdoutConfig,
    stderrConfig: step.stderrConfig,
  })) {
    if (path === undefined || takes(flags, 'alpha')) continue;
    report('no-disabled-feature', { path }, `found ${field}, which needs enable-api-fields alpha`);
  }
  checkForeignOutputs(report, step);
}

function checkOwnStep(report: Report, step: Step): void {
  const [param] = step.params;
  if (param !== undefined)
    report('no-invalid-step-ref', param, 'found params without ref, which alone takes params');
  if (step.image.text === '') report('no-missing-image', step, 'found a step without an image');
  checkScriptAlone(report, step);
}

function checkStepByRef(report: Report, step: Step, context: StepContext): void {
  // A step's reference never had a bundle.
  if (step.ref !== undefined) checkRef(report, step.ref, { ...context, beta: false });
  const beside = {
    image: step.image.text !== '',
    command: step.command.length > 0,
    args: step.args.length > 0,
    script: step.script.text !== '',
    workingDir: step.workingDir.text !== '',
    env: step.env !== undefined,
    volumeMounts: step.volumeMounts.length > 0,
    results: step.results.length > 0,
  };
  for (const [field, isGiven] of Object.entries(beside)) {
    if (isGiven)
      report(
        'no-invalid-step-ref',
        { path: [...step.path, field] },
        `found ${field} beside ref, whose StepAction defines its own`,
      );
  }
}

function usesArtifacts({ script, command, args, env = [] }: Step): boolean {
  const texts = [script, ...command, ...args, ...env.map(({ value }) => value)];
  return texts.some(({ text }) => usesStepArtifact(text) || usesTaskArtifact(text));
}

function usesStepArtifact(text: string): boolean {
  return (
    /\$\(steps\.[^.]+\.(?:inputs|outputs)\.[^.)]+\)/.test(text) || text.includes('$(step.artifacts.path)')
  );
}

function usesTaskArtifact(text: string): boolean {
  return namesTaskArtifact(text) || text.includes('$(artifacts.path)');
}

/** `$(tasks.NAME.outputs.…)`. */
export function namesTaskArtifact(text: string): boolean {
  return /\$\(tasks\.[^.]+\.(?:inputs|outputs)\.[^.)]+\)/.test(text);
}

/** A duration that Go reads as negative; a sign is possible only in front. */
function isNegative(duration: string): boolean {
  return duration.startsWith('-') && /[1-9]/.test(duration);
}

/** Go's `filepath.Clean` on a system with `/`. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!rooted) parts.push(part);
  }
  const clean = parts.join('/');
  return rooted ? `/${clean}` : clean || '.';
}
