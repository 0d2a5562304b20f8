import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { type EntryBatch, lineText, streamOf } from '../../../../../src/blocks/log/entry-batch.js';
import { openSyslogPort, type SyslogOptions, type SyslogPort } from '../../../../../src/blocks/log/syslog/port/port.js';
import { createSyslogSource } from '../../../../../src/blocks/log/syslog/port/source.js';
import { systemClock } from '../../../../../src/platform/clock.js';
import { makeCertificate } from '../../../../helpers/certificates.js';
import { ManualClock } from '../../../../helpers/manual-clock.js';
import { hasPackages } from '../../../../helpers/programs.js';
import { waitFor } from '../../../../helpers/wait-for.js';

const LOOPBACK = { host: '127.0.0.1', port: 0 };
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function open(options: Partial<SyslogOptions> = {}) {
  const batches: EntryBatch[] = [];
  const port = await openSyslogPort({
    transports: ['udp', 'tcp'],
    address: LOOPBACK,
    flag: '--syslog',
    clock: new ManualClock(),
    take: async (batch) => {
      batches.push(batch);
    },
    ...options,
  });
  cleanups.push(() => port.close().catch(() => {}));
  return {
    port,
    batches,
    lines: () => batches.flatMap((batch) => Array.from({ length: batch.count }, (_, i) => lineText(batch, i))),
  };
}

async function dial({ address }: SyslogPort): Promise<Socket> {
  const socket = connect(address.port, address.host);
  socket.on('error', () => {});
  cleanups.push(() => socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

test('UDP and TCP on one number: streams of host, app and facility, the rest is metadata', async () => {
  const { port, batches, lines } = await open({ labels: { env: 'test' } });
  const socket = createSocket('udp4');
  cleanups.push(() => socket.close());
  socket.send('<165>1 2003-10-11T22:14:15.003Z h app 7 ID47 [x@1 a="b"] over udp\n', port.address.port, '127.0.0.1');
  await waitFor(() => batches.length > 0);
  const sender = await dial(port);
  sender.end('<11>text alone');
  await waitFor(() => lines().length === 2);
  const [first, second] = batches;
  if (first === undefined || second === undefined) throw new Error('no batches');
  expect({ ...streamOf(first, 0) }).toEqual({ job: 'syslog', host: 'h', app: 'app', facility: 'local4', env: 'test' });
  expect({ ...first.metadata?.[0] }).toEqual({
    level: 'info',
    severity: 'notice',
    procid: '7',
    msgid: 'ID47',
    peer: '127.0.0.1',
    x_1_a: 'b',
  });
  expect(first.timestamps[0]).toBe(BigInt(Date.parse('2003-10-11T22:14:15.003Z')) * 1_000_000n);
  expect({ ...streamOf(second, 0) }).toEqual({ job: 'syslog', host: '127.0.0.1', facility: 'user', env: 'test' });
  expect(second.timestamps[0]).toBe(1_750_000_000_000_000_000n);
  expect(lines()).toEqual(['over udp', 'text alone']);
  expect(port.counts).toMatchObject({ messages: 2, dropped: 0 });
  if (process.platform === 'linux') expect(await port.kernelDrops()).toBe(0);
});

test('a sender that invents programs gets so many streams, and its lines all the same', async () => {
  const { port, batches, lines } = await open();
  const sender = await dial(port);
  sender.end(Array.from({ length: 3000 }, (_, i) => `<13>1 - h app${i} - - - ${i}\n`).join(''));
  await waitFor(() => lines().length === 3000);
  const streams = new Set(
    batches.flatMap((batch) => Array.from({ length: batch.count }, (_, i) => streamOf(batch, i))),
  );
  expect(streams.size).toBe(1001);
  const last = batches.at(-1);
  expect(last?.metadata?.[last.count - 1]).toMatchObject({ app: 'app2999', hostname: 'h' });
});

test('a taker that is slow makes TCP wait and UDP drop; nothing of TCP is lost', async () => {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const received: EntryBatch[] = [];
  const { port } = await open({
    take: async (batch) => {
      received.push(batch);
      await held;
    },
  });
  const sender = await dial(port);
  const line = `<13>${'x'.repeat(1000)}\n`;
  const count = 20_000;
  sender.end(line.repeat(count));
  await waitFor(() => port.counts.messages > 2000 && received.length > 0);
  const socket = createSocket('udp4');
  cleanups.push(() => socket.close());
  await waitFor(() => {
    socket.send('<13>dropped', port.address.port, '127.0.0.1');
    return port.counts.dropped > 0;
  });
  // A few megabytes are held here, the rest waits at the sender.
  expect(port.counts.messages).toBeLessThan(8000);
  release();
  await waitFor(() => port.counts.connections === 0, { timeoutMs: 15_000 });
  await port.close();
  expect(received.reduce((sum, batch) => sum + batch.count, 0)).toBe(port.counts.messages);
  expect(port.counts.messages).toBeGreaterThanOrEqual(count);
});

test('a port that is closed hands over half messages, what stands still, and all datagrams that have come', async () => {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const received: EntryBatch[] = [];
  const { port } = await open({
    take: async (batch) => {
      received.push(batch);
      await held;
    },
  });
  const [half, busy] = [await dial(port), await dial(port)];
  half.write('<13>half a mess');
  busy.write(`<13>${'x'.repeat(1_000)}\n`.repeat(20_000));
  await waitFor(() => port.counts.messages > 2_000 && busy.writableLength > 0);
  const before = port.counts.messages;
  const closing = port.close();
  release();
  await closing;
  expect(port.counts.messages).toBeGreaterThan(before + 1);
  expect(received.reduce((sum, batch) => sum + batch.count, 0)).toBe(port.counts.messages);

  const quiet = await open();
  const socket = createSocket('udp4');
  cleanups.push(() => socket.close());
  const sent = Array.from(
    { length: 200 },
    (_, i) => new Promise((resolve) => socket.send(`<13>${i}`, quiet.port.address.port, '127.0.0.1', resolve)),
  );
  await Promise.all(sent);
  await quiet.port.close();
  expect(quiet.lines().length).toBe(200);
});

test('bounds: a frame of 10^12 bytes, half a message for too long, silence for too long, an endless line', async () => {
  const { port, lines } = await open({ idleMs: 150, halfMessageMs: 50 });
  const closed = (socket: Socket) => new Promise<void>((resolve) => socket.resume().once('close', () => resolve()));
  const greedy = await dial(port);
  greedy.write('<13>before\n1000000000000 x');
  await closed(greedy);
  expect(port.counts.badFrames).toBe(1);
  const half = await dial(port);
  half.write('<13>half a mess');
  await closed(half);
  const silent = await dial(port);
  await closed(silent);
  expect(port.counts.idle).toBe(2);
  const endless = await dial(port);
  endless.end(`<13>${'x'.repeat(1_000_000)}\n<13>after\n`);
  await waitFor(() => lines().includes('after'));
  expect(port.counts.cut).toBe(1);
  expect(lines().map((line) => line.slice(0, 20))).toEqual(['before', 'half a mess', 'x'.repeat(20), 'after']);
});

test('half messages of many connections are bounded together', async () => {
  const { port } = await open();
  const half = Buffer.from(`270000 ${'x'.repeat(269_000)}`);
  const senders = await Promise.all(Array.from({ length: 130 }, () => dial(port)));
  for (const sender of senders) sender.write(half);
  await waitFor(() => port.counts.refused > 0, { timeoutMs: 15_000 });
  // 32 MiB are so many of them; who waits for more is sent away, the others stay.
  await waitFor(() => port.counts.connections === 130 - port.counts.refused);
  expect(port.counts.connections).toBeGreaterThan(100);
});

test('a taker that fails ends the port, and says so', async () => {
  const { port } = await open({
    take: async () => {
      throw new Error('disk full');
    },
  });
  const sender = await dial(port);
  sender.end('<13>x\n');
  await expect(port.failed).rejects.toThrow('disk full');
  await expect(port.close()).rejects.toThrow('disk full');
});

test('a port that is taken is told', async () => {
  const { port } = await open();
  await expect(open({ address: port.address })).rejects.toMatchObject({ code: 'listen.address_in_use' });
});

describe.skipIf(!hasPackages('openssl'))('TLS', () => {
  test('takes octet counted messages; a half-open handshake does not hold the end up', async () => {
    const files = makeCertificate();
    const tls = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
    const { port, lines } = await open({ transports: ['tls'], tls });
    await dial(port);
    const sender = connectTls({ port: port.address.port, host: '127.0.0.1', ca: tls.cert, servername: 'localhost' });
    cleanups.push(() => sender.destroy());
    await new Promise((resolve) => sender.once('secureConnect', resolve));
    sender.end('8 <13>a\nbc11 <13>é next\n');
    await waitFor(() => lines().length === 2);
    expect(lines()).toEqual(['a\nbc', 'é next']);
    await port.close();
  });
});

describe('as a source of the agent', () => {
  const options = { insecure: false, clock: systemClock };

  test('runs until the signal, hands over what it received, and tells what it did not', async () => {
    const told: string[] = [];
    const source = createSyslogSource({
      ...options,
      url: 'syslog+tcp://127.0.0.1:0',
      onLoss: (losses) => told.push(losses),
    });
    const stop = new AbortController();
    const chunks: number[] = [];
    const running = source.run(async ({ lines }) => {
      chunks.push(lines);
    }, stop.signal);
    const port = await waitFor(() => source.port);
    (await dial(port)).end('<13>a\n<13>b\n');
    (await dial(port)).end('1000000000000 <13>c');
    await waitFor(() => port.counts.messages === 2 && port.counts.badFrames === 1);
    stop.abort();
    await running;
    expect(chunks.reduce((sum, lines) => sum + lines, 0)).toBe(2);
    expect(told).toEqual(['1 connections closed, which announced a frame that is too long']);
  });

  test('what is dropped while it closes is told, too', async () => {
    const told: string[] = [];
    const source = createSyslogSource({
      ...options,
      url: 'syslog+udp://127.0.0.1:0',
      onLoss: (losses) => told.push(losses),
    });
    const stop = new AbortController();
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let running = true;
    const ended = source
      .run(() => held, stop.signal)
      .finally(() => {
        running = false;
      });
    const { counts, address } = await waitFor(() => source.port);
    const socket = createSocket('udp4');
    cleanups.push(() => socket.close());
    const datagram = Buffer.alloc(60_000, 'x');
    await waitFor(() => {
      socket.send(datagram, address.port, address.host);
      return counts.dropped > 0;
    });
    const before = counts.dropped;
    stop.abort();
    for (let turn = 0; running; turn++) {
      socket.send('x', address.port, address.host);
      if (turn === 200) release();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await ended;
    expect(counts.dropped).toBeGreaterThan(before);
    expect(told.at(-1)).toMatch(new RegExp(`^${counts.dropped} datagrams dropped`));
  });

  test.each([
    ['syslog+quic://127.0.0.1', 'log.bad_source'],
    ['syslog+udp://user:pw@127.0.0.1', 'log.bad_source'],
    ['syslog+tls://127.0.0.1', 'log.bad_source'],
    ['syslog+udp://127.0.0.1:99999', 'listen.bad_address'],
    ['syslog+udp://0.0.0.0', 'listen.not_loopback'],
  ])('%s is refused', (url, code) => {
    expect(() => createSyslogSource({ ...options, url })).toThrow(expect.objectContaining({ code }));
  });

  test('the usual port', () => {
    expect(createSyslogSource({ ...options, url: 'syslog+udp://[::1]' }).name).toBe('syslog udp [::1]:5514');
  });
});
