import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { KeptMemory } from '../../../../src/blocks/kv/server/kept-memory.js';
import { Session, type SessionClient, Sessions } from '../../../../src/blocks/kv/server/session.js';
import { Waiters } from '../../../../src/blocks/kv/server/waiters.js';
import { Keyspace } from '../../../../src/blocks/kv/store/keyspace.js';
import type { ClientState } from '../../../../src/platform/protocol/resp/client-state.js';
import { CommandTable } from '../../../../src/platform/protocol/resp/command.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

const MEGABYTE = 1024 * 1024;

const table = new CommandTable<ClientState>([
  { name: 'set', arity: -1, flags: ['write'], summary: 'For tests.', handle: () => null },
]);

function hostOf() {
  const folder = mkdtempSync(join(tmpdir(), 'kv-'));
  const clock = new ManualClock();
  const keyspace = new Keyspace({ path: join(folder, 'kv.db'), clock });
  onTestFinished(() => {
    keyspace.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const cursors = { give: () => 1n, place: () => undefined };
  const kept = new KeptMemory();
  return { keyspace, waiters: new Waiters(keyspace, clock, kept), cursors, kept, random: () => 0 };
}

function makeSession(host = hostOf()) {
  const resets: (() => void)[] = [];
  const leaves: (() => void)[] = [];
  const client: SessionClient = {
    protocol: 2,
    database: 0,
    inTransaction: false,
    onReset: (callback) => void resets.push(callback),
    onLeft: (callback) => void leaves.push(callback),
  };
  const reset = () => {
    for (const callback of resets) callback();
  };
  const leave = () => {
    for (const callback of leaves) callback();
  };
  return { client, host, session: new Session(client, host), reset, leave };
}

function setEntry() {
  const entry = table.find('set');
  if (entry === undefined) throw new TypeError('no SET');
  return entry;
}

test('queued arguments are copies: the chunk that they came in is let go', () => {
  const { session } = makeSession();
  const chunk = Buffer.from('abcdef');
  session.begin();
  expect(session.enqueue(setEntry(), [chunk.subarray(0, 3)])).toBe(true);
  chunk.fill('x');
  expect(session.queued[0]?.args[0]?.toString()).toBe('abc');
});

test('a transaction is bounded, and so is what is watched', () => {
  const { session, host } = makeSession();
  const large = Buffer.alloc(8 * MEGABYTE);
  session.begin();
  for (let i = 0; i < 7; i++) expect(session.enqueue(setEntry(), [large])).toBe(true);
  expect(session.enqueue(setEntry(), [large])).toBe(false);
  session.end();
  const key = (index: number) => `${index}`.padEnd(8 * MEGABYTE);
  host.keyspace.turn('read', () => {
    expect(session.watch([0, 1, 2, 3, 4, 5, 6, 6, 6].map(key))).toBe(true);
    expect(session.watch([key(7)])).toBe(false);
    session.unwatch();
    expect(session.watch([key(7)])).toBe(true);
  });
});

test('a connection has one session; RESET ends its transaction', () => {
  const { client, host, session, reset } = makeSession();
  const sessions = new Sessions(host);
  expect(sessions.of(client)).toBe(sessions.of(client));
  session.begin();
  expect(client.inTransaction).toBe(true);
  reset();
  expect(session.gathering).toBe(false);
  expect(client.inTransaction).toBe(false);
});

test('what all connections keep together is bounded, and given back when one leaves', () => {
  const host = hostOf();
  const text = 'x'.repeat(8 * MEGABYTE);
  const sessions = Array.from({ length: 10 }, () => makeSession(host));
  const queued = sessions.map(({ session }) => {
    session.begin();
    return Array.from({ length: 7 }, () => session.enqueue(setEntry(), [text])).filter(Boolean).length;
  });
  expect(queued).toEqual([...Array(9).fill(7), 0]);
  expect(host.kept.bytes).toBeGreaterThan(500 * MEGABYTE);
  const wait = () =>
    host.waiters.add({ database: 0, keys: [text], timeoutMs: 0, attempt: () => undefined, whenOver: null });
  expect(wait).toThrow('clients wait for too many keys');
  sessions[0]?.leave();
  wait().leave();
  for (const { leave } of sessions) leave();
  expect(host.kept.bytes).toBe(0);
});
