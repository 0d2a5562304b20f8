/** The inside of the thread: messages become calls of the ingest, in the order in which they were sent. */
import type { MessagePort } from 'node:worker_threads';
import { systemClock, systemRandom } from '../../../../platform/clock.js';
import { toPlainError } from '../../../../platform/daemon/error-transfer.js';
import { openStore, type Store } from '../../../../platform/store/store.js';
import { Reserve } from '../reserve.js';
import { blobFile } from '../schema.js';
import { Ingest } from './ingest.js';
import type { FromIngest, ThreadData, ToIngest } from './messages.js';

export async function runIngestThread(data: ThreadData, port: MessagePort): Promise<void> {
  try {
    await serve(data, port);
  } catch (error) {
    const closed: FromIngest = { type: 'closed', error: toPlainError(error) };
    port.postMessage(closed);
    port.close();
  }
}

async function serve(data: ThreadData, port: MessagePort): Promise<void> {
  const say = (message: FromIngest, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, transfer);
  const store = openStore(blobFile, { path: data.path });
  let freed: ArrayBuffer[] = [];
  const ingest = await Ingest.open(store, {
    folder: data.folder,
    clock: systemClock,
    random: systemRandom,
    reserve: new Reserve(store, { random: systemRandom, mostBytes: data.reserveBytes }),
    ...(data.fullBytes !== undefined && { fullBytes: data.fullBytes }),
    events: {
      freed: (buffer) => freed.push(buffer),
      failed: (name, error) => say({ type: 'failed', name, error: toPlainError(error) }),
    },
  });
  port.on('message', (message: ToIngest) => {
    if (message.type === 'close') void close(ingest, store, port, say);
    else handle(ingest, message, say);
    const buffers = freed;
    freed = [];
    if (message.type === 'write') say({ type: 'processed', name: message.name, buffers }, buffers);
    else if (message.type === 'cut-all') say({ type: 'processed', name: undefined, buffers }, buffers);
    else if (buffers.length > 0) say({ type: 'freed', buffers }, buffers);
  });
  say({ type: 'ready' });
}

type Say = (message: FromIngest) => void;

function handle(ingest: Ingest, message: Exclude<ToIngest, { type: 'close' }>, say: Say): void {
  switch (message.type) {
    case 'write':
      ingest.write(message.name, message.buffer, message.length);
      return;
    case 'cut-all':
      ingest.cutAll();
      return;
    case 'end':
      ingest.end(message.name).then(
        (ingested) => say({ type: 'ended', ingested }),
        (error) => say({ type: 'failed', name: message.name, error: toPlainError(error) }),
      );
      return;
    case 'retire-garbage':
      retire(ingest, say);
      return;
    default:
      settleOrBegin(ingest, message, say);
  }
}

function settleOrBegin(
  ingest: Ingest,
  message: Extract<ToIngest, { type: 'begin' | 'settle' | 'discard' }>,
  say: Say,
): void {
  try {
    if (message.type === 'begin') ingest.begin(message.name);
    else if (message.type === 'settle') ingest.settle(message.name);
    else ingest.discard(message.name, message.writerId);
  } catch (error) {
    // Of a body that begins. Holds that could not be let go of are the business of gc, once this process has ended.
    say({ type: 'failed', name: message.name, error: toPlainError(error) });
  }
}

/** What it cannot do now it does before the next gc. */
function retire(ingest: Ingest, say: Say): void {
  try {
    ingest.retireGarbage();
  } catch {
    // See above.
  }
  say({ type: 'retired' });
}

async function close(ingest: Ingest, store: Store, port: MessagePort, say: Say): Promise<void> {
  let failure: unknown;
  try {
    await ingest.close();
  } catch (error) {
    failure = error;
  }
  store.close();
  say({ type: 'closed', error: failure === undefined ? undefined : toPlainError(failure) });
  port.close();
}
