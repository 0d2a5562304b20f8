/**
 * ceph/s3-tests against `ds blob serve`. The suite is under a license of its own and stays outside: without a checkout that
 * DS_S3_TESTS names, this is skipped.
 *
 *     git clone https://github.com/ceph/s3-tests /tmp/s3-tests
 *     DS_S3_TESTS=/tmp/s3-tests npm run conformance -- blob-s3-tests
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accountId } from '../../src/blocks/blob/access/accounts.js';
import { hasPackages } from '../helpers/programs.js';
import { startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { type Group, parseExpectations } from './s3-tests/expectations.js';
import { type Outcome, runShare, type Target } from './s3-tests/suite.js';

const CHECKOUT = process.env['DS_S3_TESTS'];
/** Processes, each with a daemon of its own, since some tests list all buckets. */
const SHARES = 2;
const PACKAGES = [
  'python3-boto3',
  'python3-pytest',
  'python3-munch',
  'python3-isodate',
  'python3-tz',
  'python3-requests',
] as const;
const USERS = {
  main: { account: accountId('main'), id: 'MAINMAINMAINMAINMAIN', secret: 'the secret of the main user' },
  alt: { account: accountId('alt'), id: 'ALTALTALTALTALTALTAL', secret: 'the secret of another user' },
  tenant: { account: accountId('tenant'), id: 'TENANTTENANTTENANTTE', secret: 'the secret of a third user' },
};

async function startTarget(folder: string): Promise<Target> {
  const credentials = join(folder, 'credentials');
  const sections = Object.entries(USERS).map(
    ([name, { id, secret }]) => `[${name}]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`,
  );
  writeFileSync(credentials, sections.join(''), { mode: 0o600 });
  const place = ['--listen', '127.0.0.1:0', '--credentials-file', credentials, '--db', join(folder, 'blob.db')];
  const { ready } = await startDs(['blob', 'serve', '--admin', 'off', ...place]);
  return { port: Number(new URL(ready.endpoints['s3'] ?? '').port), users: USERS };
}

function summary(outcomes: readonly Outcome[], groups: readonly Group[]): string {
  const passed = outcomes.filter((outcome) => outcome.passed).length;
  const skipped = outcomes.filter((outcome) => outcome.skipped).length;
  const failed = new Map(outcomes.filter((one) => !one.passed && !one.skipped).map(({ name, why }) => [name, why]));
  const lines = groups.map(({ name, reason, tests }) => {
    const count = tests.filter((test) => failed.has(test)).length;
    return `  ${`${count}`.padStart(3)} ${name}: ${reason}`;
  });
  const known = new Set(groups.flatMap(({ tests }) => tests));
  const others = [...failed].filter(([name]) => !known.has(name)).map(([name, why]) => `  new ${name}: ${why}`);
  const share = ((100 * passed) / outcomes.length).toFixed(1);
  const head = `ceph/s3-tests: ${passed} of ${outcomes.length} pass (${share} %), ${skipped} skipped by the suite, ${failed.size} fail`;
  return [head, ...lines, ...others, ''].join('\n');
}

test.skipIf(CHECKOUT === undefined || !hasPackages(...PACKAGES))(
  'ceph/s3-tests: at least 65 % pass, and what fails is known',
  { timeout: 40 * 60_000, retry: 0 },
  async () => {
    const groups = parseExpectations(readFileSync(join(import.meta.dirname, 's3-tests/expectations.txt'), 'utf8'));
    const root = temporaryFolder();
    const shares = Array.from({ length: SHARES }, async (_, index) => {
      const folder = join(root, `${index}`);
      mkdirSync(folder);
      return runShare(CHECKOUT ?? '', folder, await startTarget(folder), index, SHARES);
    });
    const outcomes = (await Promise.all(shares)).flat();
    process.stdout.write(summary(outcomes, groups));
    expect(outcomes.length).toBeGreaterThanOrEqual(530);
    expect(outcomes.filter(({ passed }) => passed).length / outcomes.length).toBeGreaterThanOrEqual(0.65);
    const failed = outcomes.filter(({ passed, skipped }) => !passed && !skipped).map(({ name }) => name);
    expect(failed.sort()).toEqual(groups.flatMap(({ tests }) => tests).sort());
  },
);
