import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { AgentEvent } from '../../../../src/blocks/log/agent/events.js';
import { lineFramer } from '../../../../src/blocks/log/agent/framing/lines.js';
import { CommandSource } from '../../../../src/blocks/log/agent/live/command.js';
import { LiveInlet, takeForAll } from '../../../../src/blocks/log/agent/live/fan-out.js';
import { stdinSource } from '../../../../src/blocks/log/agent/live/stdin.js';
import type { Pipeline } from '../../../../src/blocks/log/agent/pipeline/pipeline.js';
import type { SourceChunk, TakeChunk } from '../../../../src/blocks/log/agent/source.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { linesOf, liveChunk } from './fixtures.js';

interface Taken {
  readonly lines: string[];
  readonly chunks: SourceChunk[];
  readonly take: TakeChunk;
}

function taken(): Taken {
  const lines: string[] = [];
  const chunks: SourceChunk[] = [];
  const take = async (chunk: SourceChunk) => {
    chunks.push(chunk);
    lines.push(...linesOf(chunk.entries));
  };
  return { lines, chunks, take };
}

test('stdin: the beginning of a line waits five seconds for its end, and what comes later is marked', async () => {
  const clock = new ManualClock();
  const input = new PassThrough();
  const { lines, chunks, take } = taken();
  const running = stdinSource(input, lineFramer, clock).run(take, new AbortController().signal);
  input.write('one\nhalf');
  await waitFor(() => lines.length === 1 && clock.sleeping === 1);
  clock.advance(4_999);
  expect(lines).toEqual(['one']);
  clock.advance(1);
  await waitFor(() => lines.length === 2);
  input.write(' a line\r\n');
  await waitFor(() => lines.length === 3);
  input.end('no end');
  await running;
  expect(lines).toEqual(['one', 'half', ' a line', 'no end']);
  expect(chunks[2]?.entries.metadata?.[0]).toMatchObject({ continued: 'true' });
  expect(chunks.map(({ lines: count }) => count)).toEqual([1, 1, 0, 1]);
});

test('stdin ends at the signal, with what had come', async () => {
  const stop = new AbortController();
  const input = new PassThrough();
  const { lines, take } = taken();
  const running = stdinSource(input, lineFramer, systemClock).run(take, stop.signal);
  input.write('one\nhalf');
  await waitFor(() => lines.length === 1);
  stop.abort();
  await running;
  expect(lines).toEqual(['one', 'half']);
});

function command(script: string, events: AgentEvent[], restart = false, random = systemRandom): CommandSource {
  const tell = (event: AgentEvent) => events.push(event);
  return new CommandSource({
    program: 'sh',
    args: ['-c', script],
    restart,
    framer: lineFramer,
    clock: systemClock,
    random,
    tell,
  });
}

test('a command: both of its streams, its end, and SIGTERM at the signal', async () => {
  const events: AgentEvent[] = [];
  const { lines, chunks, take } = taken();
  const source = command('echo out; echo err >&2; exit 7', events);
  await source.run(take, new AbortController().signal);
  expect(lines.sort()).toEqual(['err', 'out']);
  expect(chunks.map(({ entries }) => entries.streams[0]?.['stream']).sort()).toEqual(['stderr', 'stdout']);
  expect(source.end).toEqual({ code: 7, signal: null });

  const stop = new AbortController();
  const endless = command('echo ready; exec sleep 1000', events);
  const running = endless.run(take, stop.signal);
  await waitFor(() => lines.includes('ready'));
  stop.abort();
  await running;
  expect(endless.end).toEqual({ code: null, signal: 'SIGTERM' });
  const absent = new CommandSource({
    program: '/nowhere/x',
    args: [],
    restart: false,
    framer: lineFramer,
    clock: systemClock,
    random: systemRandom,
    tell: () => {},
  });
  await expect(absent.run(take, new AbortController().signal)).rejects.toThrow(
    '/nowhere/x cannot be run: there is no such program',
  );
});

test('a command that is to be restarted begins again, later each time', async () => {
  const events: AgentEvent[] = [];
  const stop = new AbortController();
  const { lines, take } = taken();
  const none = { bytes: (length: number) => new Uint8Array(length) };
  const running = command('echo life', events, true, none).run(take, stop.signal);
  await waitFor(() => lines.length === 2);
  stop.abort();
  await running;
  expect(events.slice(0, 2)).toEqual([
    { kind: 'detail', of: 'sh', message: 'ended with exit code 0' },
    { kind: 'note', of: 'sh', message: 'starts again in 250ms' },
  ]);
});

test('what Node has read is taken at the signal, and when the stream fails', async () => {
  const { lines, take } = taken();
  let open = () => {};
  const door = new Promise<void>((resolve) => {
    open = resolve;
  });
  const stop = new AbortController();
  const input = new PassThrough();
  const waiting = async (chunk: SourceChunk) => door.then(() => take(chunk));
  const running = stdinSource(input, lineFramer, systemClock).run(waiting, stop.signal);
  input.write('one\n');
  await waitFor(() => input.readableLength === 0);
  input.write('two\nthree');
  stop.abort();
  open();
  await running;
  expect(lines.splice(0)).toEqual(['one', 'two', 'three']);

  const broken = new PassThrough();
  const failing = stdinSource(broken, lineFramer, systemClock).run(take, new AbortController().signal);
  broken.write('four\nfi');
  await waitFor(() => lines.length === 1);
  broken.write('ve\nsix');
  broken.destroy(new Error('read EIO'));
  await expect(failing).rejects.toThrow('read EIO');
  expect(lines).toEqual(['four', 'five', 'six']);
});

test('what is live goes to every pipeline, and waits for each that waits, but for none that has failed', async () => {
  let open = () => {};
  const door = new Promise<void>((resolve) => {
    open = resolve;
  });
  const got: string[] = [];
  const pipeline = (name: string, take: () => Promise<void>) => ({
    name,
    take: () => take().then(() => void got.push(name)),
  });
  const full: Pick<Pipeline, 'take'> = {
    take: (_chunk, signal) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  };
  const inlets = [pipeline('slow', () => door), pipeline('quick', async () => {}), full].map(
    (one) => new LiveInlet(one),
  );
  const take = takeForAll(inlets);
  const done = take(liveChunk(['x']));
  await waitFor(() => got.length === 1);
  expect(got).toEqual(['quick']);
  open();
  inlets[2]?.fail(new Error('no disk'));
  await done;
  await take(liveChunk(['y', 'z']));
  expect(got.length).toBe(4);
  expect(inlets.map(({ missed }) => missed)).toEqual([0, 0, 3]);
});
