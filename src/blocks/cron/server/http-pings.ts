/**
 * Pings of jobs that run elsewhere, as healthchecks.io takes them (https://healthchecks.io/docs/http_api/):
 *
 *     /ping/UUID                it has ended well
 *     /ping/UUID/fail           it has failed
 *     /ping/UUID/STATUS         it has ended with this exit status, 0 to 255
 *     /ping/UUID/start          it begins; rid=UUID tells which start an end belongs to
 *     /ping/UUID/log            something to note of what goes on; refused when nothing does
 *
 * GET, HEAD and POST alike; what is posted is kept as output. A scheduled slot that waits to be heard of becomes the run.
 */
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { messageOf } from '../../../platform/errors.js';
import type { Claim, Ledger } from '../ledger.js';
import type { Outcome } from '../run.js';
import { firstSequence } from '../runner.js';
import { Turns } from './turns.js';

/** What is kept of a body; the rest is read and forgotten, since who pings has no token. Bytes. */
const MOST_BODY_BYTES = 100_000;
/** Of all bodies of a run, where its job's `--output` is not less: the store gives as much at once. Bytes. */
const MOST_KEPT_BYTES = 512 * 1024;
/** A job that was begun by a ping and never ended is fenced after so long, where it has no overrun of its own. Milliseconds. */
const DEFAULT_LEASE_MS = 24 * 3_600_000;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface PingOptions {
  /** Told after a run has begun or ended. */
  readonly onPing: () => void;
}

interface Ping {
  readonly job: string;
  /** Under which a start is found again by its end. */
  readonly worker: string;
  readonly body: Uint8Array;
}

/** What a ping tells; `undefined` of an unknown word. */
type Signal =
  | { readonly kind: 'start' }
  | { readonly kind: 'log' }
  | { readonly kind: 'end'; readonly outcome: Outcome };

export function routePings(app: FastifyInstance, ledger: Ledger, { onPing }: PingOptions): void {
  void app.register(async (pings) => {
    // Whatever its type: a log is no JSON.
    pings.removeAllContentTypeParsers();
    pings.addContentTypeParser('*', (_request: FastifyRequest, body: Readable) => readBounded(body));
    const turns = new Turns();
    const answer = async (
      request: FastifyRequest<{ Params: { uuid: string; signal?: string } }>,
      reply: FastifyReply,
    ) => {
      void reply.type('text/plain; charset=utf-8');
      const signal = readSignal(request.params.signal);
      const rid = readRid(request.query);
      if (signal === undefined) return reply.code(404).send('(not found)');
      if (rid === null) return reply.code(400).send('(invalid url format)');
      const uuid = request.params.uuid.toLowerCase();
      const job = UUID.test(uuid) ? await ledger.jobOfPing(uuid) : undefined;
      if (job === undefined) return reply.code(404).send('(not found)');
      const ping = { job, worker: `ping:${rid ?? job}`, body: bodyOf(request.body) };
      // Each looks at what the one before it has left: whether a run goes on, and which part of its output is next.
      const isTaken = await turns.take(job, () => take(ledger, ping, signal));
      if (!isTaken) return reply.code(409).send('(no run goes on)');
      onPing();
      return reply.send('OK');
    };
    for (const url of ['/ping/:uuid', '/ping/:uuid/:signal']) {
      pings.route({ method: ['GET', 'POST'], url, exposeHeadRoute: true, handler: answer });
    }
  });
}

function readSignal(word: string | undefined): Signal | undefined {
  if (word === undefined) return { kind: 'end', outcome: { kind: 'succeeded' } };
  if (word === 'start' || word === 'log') return { kind: word };
  if (word === 'fail') return { kind: 'end', outcome: { kind: 'failed', reason: 'it said so' } };
  const status = /^\d{1,3}$/.test(word) ? Number(word) : Number.NaN;
  if (!(status <= 255)) return undefined;
  if (status === 0) return { kind: 'end', outcome: { kind: 'succeeded', exitCode: 0 } };
  return { kind: 'end', outcome: { kind: 'failed', reason: `exit code ${status}`, exitCode: status } };
}

/** Null: there is one, and it is no UUID. */
function readRid(query: unknown): string | undefined | null {
  if (typeof query !== 'object' || query === null || !('rid' in query)) return undefined;
  const { rid } = query;
  return typeof rid === 'string' && UUID.test(rid.toLowerCase()) ? rid.toLowerCase() : null;
}

/** The first {@link MOST_BODY_BYTES}. */
async function readBounded(body: Readable): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let left = MOST_BODY_BYTES;
  try {
    for await (const chunk of body) {
      if (left > 0) parts.push(Buffer.from(chunk).subarray(0, left));
      left -= chunk.length;
    }
  } catch (error) {
    throw Object.assign(new Error(`the body broke off: ${messageOf(error)}`), { statusCode: 400 });
  }
  return Buffer.concat(parts);
}

function bodyOf(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array(0);
}

/** False: there is no run that it could be noted of. */
async function take(ledger: Ledger, ping: Ping, signal: Signal): Promise<boolean> {
  const { job, worker, body } = ping;
  const open = await ledger.openPing(job, worker);
  if (signal.kind === 'log' && open === undefined) return false;
  // A second start is another run; the first one is not heard of any more, and its lease runs out.
  const claim = signal.kind === 'start' || open === undefined ? await begin(ledger, job, worker) : open;
  if (claim === undefined) return true;
  const outputBytes = await note(ledger, claim, body);
  if (signal.kind !== 'end') return true;
  await ledger.finish([{ claim, outcome: signal.outcome, finishedAt: ledger.now(), outputBytes }]);
  return true;
}

/** Undefined when it overlaps another: that is recorded. */
async function begin(ledger: Ledger, job: string, worker: string): Promise<Claim | undefined> {
  const { spec } = await ledger.get(job);
  const leaseMs = Math.max(spec.overrunAfterMs * 2, DEFAULT_LEASE_MS);
  const begun = await ledger.begin(job, 'ping', worker, leaseMs);
  return begun.kind === 'begun' ? begun.claim : undefined;
}

/** Keeps what there is room for. Returns the bytes that were kept of the run by now. */
async function note(ledger: Ledger, { run, spec, fence }: Claim, body: Uint8Array): Promise<number> {
  const kept = await ledger.output(run.id, firstSequence(run.attempt) - 1);
  const keptBytes = kept.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const bytes = body.subarray(0, Math.max(0, Math.min(spec.outputBytes, MOST_KEPT_BYTES) - keptBytes));
  if (bytes.length === 0) return keptBytes;
  const chunk = {
    attempt: run.attempt,
    sequence: (kept.at(-1)?.sequence ?? firstSequence(run.attempt) - 1) + 1,
    stream: 'stdout' as const,
    at: ledger.now(),
    bytes,
    omittedBefore: 0,
  };
  await ledger.appendOutput([{ run: run.id, fence, chunks: [chunk] }]);
  return keptBytes + bytes.length;
}
