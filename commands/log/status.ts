import { loadAgentStatus, loadReport, type PipelineStatus, pathFromHere } from '../../src/blocks/log/index.js';
import { type Column, DsCommand, durationFlag, Flags, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { isoTime } from '../../src/platform/relative-time.js';
import { formatSize } from '../../src/platform/units.js';

type Report = Awaited<ReturnType<typeof loadReport>>;

const WATCH_MS = 2_000;

export default class LogStatus extends DsCommand {
  static override summary = 'show what ds log ship does: lag, rates, buffers, retries, dead letters, what was dropped';
  static override description =
    `A line for each pipeline, then one for each file that it reads; also while no agent runs. Lag is what is not read yet in bytes, and for how
long something waits, in a file or in a buffer. Totals count since the pipeline was made.

Pipes get, between tabs: pipeline, name, process id, lag in bytes, lag in ms, entries a second, bytes a second, entries delivered, waiting entries,
bytes of the buffer, retries, dead letters, dropped entries, last error; then file, name of the pipeline, path, state, offset, lines, lag in bytes.
A file of state copy is skipped: its lines were read from another file.

--json: {pipelines: [{name, sink, pid, lag_bytes, lag_ms, lines_read, entries_read, bytes_read, entries_delivered, entries_per_second,
bytes_per_second, buffer: {batches, entries, bytes, capacity_bytes, when_full}, retries, failures, last_error: {message, at}, last_delivered_at,
dead_letters: {letters, entries}, dropped: {reason: entries}, files: [{path, state, offset, lines, lag_bytes}]}]}; with --watch a line each
time. --dead-letters lists what sinks refused for good: id, pipeline, time, reason, line between tabs, a line each; --json {id, pipeline,
refused_at, reason, lines}.

Exit codes: 0 nothing is wrong; 1 a sink refuses or cannot be reached just now; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'After a file was shipped',
      command: `echo started > app.log
<%= config.bin %> log ship app.log --once
<%= config.bin %> <%= command.id %>`,
    },
    { description: 'What was refused, and why', command: '<%= config.bin %> <%= command.id %> --dead-letters' },
    {
      description: 'Which sinks are behind?',
      command: "<%= config.bin %> <%= command.id %> | awk -F'\\t' '$1 == \"pipeline\" && $5 > 0 {print $2, $5}'",
    },
  ];
  static override flags = {
    ...fileFlags('log', 'pipelines are in the file of the machine that ships'),
    watch: Flags.boolean({ description: 'again and again, until Ctrl-C' }),
    interval: durationFlag({ default: WATCH_MS, min: 100, description: 'between two looks of --watch' }),
    'dead-letters': Flags.boolean({ exclusive: ['watch'], description: 'list what sinks refused for good' }),
  };

  protected async execute(): Promise<number | undefined> {
    const { flags } = await this.parse(LogStatus);
    const { openForStatus, pipelineJson, readDeadLetters, readStatus } = await loadAgentStatus();
    const report = await loadReport();
    const show = (pipelines: readonly PipelineStatus[]) => {
      this.out.document({ pipelines: pipelines.map(pipelineJson) }, () => {
        if (this.out.isTerminal) this.showTables(pipelines, report);
        else for (const cells of report.statusRecords(pipelines)) this.out.record(cells);
      });
      return pipelines.some(({ failures }) => failures > 0) ? 1 : undefined;
    };
    const store = openForStatus(resolveFile(flags, 'log', this.context), { mustExist: flags.db !== undefined });
    try {
      if (flags['dead-letters']) return await this.showDeadLetters(readDeadLetters(store));
      if (!flags.watch) return show(await readStatus(store, this.context.clock.now()));
      const { signal, clock } = this.context;
      while (!signal.aborted) {
        const pipelines = await readStatus(store, clock.now());
        if (this.out.json) this.out.item({ pipelines: pipelines.map(pipelineJson) }, '');
        else show(pipelines);
        await clock.sleep(flags.interval, signal).catch(() => {});
      }
      return undefined;
    } finally {
      store.close();
    }
  }

  private showTables(pipelines: readonly PipelineStatus[], report: Report): void {
    if (pipelines.length === 0) {
      this.out.note('nothing was shipped yet: ds log ship FILE');
      return;
    }
    this.out.table(pipelineColumns(report), pipelines);
    const files = pipelines.flatMap((pipeline) => pipeline.files.map((file) => ({ pipeline: pipeline.name, ...file })));
    if (files.length > 0) {
      this.out.line('');
      this.out.table(FILE_COLUMNS, files);
    }
    for (const note of report.statusNotes(pipelines, this.context.clock.now())) this.out.note(note);
  }

  private async showDeadLetters(
    letters: ReturnType<Awaited<ReturnType<typeof loadAgentStatus>>['readDeadLetters']>,
  ): Promise<undefined> {
    for await (const { id, pipeline, refusedAt, reason, lines } of letters) {
      const at = isoTime(refusedAt);
      if (this.out.json) this.out.item({ id, pipeline, refused_at: at, reason, lines }, '');
      else if (this.out.isTerminal) {
        this.out.line(`${pipeline}  ${at}  ${reason}`, 'yellow');
        for (const line of lines) this.out.line(`  ${line}`);
      } else for (const line of lines) this.out.record([id, pipeline, at, reason, line]);
    }
  }
}

function pipelineColumns({ lagText, rounded }: Report): Column<PipelineStatus>[] {
  return [
    { header: 'pipeline', value: ({ name }) => name, keep: true },
    {
      header: 'agent',
      value: ({ pid }) => (pid === undefined ? 'off' : `pid ${pid}`),
      color: ({ pid }) => (pid === undefined ? undefined : 'green'),
    },
    {
      header: 'lag',
      value: lagText,
      color: ({ lagMs, failures }) => (failures > 0 ? 'red' : lagMs > 60_000 ? 'yellow' : undefined),
    },
    { header: 'rate', value: ({ entriesPerSecond }) => `${rounded(entriesPerSecond)}/s` },
    { header: 'bytes', value: ({ bytesPerSecond }) => `${formatSize(rounded(bytesPerSecond))}/s`, optional: true },
    { header: 'entries', value: ({ entriesDelivered }) => entriesDelivered, align: 'right' },
    { header: 'buffer', value: ({ buffer }) => (buffer === undefined ? '' : formatSize(buffer.bytes)) },
    {
      header: 'of',
      value: ({ buffer }) => (buffer === undefined ? '' : formatSize(buffer.capacityBytes)),
      optional: true,
    },
    { header: 'retries', value: ({ retries }) => retries, align: 'right', optional: true },
    {
      header: 'dead',
      value: ({ deadLetters }) => deadLetters.entries,
      color: ({ deadLetters }) => (deadLetters.entries > 0 ? 'yellow' : undefined),
    },
    {
      header: 'dropped',
      value: ({ dropped }) => Object.values(dropped).reduce((sum, entries) => sum + entries, 0),
      optional: true,
    },
  ];
}

const FILE_COLUMNS: Column<PipelineStatus['files'][number] & { readonly pipeline: string }>[] = [
  { header: 'file', value: ({ path }) => path, display: ({ path }) => pathFromHere(path), keep: true },
  { header: 'pipeline', value: ({ pipeline }) => pipeline },
  { header: 'state', value: ({ state }) => (state === 'copy' ? 'copy, skipped' : state) },
  { header: 'read', value: ({ offset }) => offset, display: ({ offset }) => formatSize(offset) },
  { header: 'lines', value: ({ lines }) => lines },
  {
    header: 'behind',
    value: ({ lagBytes }) => lagBytes,
    display: ({ lagBytes }) => (lagBytes === undefined ? '' : formatSize(lagBytes)),
  },
];
