/**
 * An attempt of a job that is an HTTP request. What the server answers is its output: the body on stdout, on stderr a line about
 * status and time. Redirects are not followed: they are answers like others, and secret headers stay with the host. A request is sent
 * once; another try is another attempt, for the job to ask for.
 */
import { STATUS_CODES } from 'node:http';
import type { Client as HttpClient } from 'undici';
import { codeOf, messageOf } from '../../../platform/errors.js';
import { formatDuration } from '../../../platform/units.js';
import type { HttpAction, JobSpec } from '../job.js';
import type { Outcome } from '../run.js';
import type { Attempt, AttemptEnd, AttemptFacts, AttemptIo, RunnerContext } from './attempt.js';
import { failedAtOnce } from './command-attempt.js';
import { parseHeadersFile, secretsOfHeaders } from './headers-file.js';
import { HttpConnections } from './http-connections.js';
import { storeMark } from './mark.js';
import { OutputRecorder } from './output-recorder.js';
import { readValuesFile } from './values-file.js';

type Stopped = Extract<Outcome, { kind: 'failed' | 'cancelled' }>;

export function startRequest(spec: JobSpec, action: HttpAction, io: AttemptIo, context: RunnerContext): Attempt {
  const file = readValuesFile('headers file', action.headersFile, parseHeadersFile);
  if ('problem' in file) return failedAtOnce(file.problem);
  if (!URL.canParse(action.url)) return failedAtOnce(`${action.url} is not a URL`);
  const url = new URL(action.url);
  const { clock } = context;
  const recorder = new OutputRecorder(io, {
    mostBytes: spec.outputBytes,
    secrets: secretsOfHeaders(file.values),
    clock,
  });
  const giveUp = new AbortController();
  let stopped: Stopped | undefined;
  const stop = (how: Stopped) => {
    stopped ??= how;
    giveUp.abort();
  };
  const headers = requestHeaders(action, file.values, io.facts, context);
  const request = { url, action, headers, mostBytes: spec.outputBytes, signal: giveUp.signal };

  const end = async (): Promise<AttemptEnd> => {
    const over = new AbortController();
    if (spec.timeoutMs > 0) {
      const reason = `timed out after ${formatDuration(spec.timeoutMs)}`;
      clock.sleep(spec.timeoutMs, over.signal).then(
        () => stop({ kind: 'failed', reason }),
        () => {},
      );
    }
    const outcome = await ask(request, recorder, context).catch((error): Outcome => {
      return { kind: 'failed', reason: whyNoAnswer(url, error) };
    });
    over.abort();
    return { ...(await recorder.end()), outcome: stopped ?? outcome, leftBehind: [] };
  };
  const cancel = (reason: string) => stop({ kind: 'cancelled', reason });
  return { done: end(), terminate: cancel, kill: cancel };
}

interface Request {
  readonly url: URL;
  readonly action: HttpAction;
  readonly headers: Readonly<Record<string, string>>;
  readonly mostBytes: number;
  readonly signal: AbortSignal;
}

async function ask(request: Request, recorder: OutputRecorder, context: RunnerContext): Promise<Outcome> {
  const { origin } = request.url;
  const connections = context.connections ?? new HttpConnections({ most: 0 });
  const client = await connections.take(origin);
  let isWhole = false;
  try {
    request.signal.throwIfAborted();
    const answer = await askBy(client, request, recorder, context);
    isWhole = answer.isWhole;
    return answer.outcome;
  } finally {
    await connections.giveBack(origin, client, isWhole);
  }
}

async function askBy(client: HttpClient, request: Request, recorder: OutputRecorder, { clock }: RunnerContext) {
  const { url, action, headers, mostBytes, signal } = request;
  const begunAt = clock.monotonic();
  const {
    statusCode,
    headers: answered,
    body,
  } = await client.request({
    ...{ path: `${url.pathname}${url.search}`, method: action.method, headers, signal },
    body: action.body ?? null,
  });
  const took = formatDuration(Math.round(clock.monotonic() - begunAt));
  const status = `HTTP ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trimEnd();
  recorder.add('stderr', Buffer.from(`${status}, after ${took}\n`));
  const outcome = outcomeOf(action, statusCode, status, oneOf(answered['location']));
  return { outcome, isWhole: await keepBody(body, mostBytes, recorder) };
}

/** As much as is kept. Returns whether that was all. */
async function keepBody(
  body: AsyncIterable<Uint8Array>,
  mostBytes: number,
  recorder: OutputRecorder,
): Promise<boolean> {
  let left = mostBytes;
  for await (const bytes of body) {
    await recorder.add('stdout', bytes.subarray(0, left));
    left -= bytes.length;
    if (left <= 0) return false;
  }
  return true;
}

function outcomeOf(action: HttpAction, code: number, status: string, location: string | undefined): Outcome {
  const good = action.expect === undefined ? code >= 200 && code < 300 : action.expect.includes(code);
  if (good) return { kind: 'succeeded', reason: status };
  if (code < 300 || code >= 400 || location === undefined) return { kind: 'failed', reason: status };
  const to = location.replace(/\/\/[^/?#]*@/, '//***@').slice(0, 200);
  return { kind: 'failed', reason: `${status} to ${to}: redirects are not followed` };
}

function oneOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** The job's own win over ours; its file's over both. Names are compared without case. */
function requestHeaders(
  action: HttpAction,
  fromFile: Readonly<Record<string, string>>,
  { run, fence, job, attempt }: AttemptFacts,
  { version, place }: RunnerContext,
): Record<string, string> {
  const headers: Record<string, string> = {
    'user-agent': `ds/${version}`,
    'ds-cron-job': job,
    'ds-cron-run': String(run),
    'ds-cron-attempt': String(attempt),
    'ds-cron-fence': String(fence),
    // The same for all attempts of a run, so that a server that knows the header acts once.
    'idempotency-key': `ds-cron-${storeMark(place)}-${run}`,
  };
  for (const [name, value] of [...Object.entries(action.headers), ...Object.entries(fromFile)]) {
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

function whyNoAnswer({ host, hostname }: URL, error: unknown): string {
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return `${host} refuses the connection`;
    case 'ENOTFOUND':
      return `there is no host ${hostname}`;
    case 'EAI_AGAIN':
      return `the name ${hostname} cannot be resolved now`;
    case 'UND_ERR_CONNECT_TIMEOUT':
      return `no connection to ${host} within 10s`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return `${host} closed the connection before it had answered`;
    default:
      return `no answer of ${host}: ${messageOf(error)}`;
  }
}
