/**
 * The book over HTTP: the contract, where what people do goes through a real HTTP port, and what the scheduler and its
 * workers do straight to the ledger behind it; then what only HTTP has.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CronBook } from '../../../../src/blocks/cron/book.js';
import type { Ledger } from '../../../../src/blocks/cron/ledger.js';
import { openHttpBook } from '../../../../src/blocks/cron/remote/http.js';
import { findToken } from '../../../../src/blocks/cron/remote/token.js';
import { createCronHttpServer } from '../../../../src/blocks/cron/server/http.js';
import { openCronStore } from '../../../../src/blocks/cron/store.js';
import { openHttpPort } from '../../../../src/platform/protocol/http.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { bookContract } from '../contract.js';
import { dueJob, jobSpec, leader, settlementOf } from '../contract-world.js';
import { serve } from '../server/serve.js';

const logger = pino({ level: 'silent' });

const bookMethods = [
  ...['put', 'get', 'list', 'delete', 'apply', 'pause', 'resume', 'trigger', 'cancel'],
  ...['run', 'attempts', 'runs', 'output', 'status'],
] as const satisfies (keyof CronBook)[];

/** The ledger, whose side for people is the other book's. */
function withBook(ledger: Ledger, book: CronBook): Ledger {
  return new Proxy(ledger, {
    get(target, name) {
      const owner = bookMethods.some((method) => method === name) ? book : target;
      const value: unknown = Reflect.get(owner, name);
      return typeof value === 'function' ? value.bind(owner) : value;
    },
  });
}

/** A book over a port of its own, before a ledger of its own. */
async function openBoth(path: string, clock: ManualClock): Promise<Ledger> {
  const ledger = await openCronStore({ path, clock });
  onTestFinished(() => ledger.close());
  const app = createCronHttpServer({ ledger, logger, secret: 'secret', open: false, onPing() {} });
  const port = await openHttpPort(app, { address: { host: '127.0.0.1', port: 0 }, flag: '', logger });
  onTestFinished(() => port.close());
  const book = await openHttpBook({ url: port.url, token: 'secret' });
  onTestFinished(() => book.close());
  return withBook(ledger, book);
}

describe('over HTTP', () => {
  bookContract(async () => {
    const clock = new ManualClock();
    const path = join(temporaryFolder(), 'cron.db');
    return { clock, open: () => openBoth(path, clock) };
  });

  it('finds more runs than an answer holds', async () => {
    const ledger = await openBoth(join(temporaryFolder(), 'cron.db'), new ManualClock());
    await ledger.put(jobSpec('backup'));
    const job = await dueJob(ledger, 'backup');
    const slots = Array.from({ length: 2_500 }, (_, index) => job.nextAt + index);
    await ledger.settle(await leader(ledger), [settlementOf(job, slots, 'missed')]);
    for (const limit of [10, 1_000, 2_400, 9_999]) {
      const runs = await ledger.runs({ limit, until: (slots.at(-1) ?? 0) + 1 });
      expect(runs.map(({ slot }) => slot)).toEqual(slots.toReversed().slice(0, limit));
    }
  });
});

describe('a daemon behind a URL', () => {
  const bookAt = async (url: string, token: string | undefined) => {
    const book = await openHttpBook({ url, token });
    onTestFinished(() => book.close());
    return book;
  };

  it('is asked with the token of the same home, and tells errors as it has them', async () => {
    const { http, home } = await serve({ workers: 0 });
    const book = await bookAt(`${http}/`, await findToken(home));
    expect(book.place).toBe(http);
    await book.put(jobSpec('shop/backup'));
    await expect(book.get('shop/backups')).rejects.toMatchObject({
      ...{ code: 'cron.no_such_job', kind: 'no', hint: 'see the jobs: ds cron list' },
    });
    await expect(book.put(jobSpec('shop/backup'), { create: true })).rejects.toMatchObject({
      ...{ code: 'cron.job_exists', kind: 'usage', hint: expect.stringMatching(/ds cron edit/) },
    });
    await expect(book.get('n'.repeat(400))).rejects.toMatchObject({ kind: 'usage' });
  });

  it('that asks for another token, is not there, or is something else, is told so', async () => {
    const { http, stop } = await serve({ workers: 0 });
    for (const token of [undefined, 'wrong']) {
      await expect((await bookAt(http, token)).list()).rejects.toMatchObject({
        ...{ code: 'cron.daemon_unreachable', kind: 'peer', message: expect.stringMatching(/token/) },
        hint: expect.stringMatching(/DS_CRON_TOKEN/),
      });
    }
    await stop(0);
    await expect((await bookAt(http, 'any')).list()).rejects.toMatchObject({
      ...{ code: 'cron.daemon_unreachable', message: expect.stringMatching(/ECONNREFUSED/) },
      hint: `ds cron serve --listen ${new URL(http).host}`,
    });
    expect(await findToken(temporaryFolder())).toBeUndefined();

    const answers = ['<html>', '[]', '{"jobs":[{}]}', '{"jobs":[{"name":"a","spec":{"comand":"x"}}]}'];
    const other = createServer((_request, response) => response.end(answers.shift())).listen(0, '127.0.0.1');
    onTestFinished(() => {
      other.closeAllConnections();
      other.close();
    });
    await once(other, 'listening');
    const address = other.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const book = await bookAt(url, 'any');
    while (answers.length > 0) {
      await expect(book.list()).rejects.toMatchObject({ code: 'cron.daemon_unreachable', kind: 'peer' });
    }
  });
});
