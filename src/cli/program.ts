import type { Command } from 'commander';
import { type AddCommand, createCommandTree, runCommandLine } from './command-line.js';
import { addBuild } from './commands/build.js';
import { addCatalog } from './commands/catalog.js';
import { addCheck } from './commands/check.js';
import { addCopy } from './commands/copy.js';
import { addDiff } from './commands/diff.js';
import { addDoctor } from './commands/doctor.js';
import { addEnsure } from './commands/ensure.js';
import { addExplain } from './commands/explain.js';
import { addExport } from './commands/export.js';
import { addImages } from './commands/images.js';
import { addInit } from './commands/init.js';
import { addInspect } from './commands/inspect.js';
import { addLint } from './commands/lint.js';
import { addList } from './commands/list.js';
import { addLogin } from './commands/login.js';
import { addLogout } from './commands/logout.js';
import { addPin } from './commands/pin.js';
import { addPromote } from './commands/promote.js';
import { addPush } from './commands/push.js';
import { addRegister } from './commands/register.js';
import { addRegistry } from './commands/registry.js';
import { addReport } from './commands/report.js';
import { addRun } from './commands/run.js';
import { addSchema } from './commands/schema.js';
import { addUp } from './commands/up.js';
import { addVerify } from './commands/verify.js';
import { addWith } from './commands/with.js';
import type { Context } from './context.js';
import type { RunProjects } from './run-projects.js';
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
  (await import('./run-projects.js')).runProjects(session, request);

const commands: readonly AddCommand[] = [
  addEnsure(runProjects),
  addCheck(runProjects),
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
