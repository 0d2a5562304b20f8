import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { Agent } from '../../../../src/blocks/log/agent/agent.js';
import type { AgentEvent } from '../../../../src/blocks/log/agent/events.js';
import { readPlan } from '../../../../src/blocks/log/agent/raw-plan.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { ClosedPipe } from '../../../../src/platform/closed-pipe.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { type TestStore, testStore } from './fixtures.js';

const CHUNK = 64;

/** Stdin that never ends; `lines`: how many the agent has got of it. */
function endless() {
  const read = { lines: 0 };
  const input = new Readable({
    read() {
      setImmediate(() => {
        if (this.destroyed) return;
        const lines = Array.from({ length: CHUNK }, (_, i) => `line ${read.lines + i} ${'x'.repeat(1_000)}\n`);
        read.lines += CHUNK;
        this.push(lines.join(''));
      });
    },
  });
  return { input, read };
}

const bufferedIn = ({ sql }: TestStore) =>
  sql.statement<[], { entries: number }>('SELECT sum(entries) AS entries FROM buffers').get()?.entries;

async function startAgent(
  sink: string,
  store: TestStore,
  stdin: Readable,
  clock = systemClock,
  writeOut: (bytes: Uint8Array) => Promise<void> = async () => {},
) {
  const events: AgentEvent[] = [];
  const plan = readPlan({ sources: ['-'], to: [sink], buffer: '4kB', linger: '0s' });
  const agent = await Agent.start([plan], store, {
    clock,
    random: systemRandom,
    env: {},
    stdin,
    writeOut,
    tell: (event) => events.push(event),
  });
  return { agent, events };
}

const lostOf = (events: readonly AgentEvent[]) =>
  events.filter((event) => event.kind === 'lost').map(({ entries }) => entries);

test('a stop while the buffer is full and the sink is dead: all that was read of stdin is in the buffer', async () => {
  const store = testStore();
  const { input, read } = endless();
  const { agent, events } = await startAgent('http://127.0.0.1:1/nobody', store, input);
  // As much as memory may hold: nothing is read any more.
  let before = 0;
  await waitFor(() => {
    const stands = read.lines > 8_000 && read.lines === before;
    before = read.lines;
    return stands;
  });
  agent.stop();
  const end = await agent.done;
  expect(bufferedIn(store)).toBe(read.lines);
  expect([...end.waiting.values()]).toEqual([read.lines]);
  expect(lostOf(events)).toEqual([]);
});

test('a stop while the disk is full: it is tried for some seconds more, and what is lost then is told', async () => {
  const store = testStore({ maxPages: 120 });
  const clock = new ManualClock();
  const { input, read } = endless();
  const { agent, events } = await startAgent('store', store, input, clock);
  await waitFor(() => events.length > 0 && clock.sleeping > 0);
  agent.stop();
  await waitFor(() => input.destroyed && clock.sleeping === 2);
  for (let second = 1; second < 8; second++) {
    clock.advance(1_000);
    await waitFor(() => clock.sleeping === 2);
  }
  expect(lostOf(events)).toEqual([]);
  clock.advance(1_000);
  await expect(agent.done).rejects.toMatchObject({ code: 'storage.full' });
  expect(store.lines().length).toBeLessThan(read.lines);
  expect(lostOf(events)).toEqual([read.lines - store.lines().length]);
});

test('when the reader of stdout has gone, the agent ends, and what was read of stdin is nothing that another run would print', async () => {
  const store = testStore();
  const gone = new ClosedPipe();
  const writeOut = () => Promise.reject(gone);
  const { agent, events } = await startAgent('-', store, endless().input, systemClock, writeOut);
  await expect(agent.done).rejects.toBe(gone);
  expect(events).toEqual([]);
  expect(bufferedIn(store)).toBe(null);
});
