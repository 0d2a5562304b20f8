/**
 * The file that says who may ask. One line each; # begins a comment.
 *
 *     # token                            tenant  what it may
 *     kJ8sW0fBqkz0b8R2mT9uXw4pLs7dYc1v   shop    rate=5MB/s streams=1000 write
 *     pQ3nV6yH1eGt5aKd8uSj2bRx7cLm4wZo   shop    read
 *
 * Without read or write a token may both. It is read again when it changes; a file that is wrong then leaves what was known in force.
 */
import { createHmac } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Clock, Random } from '../../../platform/clock.js';
import { DsError, whyUnreadable } from '../../../platform/errors.js';
import { parseSize } from '../../../platform/units.js';
import { logErrors } from '../errors.js';
import { ByteRate, type Grant, isTenantName } from './tenants.js';

/** Bytes; ten thousand tokens have some 600 KB. */
const LARGEST_FILE = 4 * 1024 * 1024;
const OTHERS_MAY_READ = 0o044;
/** Characters: what is shorter can be guessed. */
const SHORTEST_TOKEN = 16;
const LOOK_EVERY_MS = 1_000;
const KEY_BYTES = 32;

export interface TokensOptions {
  readonly path: string;
  readonly mostStreams: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Tokens are looked up by a keyed hash, so that the time which a look takes tells nothing of them.
 */
export class TokensFile {
  readonly #options: TokensOptions;
  readonly #key: Buffer;
  #grants: ReadonlyMap<string, Grant> = new Map();
  #version = '';

  private constructor(options: TokensOptions) {
    this.#options = options;
    this.#key = Buffer.from(options.random.bytes(KEY_BYTES));
  }

  /** Error: `log.bad_tokens_file`. */
  static async open(options: TokensOptions): Promise<TokensFile> {
    const file = new TokensFile(options);
    await file.#read();
    return file;
  }

  grantOf(token: string): Grant | undefined {
    return this.#grants.get(this.#digest(token));
  }

  /** Whether a token may read what is of this tenant. */
  anyReads(tenant: string): boolean {
    return [...this.#grants.values()].some((grant) => grant.tenant === tenant && grant.mayRead);
  }

  /** Reads it again whenever it has changed, until the signal. */
  async watch(signal: AbortSignal): Promise<void> {
    const { clock, logger, path } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, signal).catch(() => {});
      if (signal.aborted) return;
      try {
        if (await this.#read()) logger.info({ file: path, tokens: this.#grants.size }, 'the tokens were read again');
      } catch (err) {
        logger.error({ err }, 'the tokens file cannot be used; those that were known stay in force');
      }
    }
  }

  /** Whether there was something new. */
  async #read(): Promise<boolean> {
    const { path, logger } = this.#options;
    try {
      const { size, mtimeMs, ctimeMs, ino, mode } = await stat(path);
      const version = `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
      if (version === this.#version) return false;
      this.#version = version;
      if (size > LARGEST_FILE) throw bad(path, `it is longer than ${LARGEST_FILE} bytes`);
      if ((mode & OTHERS_MAY_READ) !== 0)
        logger.warn({ file: path }, 'other users of this machine can read the tokens');
      this.#grants = this.#parse(await readFile(path, 'utf8'));
      return true;
    } catch (error) {
      if (error instanceof DsError) throw error;
      // It may be readable the next time, and the same file.
      this.#version = '';
      throw bad(path, whyUnreadable(error), error);
    }
  }

  #parse(text: string): ReadonlyMap<string, Grant> {
    const { path, mostStreams, clock } = this.#options;
    const grants = new Map<string, Grant>();
    text.split(/\r?\n/).forEach((line, index) => {
      const words = line
        .replace(/(^|\s)#.*$/, '')
        .split(/\s+/)
        .filter((word) => word !== '');
      const [token, tenant, ...limits] = words;
      if (token === undefined) return;
      const wrong = (what: string) => bad(path, `line ${index + 1}: ${what}`);
      if (token.length < SHORTEST_TOKEN) throw wrong(`the token has fewer than ${SHORTEST_TOKEN} characters`);
      if (tenant === undefined) throw wrong('the tenant is missing');
      if (!isTenantName(tenant)) throw wrong(`${JSON.stringify(tenant)} is no name of a tenant`);
      const digest = this.#digest(token);
      if (grants.has(digest)) throw wrong('the token is there twice');
      grants.set(digest, { tenant, ...readLimits(limits, mostStreams, clock.monotonic(), wrong) });
    });
    if (grants.size === 0) throw bad(path, 'it has no token');
    return grants;
  }

  #digest(token: string): string {
    return createHmac('sha256', this.#key).update(token).digest('base64');
  }
}

function readLimits(
  words: readonly string[],
  mostStreams: number,
  now: number,
  wrong: (what: string) => DsError,
): Omit<Grant, 'tenant'> {
  let rate: ByteRate | undefined;
  let streams = mostStreams;
  for (const word of words) {
    const [, size] = /^rate=(.+)\/s$/.exec(word) ?? [];
    const [, count] = /^streams=(\d{1,9})$/.exec(word) ?? [];
    const bytes = size === undefined ? undefined : parseSize(size);
    if (bytes !== undefined && bytes > 0) rate = new ByteRate(bytes, now);
    else if (count !== undefined) streams = Number(count);
    else if (word !== 'read' && word !== 'write') {
      throw wrong(`${JSON.stringify(word)} is none of rate=5MB/s, streams=1000, read and write`);
    }
  }
  const both = words.includes('read') === words.includes('write');
  return {
    mayRead: both || words.includes('read'),
    mayWrite: both || words.includes('write'),
    mostStreams: streams,
    rate,
  };
}

function bad(path: string, why: string, cause?: unknown): DsError {
  return logErrors.error('log.bad_tokens_file', `${path} cannot be used: ${why}`, {
    hint: `(umask 077; echo "$(head -c 24 /dev/urandom | base64) my-team" > ${path})`,
    details: { path },
    cause,
  });
}
