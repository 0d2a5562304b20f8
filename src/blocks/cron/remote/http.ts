/** The book of a `ds cron serve` on this machine or another, over its HTTP API. */
import type { Dispatcher } from 'undici';
import { codeOf, DsError, type ErrorKind, messageOf } from '../../../platform/errors.js';
import type { ApplyPlan, CronBook, Job, PauseOptions, RunFilter, Status } from '../book.js';
import { cronErrors } from '../errors.js';
import type { JobSpec } from '../job.js';
import type { OutputChunk, Run, RunAttempt } from '../run.js';
import { writeJobSpec } from '../spec.js';
import { AnswerObject } from '../wire/answer-object.js';
import { MOST_RUNS } from '../wire/json.js';
import { readAttempt, readChunk, readJob, readRun, readStatus } from '../wire/read.js';

/** For an answer, headers and body each. Milliseconds. */
const TIMEOUT_MS = 30_000;
/** Bytes: output comes in pieces of a mebibyte, base64 makes it a third more. */
const MOST_ANSWER_BYTES = 16 * 1024 * 1024;

/** As the daemon maps them (platform/protocol/http.ts), backwards, where the code is not known here. */
const KIND_OF_STATUS: Readonly<Record<number, ErrorKind>> = { 404: 'no', 409: 'no', 503: 'storage' };
const KIND_OF_CODE: ReadonlyMap<string, ErrorKind> = new Map(
  Object.entries(cronErrors.definitions).map(([code, { kind }]) => [code, kind]),
);

const kindOf = (code: string, status: number): ErrorKind =>
  KIND_OF_CODE.get(code) ?? KIND_OF_STATUS[status] ?? (status < 500 ? 'usage' : 'peer');

export interface HttpBookOptions {
  readonly url: string;
  /** Undefined where none is known: the daemon will refuse, and says what it wants. */
  readonly token: string | undefined;
  readonly signal?: AbortSignal;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Errors of all methods: `cron.daemon_unreachable`, and those of {@link CronBook} as the daemon tells them. */
export async function openHttpBook(options: HttpBookOptions): Promise<CronBook> {
  const { Pool } = await import('../../../platform/http-client.js');
  const { origin } = new URL(options.url);
  const pool = new Pool(origin, {
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    maxResponseSize: MOST_ANSWER_BYTES,
  });
  return new HttpBook(pool, origin, options);
}

class HttpBook implements CronBook {
  readonly place: string;
  readonly #pool: Dispatcher;
  readonly #options: HttpBookOptions;

  constructor(pool: Dispatcher, origin: string, options: HttpBookOptions) {
    this.#pool = pool;
    this.place = origin;
    this.#options = options;
  }

  async put(spec: JobSpec, options: { readonly create?: boolean } = {}): Promise<Job> {
    const { name, ...rest } = writeJobSpec(spec);
    if (options.create === true) return readJob(await this.#ask('POST', '/v1/jobs', { name, ...rest }));
    return readJob(await this.#ask('PUT', pathOf(spec.name), rest));
  }

  async get(name: string): Promise<Job> {
    return readJob(await this.#ask('GET', pathOf(name)));
  }

  async list(): Promise<readonly Job[]> {
    return new AnswerObject(await this.#ask('GET', '/v1/jobs'), 'the answer').list('jobs', readJob);
  }

  async delete(name: string): Promise<void> {
    await this.#ask('DELETE', pathOf(name));
  }

  async apply({ put, remove }: ApplyPlan): Promise<void> {
    await this.#ask('POST', '/v1/apply', { put: put.map((spec) => writeJobSpec(spec)), remove });
  }

  async pause(name: string, { reason, until }: PauseOptions = {}): Promise<Job> {
    const body = { reason, until: until === undefined ? undefined : new Date(until).toISOString() };
    return readJob(await this.#ask('POST', `${pathOf(name)}/pause`, body));
  }

  async resume(name: string): Promise<Job> {
    return readJob(await this.#ask('POST', `${pathOf(name)}/resume`, {}));
  }

  async trigger(name: string): Promise<Run> {
    return readRun(await this.#ask('POST', `${pathOf(name)}/run`, {}));
  }

  async cancel(run: number): Promise<Run> {
    return readRun(await this.#ask('POST', `/v1/runs/${run}/cancel`, {}));
  }

  async run(id: number): Promise<Run> {
    return readRun(await this.#ask('GET', `/v1/runs/${id}`));
  }

  async attempts(run: number): Promise<readonly RunAttempt[]> {
    return new AnswerObject(await this.#ask('GET', `/v1/runs/${run}/attempts`), 'the answer').list(
      'attempts',
      readAttempt,
    );
  }

  async runs(filter: RunFilter): Promise<readonly Run[]> {
    const found: Run[] = [];
    while (found.length < filter.limit) {
      const limit = Math.min(filter.limit - found.length, MOST_RUNS);
      const before = found.at(-1)?.id ?? filter.before;
      const query = queryOf({ ...filter, limit, ...(before === undefined ? {} : { before }) });
      const page = new AnswerObject(await this.#ask('GET', `/v1/runs?${query}`), 'the answer').list('runs', readRun);
      found.push(...page);
      if (page.length < limit) break;
    }
    return found;
  }

  async output(run: number, after: number): Promise<readonly OutputChunk[]> {
    const answer = await this.#ask('GET', `/v1/runs/${run}/output?after=${after}`);
    return new AnswerObject(answer, 'the answer').list('chunks', readChunk);
  }

  async status(): Promise<Status> {
    return readStatus(await this.#ask('GET', '/v1/status'));
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #ask(method: Method, path: string, body?: unknown): Promise<unknown> {
    const { token, signal } = this.#options;
    const headers = {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    let status: number;
    let text: string;
    try {
      const answer = await this.#pool.request({
        ...{ method, path, headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      });
      status = answer.statusCode;
      text = await answer.body.text();
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#unreachable(error);
    }
    if (status >= 200 && status < 300) return text === '' ? undefined : this.#parse(text);
    throw this.#problem(status, text);
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw cronErrors.error('cron.daemon_unreachable', `what ${this.place} answers is no JSON`, {
        hint: 'is there a ds cron serve behind the URL?',
        cause: error,
      });
    }
  }

  #unreachable(error: unknown): DsError {
    const { place } = this;
    return cronErrors.error(
      'cron.daemon_unreachable',
      `${place} cannot be reached: ${codeOf(error) ?? messageOf(error)}`,
      {
        hint: `ds cron serve --listen ${new URL(place).host}`,
        details: { url: place },
        cause: error,
      },
    );
  }

  /** RFC 9457, as the daemon tells its errors. */
  #problem(status: number, text: string): DsError {
    const { place } = this;
    if (status === 401) {
      const given = this.#options.token === undefined ? 'none is known here' : 'this is not it';
      return cronErrors.error('cron.daemon_unreachable', `${place} wants its token, and ${given}`, {
        hint: 'put it into DS_CRON_TOKEN: it is in cron.token in the DS_HOME of the daemon',
        details: { url: place },
      });
    }
    const problem = new AnswerObject(this.#parse(text), 'the problem');
    const hint = problem.optionalText('hint');
    const code = problem.text('code');
    return new DsError(code, kindOf(code, status), problem.text('detail'), hint === undefined ? {} : { hint });
  }
}

function pathOf(name: string): string {
  return `/v1/jobs/${encodeURIComponent(name)}`;
}

function queryOf({ job, states, triggers, since, until, before, limit }: RunFilter): string {
  const parameters: Readonly<Record<string, string | undefined>> = {
    job,
    state: states?.join(','),
    trigger: triggers?.join(','),
    since: since === undefined ? undefined : new Date(since).toISOString(),
    until: until === undefined ? undefined : new Date(until).toISOString(),
    before: before === undefined ? undefined : String(before),
    limit: String(limit),
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value);
  return query.toString();
}
