/** Runs ceph/s3-tests from a checkout outside this project, as it is, with Debian's Python. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PYTHON } from '../../helpers/programs.js';

/** Seconds. */
const LIMIT_OF_A_TEST = 180;

/**
 * Markers of tests that are about what Ceph does otherwise than AWS, or about services beside S3. 530 tests remain, as of the
 * suite's commit that expectations.txt names.
 */
const LEFT_OUT = [
  'fails_on_aws',
  ...['encryption', 'sse_s3', 'bucket_encryption'],
  ...['bucket_logging', 'bucket_logging_cleanup', 'fails_without_logging_rollover'],
  ...['iam_account', 'iam_cross_account', 'iam_role', 'iam_tenant', 'iam_user', 'user_policy'],
  ...['cloud_transition', 'cloud_restore', 'target_by_bucket', 'lifecycle_transition', 'storage_class'],
];

export interface Target {
  readonly port: number;
  /** Each an account of its own, of which the daemon tells this name and this identifier. */
  readonly users: Readonly<
    Record<'main' | 'alt' | 'tenant', { readonly account: string; readonly id: string; readonly secret: string }>
  >;
}

export interface Outcome {
  /** `test_s3::test_bucket_list_empty`. */
  readonly name: string;
  readonly passed: boolean;
  /** Skipped by the suite itself, which is no failure of ours and no success. */
  readonly skipped: boolean;
  /** First line of what went wrong. */
  readonly why: string;
}

/** Share `index` of `count` of the tests. Nothing is written to the checkout. */
export async function runShare(checkout: string, folder: string, target: Target, index: number, count: number) {
  const settings = join(folder, 'settings.conf');
  const report = join(folder, 'report.xml');
  writeFileSync(settings, settingsFor(target, index));
  const files = ['test_s3.py', 'test_headers.py'].map((file) => join('s3tests/functional', file));
  const plugins = ['-p', 'no:cacheprovider', '-p', 'pytest_ds'];
  const marks = LEFT_OUT.join(' or ');
  const args = ['-m', 'pytest', '-q', ...plugins, `--junitxml=${report}`, '-m', `not (${marks})`, ...files];
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    S3TEST_CONF: settings,
    PYTHONPATH: import.meta.dirname,
    PYTHONDONTWRITEBYTECODE: '1',
    DS_TEST_SECONDS: `${LIMIT_OF_A_TEST}`,
    DS_SHARE: `${index}/${count}`,
  };
  const child = spawn(PYTHON, args, { cwd: checkout, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
  const [code] = await once(child, 'close');
  // 1: some tests failed.
  if (code !== 0 && code !== 1) throw new Error(`pytest exited ${code}: ${said}`);
  return parseReport(readFileSync(report, 'utf8'));
}

function settingsFor({ port, users }: Target, index: number): string {
  const user = (name: keyof Target['users'], more = '') => `[s3 ${name}]
display_name = ${name}
user_id = ${users[name].account}
email = ${name}@example.com
access_key = ${users[name].id}
secret_key = ${users[name].secret}
${more}`;
  const nobody = 'access_key = none\nsecret_key = none\nuser_id = none\nemail = none@example.com\n';
  return `[DEFAULT]
host = 127.0.0.1
port = ${port}
is_secure = False
[fixtures]
bucket prefix = ds-${index}-{random}-
${user('main', 'api_name = us-east-1\nlc_debug_interval = 1\n')}
${user('alt')}
${user('tenant', 'tenant = ds\n')}
[iam]
display_name = none
${nobody}
[iam root]
${nobody}
[iam alt root]
${nobody}`;
}

/** As pytest writes JUnit's format. */
function parseReport(xml: string): Outcome[] {
  const cases = xml.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g);
  const outcomes = new Map<string, Outcome>();
  for (const [, group = '', test = '', inside = ''] of cases) {
    const name = `${group.replace(/^.*\./, '')}::${test}`;
    const why = /<(?:failure|error)[^>]*? message="([^"]*)"/.exec(inside)?.[1];
    // What fails in its setup or its teardown, too, is listed twice.
    const before = outcomes.get(name);
    if (before !== undefined && !before.passed) continue;
    const skipped = inside.includes('<skipped');
    outcomes.set(name, { name, passed: why === undefined && !skipped, skipped, why: firstLine(why ?? '') });
  }
  return [...outcomes.values()];
}

function firstLine(message: string): string {
  return message
    .replace(/&#10;[\s\S]*$/, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
