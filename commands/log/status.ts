import { loadAgentStatus, type PipelineStatus } from '../../src/blocks/log/index.js';
import { DsCommand, durationFlag, Flags, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';
import { formatDuration, formatSize } from '../../src/platform/units.js';

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
    const show = (pipelines: readonly PipelineStatus[]) => this.show(pipelines, pipelines.map(pipelineJson));
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

  private show(pipelines: readonly PipelineStatus[], json: readonly unknown[]): number | undefined {
    this.out.document({ pipelines: json }, () => {
      if (this.out.isTerminal) this.showTables(pipelines, this.context.clock.now());
      else this.showRecords(pipelines);
    });
    return pipelines.some(({ failures }) => failures > 0) ? 1 : undefined;
  }

  private showRecords(pipelines: readonly PipelineStatus[]): void {
    for (const one of pipelines) {
      this.out.record([
        'pipeline',
        one.name,
        one.pid,
        one.lagBytes,
        one.lagMs,
        round(one.entriesPerSecond),
        round(one.bytesPerSecond),
        one.entriesDelivered,
        one.buffer?.entries,
        one.buffer?.bytes,
        one.retries,
        one.deadLetters.entries,
        droppedOf(one),
        one.lastError?.message,
      ]);
      for (const { path, state, offset, lines, lagBytes } of one.files) {
        this.out.record(['file', one.name, path, state, offset, lines, lagBytes]);
      }
    }
  }

  private showTables(pipelines: readonly PipelineStatus[], now: number): void {
    if (pipelines.length === 0) {
      this.out.note('nothing was shipped yet: ds log ship FILE');
      return;
    }
    this.out.table(
      [
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
        {
          header: 'rate',
          value: ({ entriesPerSecond }) => `${round(entriesPerSecond)}/s`,
        },
        { header: 'bytes', value: ({ bytesPerSecond }) => `${formatSize(round(bytesPerSecond))}/s`, optional: true },
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
        { header: 'dropped', value: droppedOf, optional: true },
      ],
      pipelines,
    );
    const files = pipelines.flatMap((pipeline) => pipeline.files.map((file) => ({ pipeline, file })));
    if (files.length > 0) {
      this.out.line('');
      this.out.table(
        [
          { header: 'file', value: ({ file }) => file.path, keep: true },
          { header: 'pipeline', value: ({ pipeline }) => pipeline.name },
          { header: 'state', value: ({ file }) => (file.state === 'copy' ? 'copy, skipped' : file.state) },
          { header: 'read', value: ({ file }) => file.offset, display: ({ file }) => formatSize(file.offset) },
          { header: 'lines', value: ({ file }) => file.lines },
          {
            header: 'behind',
            value: ({ file }) => file.lagBytes,
            display: ({ file }) => (file.lagBytes === undefined ? '' : formatSize(file.lagBytes)),
          },
        ],
        files,
      );
    }
    for (const { name, dropped, lastError, failures } of pipelines) {
      for (const [reason, entries] of Object.entries(dropped))
        this.out.note(`${name}: ${entries} entries dropped: ${reason}`);
      if (lastError !== undefined) {
        const again = failures > 0 ? `, ${failures} failed since the last delivery` : '';
        this.out.note(`${name}: last error ${relativeTime(lastError.at, now)}${again}: ${lastError.message}`);
      }
    }
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

function lagText({ lagBytes, lagMs }: PipelineStatus): string {
  return lagMs === 0 ? 'none' : `${formatSize(lagBytes)}, ${formatDuration(Math.round(lagMs / 1000) * 1000)}`;
}

function droppedOf({ dropped }: PipelineStatus): number {
  return Object.values(dropped).reduce((sum, entries) => sum + entries, 0);
}

const round = (amount: number): number => Math.round(amount * 10) / 10;
