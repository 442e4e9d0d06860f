import type { AnyCommand } from './command.js';
import { attestCommand } from './commands/attest/attest.js';
import { buildCommand } from './commands/build/build.js';
import { bumpCommand } from './commands/bump/bump.js';
import { catalogServeCommand } from './commands/catalog/catalog.js';
import { checkCommand } from './commands/check/check.js';
import { completionCommand } from './commands/completion/completion.js';
import { copyCommand } from './commands/copy/copy.js';
import { diffCommand } from './commands/diff/diff.js';
import { digestCommand } from './commands/digest/digest.js';
import { doctorCommand } from './commands/doctor/doctor.js';
import { ensureCommand } from './commands/ensure/ensure.js';
import type { RunProjects } from './commands/ensure/run-projects.js';
import { explainCommand } from './commands/explain/explain.js';
import { exportCommand } from './commands/export/export.js';
import { generateKeyPairCommand } from './commands/generate-key-pair/generate-key-pair.js';
import { graphCommand } from './commands/graph/graph.js';
import { imagesEnsureCommand, imagesPruneCommand, imagesPsCommand } from './commands/images/images.js';
import { initCommand } from './commands/init/init.js';
import { inspectCommand } from './commands/inspect/inspect.js';
import { lintCommand } from './commands/lint/lint.js';
import { listCommand } from './commands/list/list.js';
import { lockMergeCommand } from './commands/lock/lock.js';
import { loginCommand } from './commands/login/login.js';
import { logoutCommand } from './commands/logout/logout.js';
import { pinCommand } from './commands/pin/pin.js';
import { promoteCommand } from './commands/promote/promote.js';
import { pushCommand } from './commands/push/push.js';
import { registerCommand } from './commands/register/register.js';
import {
  registryDeployCommand,
  registryGcCommand,
  registryServeCommand,
} from './commands/registry/registry.js';
import { releaseCommand } from './commands/release/release.js';
import { reportCommand } from './commands/report/report.js';
import { runCommand } from './commands/run/run.js';
import { sbomCommand } from './commands/sbom/sbom.js';
import {
  schemaConvertCommand,
  schemaGenerateCommand,
  schemaValidateCommand,
} from './commands/schema/schema.js';
import { signCommand } from './commands/sign/sign.js';
import { tagCommand } from './commands/tag/tag.js';
import { tagsCommand } from './commands/tags/tags.js';
import { trustedTasksCommand } from './commands/trusted-tasks/trusted-tasks.js';
import { upCommand } from './commands/up/up.js';
import { updateRefsCommand } from './commands/update-refs/update-refs.js';
import { verifyCommand } from './commands/verify/verify.js';
import { versionCommand } from './commands/version/version.js';
import { withCommand } from './commands/with/with.js';

const runProjects: RunProjects = async (session, request) =>
  (await import('./commands/ensure/run-projects.js')).runProjects(session, request);

/** The table of commands, in the order in which help and docs/reference/commands list them. */
export const commands: readonly AnyCommand[] = [
  ensureCommand(runProjects),
  checkCommand(runProjects),
  verifyCommand,
  lintCommand,
  pinCommand,
  bumpCommand,
  lockMergeCommand,
  updateRefsCommand,
  listCommand,
  inspectCommand,
  digestCommand,
  tagsCommand,
  diffCommand,
  explainCommand,
  graphCommand,
  buildCommand,
  pushCommand,
  copyCommand,
  tagCommand,
  promoteCommand,
  releaseCommand,
  exportCommand,
  sbomCommand,
  signCommand,
  attestCommand,
  trustedTasksCommand,
  generateKeyPairCommand,
  withCommand,
  upCommand,
  registryServeCommand,
  registryGcCommand,
  registryDeployCommand,
  imagesEnsureCommand,
  imagesPruneCommand,
  imagesPsCommand,
  initCommand,
  loginCommand,
  logoutCommand,
  completionCommand(() => commands),
  doctorCommand,
  versionCommand,
  schemaGenerateCommand,
  schemaConvertCommand,
  schemaValidateCommand,
  registerCommand,
  runCommand,
  catalogServeCommand,
  reportCommand,
];

/** What the first word of commands with two words is for. */
export const families: Readonly<Record<string, string>> = {
  lock: 'the lock',
  registry: 'the embedded registry',
  images: 'service images',
  schema: 'the documents that describe workflows',
  catalog: 'the embedded workflow catalog',
};
