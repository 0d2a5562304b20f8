/**
 * `kill -9` of `ds blob serve` under load by several clients, aimed at PUT, at Complete, at gc and at the compaction of packs. After the next start
 * every acknowledged object is there, byte for byte; an upload is complete, or open with all its parts; the file's counts are right; and
 * once all is deleted, gc leaves nothing. DS_TORTURE_ROUNDS=300 makes it three hundred kills.
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { blobFile, packFolder } from '../../src/blocks/blob/store/schema.js';
import { openBlobStore } from '../../src/blocks/blob/store.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { openStore } from '../../src/platform/store/store.js';
import { auditBlobFile } from '../helpers/blob-audit.js';
import { type BlobClient, blobClient, elements } from '../helpers/blob-client.js';
import { type RunningDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';
import { ABSENT, Ledger, type OpenUpload } from './blob-daemon-ledger.js';
import {
  BUCKET,
  complete,
  expectStatus,
  expectWhole,
  type Load,
  numbersOf,
  putAndDelete,
  readOthers,
  remove,
  uploadInParts,
  uploadPart,
} from './blob-daemon-load.js';
import { after, Moment, type Plan } from './blob-daemon-moment.js';

const ROUNDS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 4);
const WRITERS = 4;
const UPLOADERS = 2;
/** Uploads that are left open for the next life. */
const MOST_OPEN = 6;

/** PUT, Complete, gc, compaction. */
const AIMS = 4;
const COMPACTION = 3;

/** Where in a life the kill falls: elsewhere each time that the turn of an aim comes. */
function planOf(round: number): Plan {
  const turn = Math.floor(round / AIMS);
  const some = 1 + ((turn * 5) % 7);
  const put: readonly Plan[] = [
    after('put answered', 5 + some),
    after('put sent', 5 + some, 'pack written', some),
    after('put sent', 5 + some, 'log written', 1),
  ];
  const complete: readonly Plan[] = [
    after('complete sent', 2, 'log written', 1 + (some % 3)),
    after('complete answered', 1 + (some % 3)),
  ];
  const gc: readonly Plan[] = [
    after('delete answered', 1 + some, 'log written', some),
    after('delete answered', 5, 'pack removed', 1),
  ];
  const compaction: readonly Plan[] = [
    after('pack made', 1, 'pack written', some),
    after('pack made', 1, 'log written', some),
    after('pack removed', 1),
    after('pack made', 2, 'pack written', some),
  ];
  const ofAim = [put, complete, gc, compaction][round % AIMS] ?? [];
  return ofAim[turn % ofAim.length] ?? [];
}

const SERVE = ['blob', 'serve', '--anonymous', '--listen', '127.0.0.1:0', '--admin', 'off'];
const GC = ['--gc-interval', '20ms', '--gc-grace', '0'];

const start = (database: string) =>
  startDs([...SERVE, ...GC, '--db', database], { home: join(dirname(database), 'home') });

const clientOf = ({ ready }: RunningDs) => blobClient(ready.endpoints['s3'] ?? '');

/** Lives under load until the moment has come. */
async function liveAndDie(daemon: RunningDs, ask: BlobClient, ledger: Ledger, round: number): Promise<void> {
  let isOver = false;
  const moment = new Moment(daemon.ready.db ?? '', planOf(round), () => {
    isOver = true;
    daemon.child.kill('SIGKILL');
  });
  const load: Load = { ask, ledger, moment, isOver: () => isOver };
  // Most of what the dead have left becomes garbage, for gc to compact under load.
  const thin = round % AIMS === COMPACTION ? thinOut(ask, ledger) : Promise.resolve();
  const clients = [
    ...Array.from({ length: WRITERS }, (_, client) => thin.then(() => putAndDelete(load, client))),
    ...Array.from({ length: UPLOADERS }, (_, client) => uploadInParts(load, client)),
    readOthers(load, WRITERS),
  ];
  const ends = clients.map((client) =>
    client.catch((error: NodeJS.ErrnoException) => {
      // The connection has died with the daemon.
      if (!isOver || error.code === undefined) throw error;
    }),
  );
  await Promise.all(ends).catch((cause) => {
    throw new Error(`before the kill; left of the plan: ${JSON.stringify(moment.left)}; ${daemon.stderr()}`, { cause });
  });
  moment.close();
  expect(await daemon.stop('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
}

async function judge(ask: BlobClient, ledger: Ledger, database: string): Promise<void> {
  for (const upload of [...ledger.uploads.values()]) await judgeUpload(ask, ledger, upload);
  await completeOldest(ask, ledger);
  for (const key of ledger.objects.keys()) {
    const answer = await ask('GET', `/${BUCKET}/${key}`);
    const found = answer.status === 404 ? ABSENT : expectWhole(answer);
    expect(ledger.possible(key), key).toContain(found);
    ledger.known(key, found);
  }
  const list = await ask('GET', `/${BUCKET}?list-type=2`);
  const there = [...ledger.objects.keys()].filter((key) => !ledger.possible(key).has(ABSENT));
  expect(elements(list, 'Key')).toEqual(there.sort());
  await judgeFile(database);
}

/** It is complete, which the object shows, or it is open with all its parts. */
async function judgeUpload(ask: BlobClient, ledger: Ledger, upload: OpenUpload): Promise<void> {
  const { id, key, body, parts, ending } = upload;
  const answer = await ask('GET', `/${BUCKET}/${key}?uploadId=${id}`);
  if (answer.status === 404) {
    expect(ending, `upload of ${key}`).toBeDefined();
    ledger.uploads.delete(id);
    if (ending === 'complete') ledger.objects.set(key, new Set([body]));
    return;
  }
  expectStatus(answer, 200);
  const numbers = elements(answer, 'PartNumber').map(Number);
  const etags = elements(answer, 'ETag').map((etag) => etag.replaceAll('&quot;', '"'));
  const stored = new Map(numbers.map((number, index) => [number, etags[index]]));
  for (const [number, etag] of parts) expect(stored.get(number), `part ${number} of ${key}`).toBe(etag);
  ledger.impossible(key, body);
  upload.ending = undefined;
}

/** Those that have been open for longest; it can be done, however many lives they have seen. */
async function completeOldest(ask: BlobClient, ledger: Ledger): Promise<void> {
  for (const upload of [...ledger.uploads.values()].slice(0, -MOST_OPEN)) {
    const missing = numbersOf(upload).filter((number) => !upload.parts.has(number));
    for (const number of missing) await uploadPart({ ask }, upload, number);
    await complete({ ask, ledger }, upload);
  }
}

/** Beside the daemon, as commands do it. */
async function judgeFile(database: string): Promise<void> {
  const store = openBlobStore({ path: database, clock: systemClock, random: systemRandom, oneShot: true });
  try {
    expect(store.file.quickCheck()).toEqual([]);
    expect(auditBlobFile(store.file)).toEqual([]);
    expect((await store.contents.scrub()).damage).toEqual([]);
  } finally {
    await store.close();
  }
}

/** Of the keys of those who put and delete. */
async function thinOut(ask: BlobClient, ledger: Ledger): Promise<void> {
  const keys = [...ledger.objects.keys()].filter((key) => !key.includes('parts') && !ledger.possible(key).has(ABSENT));
  for (const [index, key] of keys.entries()) if (index % 4 > 0) await remove({ ask, ledger }, key);
}

/** Deletes all there is; returns what is left on disk when the daemon's gc has been there. */
async function emptyOut(ask: BlobClient, database: string): Promise<void> {
  for (const key of elements(await ask('GET', `/${BUCKET}?list-type=2`), 'Key'))
    expectStatus(await ask('DELETE', `/${BUCKET}/${key}`), 204);
  const uploads = await ask('GET', `/${BUCKET}?uploads`);
  const ids = elements(uploads, 'UploadId');
  for (const [index, key] of elements(uploads, 'Key').entries())
    expectStatus(await ask('DELETE', `/${BUCKET}/${key}?uploadId=${ids[index]}`), 204);
  const file = openStore(blobFile, { path: database, closing: 'leave' });
  const count = (table: string) =>
    file.statement<[], { count: number }>(`SELECT count(*) AS count FROM ${table}`).get()?.count;
  const isEmpty = () =>
    ['content', 'inline', 'chunk', 'hold', 'part', 'pack'].every((table) => file.read(() => count(table)) === 0);
  await waitFor(isEmpty, { what: 'gc' });
  // Without a row, and younger than a minute: of one that was killed before it had made the row, and empty.
  const folder = packFolder(database);
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  expect(sizes.filter((size) => size > 0)).toEqual([]);
}

test(
  `${ROUNDS} kills of a daemon under load lose nothing that was acknowledged, and leave nothing by half`,
  async () => {
    const database = join(temporaryFolder(), 'blob.db');
    mkdirSync(packFolder(database));
    const ledger = new Ledger();
    let daemon = await start(database);
    let ask = clientOf(daemon);
    expectStatus(await ask('PUT', `/${BUCKET}`), 200);
    for (let round = 0; round < ROUNDS; round++) {
      await liveAndDie(daemon, ask, ledger, round);
      daemon = await start(database);
      ask = clientOf(daemon);
      await judge(ask, ledger, database);
    }
    expect(ledger.acknowledged).toBeGreaterThan(ROUNDS * 10);
    await emptyOut(ask, database);
    expect(await daemon.stop()).toMatchObject({ code: 0 });
  },
  60_000 + ROUNDS * 10_000,
);
