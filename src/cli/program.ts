import type { Command } from 'commander';
import { type AddCommand, createCommandTree, runCommandLine } from './command-line.js';
import { addBuild } from './commands/build/build.js';
import { addBump } from './commands/bump/bump.js';
import { addCatalog } from './commands/catalog/catalog.js';
import { addCheck } from './commands/check/check.js';
import { addCopy } from './commands/copy/copy.js';
import { addDiff } from './commands/diff/diff.js';
import { addDoctor } from './commands/doctor/doctor.js';
import { addEnsure } from './commands/ensure/ensure.js';
import type { RunProjects } from './commands/ensure/run-projects.js';
import { addExplain } from './commands/explain/explain.js';
import { addExport } from './commands/export/export.js';
import { addImages } from './commands/images/images.js';
import { addInit } from './commands/init/init.js';
import { addInspect } from './commands/inspect/inspect.js';
import { addLint } from './commands/lint/lint.js';
import { addList } from './commands/list/list.js';
import { addLogin } from './commands/login/login.js';
import { addLogout } from './commands/logout/logout.js';
import { addPin } from './commands/pin/pin.js';
import { addPromote } from './commands/promote/promote.js';
import { addPush } from './commands/push/push.js';
import { addRegister } from './commands/register/register.js';
import { addRegistry } from './commands/registry/registry.js';
import { addReport } from './commands/report/report.js';
import { addRun } from './commands/run/run.js';
import { addSchema } from './commands/schema/schema.js';
import { addUp } from './commands/up/up.js';
import { addVerify } from './commands/verify/verify.js';
import { addWith } from './commands/with/with.js';
import type { Context } from './context.js';
import type { Session } from './session.js';

/** Parses the command line, runs the command and gives the exit status; never throws. */
export function runProgram(context: Context): Promise<number> {
  return runCommandLine(context, commands);
}

/** The whole command tree; also read by the test that asks every command for its documentation. */
export function createProgram(session: Session): Command {
  return createCommandTree(session, commands);
}

const runProjects: RunProjects = async (session, request) =>
  (await import('./commands/ensure/run-projects.js')).runProjects(session, request);

const commands: readonly AddCommand[] = [
  addEnsure(runProjects),
  addCheck(runProjects),
  addBump,
  addBuild,
  addPush,
  addList,
  addInspect,
  addDiff,
  addExplain,
  addExport,
  addVerify,
  addDoctor,
  addLint,
  addPin,
  addCopy,
  addPromote,
  addRun,
  addSchema,
  addRegister,
  addWith,
  addUp,
  addRegistry,
  addCatalog,
  addReport,
  addImages,
  addInit,
  addLogin,
  addLogout,
];
