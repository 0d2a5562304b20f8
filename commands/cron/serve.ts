import { cronOptions, cronUrl, databaseHint, databaseUrl, loadBlock } from '../../src/blocks/cron/index.js';
import { Flags, resolveTarget } from '../../src/platform/cli/command.js';
import { ServeCommand, serveFlags } from '../../src/platform/cli/serve-command.js';

/** What says where the jobs are. */
interface PlaceFlags {
  readonly url?: string | undefined;
  readonly db?: string | undefined;
  readonly database?: string | undefined;
  readonly 'database-file'?: string | undefined;
}

export default class CronServe extends ServeCommand {
  static override summary = 'schedule and run jobs; an HTTP API, and pings as healthchecks.io takes them';
  static override description =
    `Any number of these may run on one file, or, on several machines, on one PostgreSQL (--url): one of them decides what becomes of
each slot, all of them run what is due. When one dies or is silent for its --lease, the others take over.

The API asks for a token, on this machine too, since a job is a command: it is in cron.token in DS_HOME, or where --requirepass-file
says; commands with --url http://… take it from cron.token, or from DS_CRON_TOKEN. Pings need none: the UUID in them is the secret.

--url and --database are one and the same. Without either, --database-file and --db it is on the PostgreSQL of DS_CRON_URL, as the other
commands are; without that on the file.

Only this machine can connect, unless --listen says otherwise; that needs --requirepass-file, or --insecure.

A stop waits --grace for what runs, and then ends it: an at-least-once run waits for the next daemon, another one has failed, and
the next daemon tells who wants to know. The last line says how many there were.

Exit codes: 0 stopped by SIGINT or SIGTERM, and the store knows what became of all runs; 2 a bad option or a taken port; 3 the
PostgreSQL could not be reached; 4 the store failed.`;
  static override examples = [
    { description: 'On the usual port', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'In the background; a job; what it did',
      command: `<%= config.bin %> <%= command.id %> --detach
<%= config.bin %> cron add hello --schedule '@every 1s' -- echo hello
<%= config.bin %> cron history hello
<%= config.bin %> down cron`,
    },
    {
      description: 'With others, on a PostgreSQL that they share',
      command: '<%= config.bin %> <%= command.id %> --url postgres://cron@db.internal/ops --workers 32',
    },
  ];
  static override flags = {
    ...serveFlags('cron', cronOptions),
    url: Flags.string({
      description: 'as --database (default: $DS_CRON_URL, where no file is named)',
      helpValue: 'URL',
      exclusive: ['database', 'database-file', 'db'],
    }),
  };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(CronServe);
    await this.serve(await loadBlock(), { ...flags, database: this.databaseOf(flags) });
  }

  /** A daemon is asked by others, and asks none. */
  private databaseOf(flags: PlaceFlags): string | undefined {
    const { url: given, db, database } = flags;
    if ((database ?? flags['database-file'] ?? db) !== undefined) return database;
    const target = resolveTarget({ url: given }, 'cron', this.context, cronUrl);
    return target.kind === 'file' ? undefined : databaseUrl(target, databaseHint('serve', given));
  }
}
