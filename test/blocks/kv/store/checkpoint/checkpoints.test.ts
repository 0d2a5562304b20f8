import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { CheckpointThread } from '../../../../../src/blocks/kv/store/checkpoint/checkpoint-thread.js';
import { Checkpoints } from '../../../../../src/blocks/kv/store/checkpoint/checkpoints.js';
import { systemClock } from '../../../../../src/platform/clock.js';
import { openStore } from '../../../../../src/platform/store/store.js';
import { temporaryFolder } from '../../../../helpers/temporary-folder.js';
import { waitFor } from '../../../../helpers/wait-for.js';
import { ADD, notes } from '../../../../platform/store/definition.js';

/** A megabyte that is like no other. */
const megabyte = (i: number) => `${i} `.repeat(1_000_000 / `${i} `.length);

function openNotes(path = join(temporaryFolder(), 'a.db')) {
  const store = openStore(notes, { path, sync: 'normal', checkpointPages: 1_000_000 });
  onTestFinished(() => store.close());
  return store;
}

type Notes = ReturnType<typeof openNotes>;

const add = (store: Notes, text: string) => store.write(() => store.statement<[string]>(ADD).run(text));

function checkpointsOf(store: Notes): Checkpoints {
  const checkpoints = new Checkpoints(store, { clock: systemClock, logger: pino({ level: 'silent' }) });
  onTestFinished(() => checkpoints.close());
  return checkpoints;
}

test('a log that has grown is copied beside the event loop, and begins anew', async () => {
  const store = openNotes();
  const checkpoints = checkpointsOf(store);
  for (let i = 0; i < 10; i++) add(store, megabyte(i));
  checkpoints.look(false);
  expect(store.logPages().checkpointed).toBe(0);
  for (let i = 10; i < 20; i++) add(store, megabyte(i));
  const grown = store.logPages().log;
  expect(grown).toBeGreaterThan(4_096);
  checkpoints.look(false);
  add(store, 'written meanwhile');
  await waitFor(() => {
    checkpoints.look(false);
    const { log, checkpointed } = store.logPages();
    return log > grown && log === checkpointed;
  });
  add(store, 'the next');
  expect(store.logPages().log).toBeLessThan(10);
});

test('what somebody still reads is left, and copied when he has read it', async () => {
  const store = openNotes();
  const checkpoints = checkpointsOf(store);
  add(store, 'first');
  const reader = openNotes(store.path);
  reader.begin('read');
  reader.statement('SELECT count(*) FROM note').get();
  for (let i = 0; i < 20; i++) add(store, megabyte(i));
  checkpoints.look(false);
  await waitFor(() => store.logPages().checkpointed > 0);
  expect(store.logPages().checkpointed).toBeLessThan(100);
  reader.rollback();
  await waitFor(() => {
    checkpoints.look(false);
    const { log, checkpointed } = store.logPages();
    return log === checkpointed;
  });
});

test('a checkpoint that cannot be made is told, and the next one is tried anew', async () => {
  const outcomes: unknown[] = [];
  const thread = new CheckpointThread(join(temporaryFolder(), 'absent.db'), (error) => outcomes.push(error));
  for (let round = 1; round <= 2; round++) {
    thread.run();
    expect(thread.running).toBe(true);
    await waitFor(() => outcomes.length === round);
    expect(thread.running).toBe(false);
  }
  expect(outcomes[0]).toMatchObject({ message: expect.stringContaining('absent.db') });
  await thread.close();
});
