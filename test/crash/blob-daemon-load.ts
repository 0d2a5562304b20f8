/** Clients of a daemon that will be killed: each has keys of its own, and writes down what it asks for and what it is told. */
import { createHash } from 'node:crypto';
import { type BlobAnswer, type BlobClient, completeDocument, elements } from '../helpers/blob-client.js';
import {
  ABSENT,
  type BodyKind,
  type BodyName,
  type Ledger,
  type OpenUpload,
  piecesOf,
  sha256,
} from './blob-daemon-ledger.js';
import type { Moment } from './blob-daemon-moment.js';

export const BUCKET = 'kept';
const KEYS = 6;
const KINDS: readonly BodyKind[] = ['small', 'medium', 'large', 'small', 'medium'];

export interface Load {
  readonly ask: BlobClient;
  readonly ledger: Ledger;
  readonly moment: Moment;
  /** The daemon was killed: what is not answered now never will be. */
  readonly isOver: () => boolean;
}

/** Also of who judges. */
type Work = Pick<Load, 'ask' | 'ledger'> & { readonly moment?: Moment };

/** Until the daemon is gone. Throws where it answers wrongly. */
export async function putAndDelete(load: Load, client: number): Promise<void> {
  for (let step = 0; !load.isOver(); step++) {
    const key = `${client}/${step % KEYS}`;
    const kind = KINDS[(step + client) % KINDS.length] ?? 'small';
    if (step % 4 === 3) await remove(load, key);
    else await put(load, key, load.ledger.newBody(kind));
    if (step % 3 === 0) await get(load, key);
  }
}

export async function uploadInParts(load: Load, client: number): Promise<void> {
  for (let step = 0; !load.isOver(); step++) {
    const upload = await begin(load, `${client}/parts/${step % 2}`);
    for (const number of numbersOf(upload)) await uploadPart(load, upload, number);
    // Some stay open, for the lives to come.
    if (step % 4 < 2) await complete(load, upload);
    else if (step % 4 === 2) await abort(load, upload);
  }
}

/** Reads what others write: it is gone, or whole. */
export async function readOthers({ ask, isOver }: Load, clients: number): Promise<void> {
  for (let step = 0; !isOver(); step++) {
    const answer = await ask('GET', `/${BUCKET}/${step % clients}/${(step * 5) % KEYS}`);
    if (answer.status !== 404) expectWhole(answer);
  }
}

async function put({ ask, ledger, moment }: Load, key: string, body: BodyName): Promise<void> {
  ledger.sent(key, body);
  const onSent = () => moment.see('put sent');
  const headers = { 'x-amz-meta-body': body };
  expectStatus(await ask('PUT', `/${BUCKET}/${key}`, { body: Buffer.concat(piecesOf(body)), headers, onSent }), 200);
  ledger.known(key, body);
  moment.see('put answered');
}

export async function remove({ ask, ledger, moment }: Work, key: string): Promise<void> {
  ledger.sent(key, ABSENT);
  expectStatus(await ask('DELETE', `/${BUCKET}/${key}`), 204);
  ledger.known(key, ABSENT);
  moment?.see('delete answered');
}

async function get({ ask, ledger }: Load, key: string): Promise<void> {
  const [state = ABSENT] = ledger.possible(key);
  const answer = await ask('GET', `/${BUCKET}/${key}`);
  const found = answer.status === 404 ? ABSENT : expectWhole(answer);
  if (found !== state) throw new Error(`${key} is ${found}, and ${state} was acknowledged`);
}

async function begin({ ask, ledger }: Load, key: string): Promise<OpenUpload> {
  const body = ledger.newBody('parts');
  const answer = await ask('POST', `/${BUCKET}/${key}?uploads`, { headers: { 'x-amz-meta-body': body } });
  expectStatus(answer, 200);
  const [id = ''] = elements(answer, 'UploadId');
  const upload: OpenUpload = { id, key, body, parts: new Map(), ending: undefined };
  ledger.uploads.set(id, upload);
  return upload;
}

/** The last one first. */
export function numbersOf({ body }: OpenUpload): number[] {
  return piecesOf(body).map((_piece, index, { length }) => length - index);
}

export async function uploadPart({ ask }: Pick<Load, 'ask'>, upload: OpenUpload, number: number): Promise<void> {
  const body = piecesOf(upload.body)[number - 1] ?? Buffer.of();
  const target = `/${BUCKET}/${upload.key}?partNumber=${number}&uploadId=${upload.id}`;
  const answer = await ask('PUT', target, { body });
  expectStatus(answer, 200);
  upload.parts.set(number, answer.headers.etag ?? '');
}

export async function complete({ ask, ledger, moment }: Work, upload: OpenUpload): Promise<void> {
  const { key, body, id, parts } = upload;
  upload.ending = 'complete';
  ledger.sent(key, body);
  const onSent = () => moment?.see('complete sent');
  const answer = await ask('POST', `/${BUCKET}/${key}?uploadId=${id}`, { body: completeDocument(parts), onSent });
  expectStatus(answer, 200);
  ledger.uploads.delete(id);
  ledger.known(key, body);
  moment?.see('complete answered');
}

async function abort({ ask, ledger }: Load, upload: OpenUpload): Promise<void> {
  upload.ending = 'abort';
  expectStatus(await ask('DELETE', `/${BUCKET}/${upload.key}?uploadId=${upload.id}`), 204);
  ledger.uploads.delete(upload.id);
}

/** Returns which body it is, as its metadata says; throws where it has other bytes. */
export function expectWhole(answer: BlobAnswer): BodyName {
  expectStatus(answer, 200);
  const name = String(answer.headers['x-amz-meta-body']) as BodyName;
  const pieces = piecesOf(name);
  if (sha256([answer.body]) !== sha256(pieces))
    throw new Error(`${name} has other bytes, ${answer.body.length} of them`);
  const md5 = createHash('md5').update(answer.body).digest('hex');
  if (!name.startsWith('parts') && answer.headers.etag !== `"${md5}"`) throw new Error(`${name} has another ETag`);
  return name;
}

export function expectStatus(answer: BlobAnswer, status: number): void {
  if (answer.status !== status) throw new Error(`answered ${answer.status}, and not ${status}: ${answer.body}`);
}
