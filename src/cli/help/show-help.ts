import type { AnyCommand } from '../command.js';
import type { Context } from '../context.js';
import { findCommand } from '../find-command.js';
import { commandsBelow, unknownCommand } from '../unknown-command.js';
import { commandPage } from './command-page.js';
import { helpWidth, type Page } from './lay-out.js';
import { familyPage, overviewPage } from './overview-page.js';
import { topics } from './topics.js';

export interface HelpOptions {
  readonly context: Pick<Context, 'started'> & { readonly stdout: { readonly columns: number } };
  readonly commands: readonly AnyCommand[];
}

export interface HelpRequest {
  /** The words that help is wanted for; none for the overview. */
  readonly subject: readonly string[];
  /** With the options of connections. */
  readonly all: boolean;
}

/** The page about a command, or about all of them. @throws USAGE */
export function showHelp({ subject, all }: HelpRequest, { context, commands }: HelpOptions): string {
  const page: Page = { program: context.started.program, width: helpWidth(context.stdout) };
  const [first] = subject;
  if (first === undefined) return overviewPage({ commands, topics }, page);
  const below = commandsBelow(first, commands);
  if (below.length > 0 && subject.length === 1) return familyPage(first, below, page);
  const topic = topics.find(({ name }) => name === first);
  if (topic !== undefined) return topic.page(page, commands);
  const found = findCommand(subject, commands);
  if (found === undefined)
    throw unknownCommand(subject, commands, { others: topics.map(({ name }) => name) });
  return commandPage(found.command, { ...page, all });
}
