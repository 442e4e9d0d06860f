import { cutText } from '../../../bytes/text-width.js';
import type { LeftReason } from '../../../release/references/find-references.js';
import type { Proposal } from '../../../release/references/propose-updates.js';
import type { UpdatedFile, UpdatedFiles } from '../../../release/references/update-files.js';
import { count } from '../../output/amounts.js';
import type { Screen, Style } from '../../output/screen.js';

import { type Text, wrap } from '../../output/wrap.js';

/** What is done with the updates. */
export type UpdateMode = 'show' | 'write' | 'check' | 'pull-request';

export interface ShownUpdates extends UpdatedFiles {
  readonly mode: UpdateMode;
  readonly pullRequest: Proposal | null;
}

export function updatesDocument({ mode, pullRequest, files, left, skipped }: ShownUpdates): object {
  return {
    version: 1,
    mode,
    files: files.map(({ relativePath: path, references }) => ({ path, references })),
    left,
    skipped,
    pullRequest,
    summary: { files: files.length, references: referencesIn(files), left: left.length },
    error: null,
  };
}

/** The changes as a unified diff, then what stays and why. */
export async function showUpdates(updates: ShownUpdates, screen: Screen): Promise<string[]> {
  const { mode, pullRequest, files, left, skipped } = updates;
  const { createTwoFilesPatch } = await import('diff');
  const diffs =
    mode === 'write' || pullRequest ? [] : files.flatMap((file) => diffOf(file, createTwoFilesPatch, screen));
  const written =
    mode === 'write'
      ? files.map(
          ({ relativePath, references }): Text => `${relativePath}: ${count(references.length, 'reference')}`,
        )
      : [];
  const stays = left.map(
    ({ path, line, column, reference, reason }): Text => [
      ['yellow', 'left'],
      ` ${path}:${line}:${column} ${reference} (${reasons[reason]})`,
    ],
  );
  const lines = [
    ...written,
    ...stays,
    ...skippedTexts(skipped),
    pullRequest ? proposalText(pullRequest) : ([['bold', summaryOf(updates)]] satisfies Text),
  ];
  return [
    ...diffs,
    ...lines.flatMap((text) => wrap(text, { indent: 2, first: { text: '', width: 0 } }, screen)),
  ];
}

const reasons: Readonly<Record<LeftReason, string>> = {
  unpinned: 'another tag without a digest; --pin brings it to the lock',
  ambiguous: 'several bundles have this repository, none of them this tag',
  'not-plain': 'shared by an anchor, or not plain text on one line',
};

function proposalText({ action, reason, number, url, base, branch, files }: Proposal): Text {
  if (action === 'none') return [['bold', `every reference on ${base} matches the lock`]];
  const pull = number === null ? `the branch ${branch}` : `pull request #${number}`;
  const why = {
    commits: `left ${pull} alone: somebody else committed to ${branch}`,
    closed: `left ${pull} closed: somebody closed it, and nothing has changed since`,
  };
  if (action === 'left') return [['yellow', why[reason ?? 'commits']], ` ${url ?? ''}`];
  return [
    ['bold', `${action} ${pull}: ${count(files.length, 'file')}, ${branch} to ${base}`],
    ` ${url ?? ''}`,
  ];
}

function summaryOf({ mode, files }: ShownUpdates): string {
  if (files.length === 0) return 'every reference matches the lock';
  const where = `${count(referencesIn(files), 'reference')} in ${count(files.length, 'file')}`;
  if (mode === 'write') return `updated ${where}`;
  return `${where} out of date${mode === 'show' ? '; --write edits them' : ''}`;
}

function referencesIn(files: readonly UpdatedFile[]): number {
  return files.reduce((sum, { references }) => sum + references.length, 0);
}

function skippedTexts({ large }: ShownUpdates['skipped']): Text[] {
  return large === 0 ? [] : [[['dim', `skipped ${count(large, 'file')} over 1 MiB`]]];
}

type Unify = (from: string, to: string, one: string, other: string) => string;

function diffOf({ relativePath, before, after }: UpdatedFile, unify: Unify, screen: Screen): string[] {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).replaceAll('\r\n', '\n');
  const lines = unify(`a/${relativePath}`, `b/${relativePath}`, text(before), text(after)).split('\n');
  const shown = lines.filter((line) => line !== '' && !/^=+$/.test(line));
  return [
    ...shown.map((line) => {
      const style = styleOf(line);
      const cut = cutText(screen.clean(line), screen.width);
      return style ? screen.paint(style, cut) : cut;
    }),
    '',
  ];
}

function styleOf(line: string): Style | undefined {
  if (/^(?:---|\+\+\+) /.test(line)) return 'bold';
  if (line.startsWith('@@')) return 'cyan';
  if (line.startsWith('+')) return 'green';
  return line.startsWith('-') ? 'red' : undefined;
}
