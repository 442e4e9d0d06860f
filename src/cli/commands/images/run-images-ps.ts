import { readHostLimit } from '../../../engine/slots/host-limit.js';
import { listSlots, type SlotEntry } from '../../../engine/slots/list-slots.js';
import { type EngineOptions, openSlots } from '../../../images/open-engine.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count, formatDuration } from '../../output/amounts.js';
import { formatTable } from '../../output/table.js';
import { createScreen } from '../../output/terminal.js';
import type { Text } from '../../output/wrap.js';
import type { Session } from '../../session.js';

export type ImagesPsOptions = CommonOptions & Pick<EngineOptions, 'slotsDir'>;

/** Shows who builds images on this machine, and who waits. */
export async function runImagesPs({ context }: Session, options: ImagesPsOptions): Promise<void> {
  const { clock, stdout } = context;
  const { directory } = await openSlots(context, options);
  const limit = (await readHostLimit(directory)) ?? null;
  const builds = await listSlots(directory, clock);
  if (options.output === 'json') {
    const dated = builds.map((entry) => ({ ...entry, since: new Date(entry.since).toISOString() }));
    stdout.json({ version: 1, slots: { directory, limit }, builds: dated, error: null });
    return;
  }
  const screen = createScreen(context, 'stdout', options);
  const head: Text[] = ['STATE', 'PLACE', 'SINCE', 'PROCESS', 'ENGINE', 'IMAGE', 'PROJECT'].map(
    (word): Text => [['dim', word]],
  );
  const rows = builds.map((entry) => rowOf(entry, clock.now()));
  if (rows.length > 0) stdout.lines(formatTable([head, ...rows], screen));
  const waiting = builds.filter(({ state }) => state === 'waiting').length;
  const most = limit === null ? '' : `; at most ${limit} at once by ${directory}/limit`;
  stdout.line(`${count(builds.length - waiting, 'build slot')} taken, ${waiting} waiting${most}`);
}

function rowOf(entry: SlotEntry, now: number): Text[] {
  const { state, place, since, pid, stopped, engine, service, image, project } = entry;
  return [
    stopped ? `${state}, stopped` : state,
    place === null ? '-' : String(place),
    formatDuration(Math.max(0, now - since)),
    String(pid),
    engine === null ? '-' : service ? `${engine} service` : engine,
    image ?? '-',
    project ?? '-',
  ];
}
