/** Two daemons and commands on one file at once, over HTTP: one winner, nothing lost, and what runs short is told and comes back. */
import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openBlobStore } from '../../src/blocks/blob/store.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { auditBlobFile } from '../helpers/blob-audit.js';
import { type BlobAnswer, type BlobClient, blobClient, completeDocument, elements } from '../helpers/blob-client.js';
import { sample } from '../helpers/blob-samples.js';
import { hasPackages } from '../helpers/programs.js';
import { runDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const SERVE = ['blob', 'serve', '--anonymous', '--listen', '127.0.0.1:0', '--admin', 'off'];
const GC_AT_ONCE = ['--gc-interval', '20ms', '--gc-grace', '0'];

/** With a bucket `race`. */
async function startOn(database: string, flags: readonly string[] = []) {
  const daemon = await startDs([...SERVE, '--db', database, ...flags], { home: join(dirname(database), 'home') });
  const url = daemon.ready.endpoints['s3'] ?? '';
  const ask = blobClient(url);
  if ((await ask('HEAD', '/race')).status === 404) await ask('PUT', '/race');
  return { ask, pid: daemon.ready.pid, port: Number(new URL(url).port) };
}

const newDatabase = () => join(temporaryFolder(), 'blob.db');

/** Beside the daemons, as commands have it. */
function openBeside(database: string) {
  const store = openBlobStore({ path: database, clock: systemClock, random: systemRandom, oneShot: true });
  onTestFinished(() => store.close());
  return store;
}

const statuses = (answers: readonly BlobAnswer[]) => answers.map(({ status }) => status).sort();

async function beginUpload(ask: BlobClient, key: string, body: Uint8Array) {
  const [id = ''] = elements(await ask('POST', `/race/${key}?uploads`), 'UploadId');
  const part = await ask('PUT', `/race/${key}?partNumber=1&uploadId=${id}`, { body });
  const document = completeDocument(new Map([[1, part.headers.etag ?? '']]));
  return { target: `/race/${key}?uploadId=${id}`, part: `/race/${key}?partNumber=1&uploadId=${id}`, document };
}

test('two daemons on one file: of writes with conditions one wins, an upload has one end, a small object is never half replaced', async () => {
  const database = newDatabase();
  const [{ ask: one }, { ask: other }] = [await startOn(database), await startOn(database)];
  const pick = (index: number) => (index % 2 === 0 ? one : other);

  for (const [key, body] of [
    ['small', sample(500)],
    ['large', sample(300_000)],
  ] as const) {
    const headers = { 'if-none-match': '*' };
    const puts = Array.from({ length: 8 }, (_, index) =>
      pick(index)('PUT', `/race/${key}`, { body: Buffer.concat([body, Buffer.from(`${index}`)]), headers }),
    );
    const answers = await Promise.all(puts);
    expect(statuses(answers)).toEqual([200, ...Array.from({ length: 7 }, () => 412)]);
    const winner = answers.findIndex(({ status }) => status === 200);
    const won = Buffer.concat([body, Buffer.from(`${winner}`)]);
    expect((await other('GET', `/race/${key}`)).body.equals(won)).toBe(true);
  }

  await one('PUT', '/race/counter', { body: '0' });
  const increment = async (ask: BlobClient): Promise<void> => {
    const { body, headers } = await ask('GET', '/race/counter');
    const put = await ask('PUT', '/race/counter', {
      body: `${Number(body) + 1}`,
      headers: { 'if-match': headers.etag ?? '' },
    });
    if (put.status !== 200) {
      expect(put.status).toBe(412);
      await increment(ask);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, index) => increment(pick(index))));
  expect((await one('GET', '/race/counter')).body.toString()).toBe('8');

  for (let round = 0; round < 3; round++) {
    const key = `upload-${round}`;
    const body = sample(100_000, key);
    const { target, part, document } = await beginUpload(one, key, body);
    const [completed, again, aborted, replaced] = await Promise.all([
      pick(round)('POST', target, { body: document }),
      pick(round + 1)('POST', target, { body: document }),
      pick(round + 1)('DELETE', target),
      pick(round)('PUT', part, { body }),
    ]);
    expect([200, 404]).toContain(completed.status);
    expect([200, 404]).toContain(replaced.status);
    const stored = await other('GET', `/race/${key}`);
    // Complete is answered again as long as its object is there; whoever comes after an abort finds nothing.
    expect([completed.status, again.status, aborted.status, stored.status]).toEqual(
      aborted.status === 204 ? [404, 404, 204, 404] : [200, 200, 404, 200],
    );
    if (stored.status === 200) expect(stored.body.equals(body)).toBe(true);
  }

  const both = await Promise.all([one, other].map((ask) => beginUpload(ask, 'once', sample(100_000))));
  const headers = { 'if-none-match': '*' };
  const ends = await Promise.all(
    both.map(({ target, document }, index) => pick(index)('POST', target, { body: document, headers })),
  );
  expect(statuses(ends)).toEqual([200, 412]);
  const loser = both[ends.findIndex(({ status }) => status === 412)];
  expect((await one('DELETE', loser?.target ?? '')).status).toBe(204);

  // What is replaced by one daemon is read, and copied out of, by the other.
  const { target, part } = await beginUpload(one, 'copied', sample(1));
  let isOver = false;
  const writer = (async () => {
    for (let turn = 0; !isOver; turn++) await other('PUT', '/race/small', { body: sample(1 + (turn % 900)) });
  })();
  const found = new Set<number>();
  const reader = async (turns: number) => {
    for (let turn = 0; turn < turns; turn++) {
      found.add((await one('GET', '/race/small')).status);
      found.add((await one('PUT', part, { headers: { 'x-amz-copy-source': '/race/small' } })).status);
    }
  };
  await Promise.all(Array.from({ length: 4 }, () => reader(12)));
  isOver = true;
  await writer;
  expect(found).toEqual(new Set([200]));
  await one('DELETE', target);
  expect(auditBlobFile(openBeside(database).file)).toEqual([]);
});

test('deletes against readers, gc, commands, snapshots and a change of versioning: whole, or gone', async () => {
  const database = newDatabase();
  const { ask, port } = await startOn(database, GC_AT_ONCE);
  const store = openBeside(database);
  const keys = Array.from({ length: 12 }, (_, index) => `key-${String(index).padStart(2, '0')}`);
  for (const key of keys) await ask('PUT', `/race/${key}`, { body: sample(200_000, key) });
  const large = sample(20_000_000, 'large');
  await ask('PUT', '/race/large', { body: large });

  // Begins to read, and stands still.
  const socket = connect(port, '127.0.0.1', () =>
    socket.write('GET /race/large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
  );
  onTestFinished(() => void socket.destroy());
  await waitFor(() => socket.readableLength > 0 || socket.read(0) !== null || socket.bytesRead > 0);
  expect((await ask('DELETE', '/race/large')).status).toBe(204);

  // In order: what a snapshot has is what the deletes before it have left.
  const deleting = (async () => {
    for (const key of keys) expect((await ask('DELETE', `/race/${key}`)).status).toBe(204);
  })();
  const names = ['snap-0', 'snap-1', 'snap-2'];
  for (const name of names) await (name === 'snap-1' ? store.clone('race', name) : store.snapshot('race', name));
  const runs = await Promise.all([runDs(['blob', 'gc', '--db', database]), runDs(['blob', 'scrub', '--db', database])]);
  expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
  ]);
  await deleting;
  const count = () =>
    store.file.read(() =>
      store.file.statement<[], { count: number }>('SELECT count(*) AS count FROM content WHERE refs = 0').get(),
    );
  // All but the one that is being read.
  await waitFor(() => count()?.count === 1);
  for (const name of names) {
    const there = elements(await ask('GET', `/${name}?list-type=2`), 'Key');
    expect(there).toEqual(keys.slice(keys.length - there.length));
    for (const key of there)
      expect((await ask('GET', `/${name}/${key}`)).body.equals(sample(200_000, key)), key).toBe(true);
  }

  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece);
  const answer = Buffer.concat(pieces);
  expect(answer.subarray(answer.indexOf('\r\n\r\n') + 4).equals(large)).toBe(true);
  await waitFor(() => count()?.count === 0);

  const kept = new Map<string, Buffer>();
  const write = async (writer: number) => {
    for (let turn = 0; turn < 12; turn++) {
      const body = sample(300, `${writer} ${turn}`);
      const id = (await ask('PUT', '/race/versions', { body })).headers['x-amz-version-id'];
      if (typeof id === 'string') kept.set(id, body);
    }
  };
  const toggle = async () => {
    for (const state of ['Enabled', 'Suspended', 'Enabled', 'Suspended', 'Enabled']) {
      const body = `<VersioningConfiguration><Status>${state}</Status></VersioningConfiguration>`;
      expect((await ask('PUT', '/race?versioning', { body })).status).toBe(200);
    }
  };
  await Promise.all([write(0), write(1), write(2), toggle()]);
  const listed = elements(await ask('GET', '/race?versions'), 'VersionId');
  expect(new Set(listed).size).toBe(listed.length);
  expect([...kept.keys()].filter((id) => !listed.includes(id))).toEqual([]);
  for (const [id, body] of kept) expect((await ask('GET', `/race/versions?versionId=${id}`)).body).toEqual(body);
  expect(auditBlobFile(store.file)).toEqual([]);
});

test.skipIf(!hasPackages('util-linux'))(
  'a daemon that cannot open files answers so, takes nobody for dead, and goes on once it can',
  async () => {
    const database = newDatabase();
    await (await startOn(database)).ask('PUT', '/race/large', { body: sample(300_000) });
    // Nothing was written by this one yet, and one body is on its way.
    const { ask, pid, port } = await startOn(database, GC_AT_ONCE);
    const body = sample(3_000_000, 'under way');
    const head = `PUT /race/slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write(head);
    socket.write(body.subarray(0, -1));
    const store = openBeside(database);
    await waitFor(() =>
      store.file.read(() =>
        store.file
          .statement<[], object>('SELECT 1 FROM pack WHERE writer_id IS NOT NULL AND sealed = 0 AND id > 1')
          .get(),
      ),
    );
    const limit = (files: string) => execFileSync('prlimit', ['--pid', `${pid}`, `--nofile=${files}:`]);
    const soft = ['--pid', `${pid}`, '--nofile', '--output=SOFT', '--noheadings'];
    const before = execFileSync('prlimit', soft).toString().trim();
    // No more than stdin, stdout and stderr: what is open stays open.
    limit('3');
    for (const body of ['x', 'y']) expect((await ask('PUT', '/race/small', { body })).status).toBe(503);
    expect((await ask('GET', '/race/large')).status).toBe(503);
    limit(before);
    socket.write(body.subarray(-1));
    const pieces: Buffer[] = [];
    for await (const piece of socket) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toMatch(/^HTTP\/1\.1 200 /);
    expect((await ask('PUT', '/race/small', { body: 'x' })).status).toBe(200);
    expect((await ask('GET', '/race/slow')).body.equals(body)).toBe(true);
  },
);
