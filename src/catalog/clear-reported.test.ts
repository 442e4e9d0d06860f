import { expect, test } from 'vitest';
import { catalogEntry } from '../../test/support/catalog-entry.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { toAuditEvent } from './audit-event.js';
import { openSpool } from './audit-spool.js';
import { clearReported } from './clear-reported.js';
import { openJournal } from './journal.js';

test('intents that a killed run told of are ended, also where the telling arrived; others stay', async () => {
  await using state = tempDir();
  const place = 'http://catalog.test';
  const journal = openJournal(state.path);
  const spool = await openSpool(state.path, 'bundles-killed-run');
  const entries = ['sent', 'waiting', 'untold'].map((name) => catalogEntry(name));
  for (const entry of entries) await journal.begin({ place, entry });
  for (const { name, version } of entries.slice(0, 2)) {
    const note = {
      ...({ type: 'workflow.registered', outcome: 'success', severity: 'info' } as const),
      resource: { type: 'Workflow', id: name },
      data: { catalog: place, workflow: name, workflow_version: version },
    } as const;
    const origin = { eventId: name, correlationId: 'bundles-killed-run', at: 1_700_000_000_000 };
    await spool.append(toAuditEvent(note, origin));
  }
  await spool.confirm(['sent']);
  await clearReported(await openSpool(state.path, 'bundles-killed-run'), journal);
  expect((await journal.list(place)).map(({ entry }) => entry.name)).toEqual(['untold']);
});
