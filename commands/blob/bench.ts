import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blobOptions, blobUrl, loadBench } from '../../src/blocks/blob/index.js';
import { countFlag, Flags, resolveTarget, sizeFlag } from '../../src/platform/cli/command.js';
import { checkRate, LoadCommand, type LoadFlagValues, loadFlags } from '../../src/platform/cli/load-command.js';
import { closedLoop, constantRate } from '../../src/platform/load/schedule.js';
import type { Environment } from '../../src/platform/paths.js';
import { escapeForTerminal } from '../../src/platform/terminal-safety.js';

const LARGEST = 64 * 1024 ** 2;

export default class BlobBench extends LoadCommand {
  static override summary = 'measure how many objects a server stores, or gives back';
  static override description =
    `Sends signed PUTs of --size bytes to the server of --url: a ds blob serve, or any other S3; with --get it stores --keys objects first and
then reads them, each in turn. Without a URL a daemon of its own is started on a free port and an empty file, and stopped afterwards; each
answer of it is on disk. Objects are in a bucket of its own, which is removed at the end. No two bodies are alike, so that nothing is found
again and nothing can be compressed.

As fast as answers come, on all connections, unless there is a --rate: then latency is told from the intended start, too. It begins before
the request is made and signed; the body is no part of the signature.

Pipes get a name and a value on each line, between tabs; --json prints the document of ds limit load, with HTTP statuses as answers.

Exit codes: 0 measured; 1 nothing was answered, or nothing but errors; 2 bad input; 3 the server could not be reached, or refused; 4 a file
could not be written; 130 interrupted, after the report.`;
  static override examples = [
    { description: 'Small objects on this machine and its disk', command: '<%= config.bin %> <%= command.id %> -d 2s' },
    {
      description: 'Large ones, read: requests a second, and the rate',
      command: `<%= config.bin %> <%= command.id %> --get --size 8MiB --keys 8 -c 4 -d 2s`,
    },
    {
      description: 'A running daemon, at a steady rate',
      command: `<%= config.bin %> blob serve --detach
<%= config.bin %> <%= command.id %> --url s3+http://127.0.0.1:9000 --rate 100/s -d 2s
<%= config.bin %> down blob`,
    },
  ];
  static override flags = {
    ...loadFlags({ durationMs: 5_000, connections: 16 }),
    url: Flags.string({
      helpValue: 'URL',
      helpGroup: 'TARGET',
      description: 'server to measure (default: $DS_BLOB_URL, else a daemon of its own)',
    }),
    get: Flags.boolean({ helpGroup: 'LOAD', description: 'read objects that were stored before, and do not store' }),
    size: sizeFlag({ default: 1_000, min: 1, max: LARGEST, helpGroup: 'LOAD', description: 'of each object' }),
    keys: countFlag({
      default: 1_000,
      max: 100_000,
      helpGroup: 'LOAD',
      description: 'different objects, each in turn',
    }),
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(BlobBench);
    const { env, home } = this.context;
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    return target.kind === 'url' ? this.measure(target.url, flags, { env, home }) : this.measureOwn(flags);
  }

  /** A daemon with an access key of its own, for that time. */
  private async measureOwn(flags: BenchFlags): Promise<number> {
    const { env, program, clock, random, signal } = this.context;
    const [{ benchKeys }, { withPrivateDaemon }] = await Promise.all([
      loadBench(),
      import('../../src/platform/load/private-daemon.js'),
    ]);
    const home = await mkdtemp(join(tmpdir(), 'ds-bench-keys-'));
    try {
      const { file, environment } = benchKeys(random);
      const path = join(home, 'credentials');
      await writeFile(path, file, { mode: 0o600 });
      this.out.detail('starting a ds blob serve of its own, on a free port and an empty file');
      const daemon = { block: 'blob', options: blobOptions, args: ['--credentials-file', path], program, env };
      return await withPrivateDaemon({ ...daemon, clock, signal }, ({ s3 = '' }) =>
        this.measure(s3, flags, { env: environment, home }),
      );
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  }

  /** A closed loop, unless a rate is given. */
  private async measure(
    url: string,
    flags: BenchFlags,
    places: { readonly env: Environment; readonly home: string },
  ): Promise<number> {
    const { readS3Url, withBench } = await loadBench();
    const schedule = flags.rate === undefined ? closedLoop : constantRate(checkRate(flags.rate));
    const { endpoint } = readS3Url(url);
    await this.confirmHost(new URL(endpoint).hostname, endpoint, flags.yes);
    const { clock, random, signal, version } = this.context;
    const plan = {
      operation: flags.get ? 'get' : 'put',
      size: flags.size,
      objects: flags.keys,
      connections: flags.connections,
      timeoutMs: flags.timeout,
      userAgent: `ds/${version} (+bench)`,
    } as const;
    return withBench(url, plan, { clock, random, signal, ...places }, (driver) =>
      this.load(driver, schedule, flags, ({ answered, codes }) => {
        const isOfUse = (codes.get(200) ?? 0) > 0;
        if (answered > 0 && !isOfUse) this.out.warn(`every answer of ${escapeForTerminal(endpoint)} was an error`);
        return isOfUse;
      }),
    );
  }
}

interface BenchFlags extends LoadFlagValues {
  readonly rate?: Parameters<typeof checkRate>[0] | undefined;
  readonly get: boolean;
  readonly size: number;
  readonly keys: number;
  readonly yes: boolean;
}
