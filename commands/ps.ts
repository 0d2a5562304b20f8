import { type Column, DsCommand } from '../src/platform/cli/command.js';
import { type ProbedDaemon, probeDaemons } from '../src/platform/daemon/readiness.js';
import { listDaemons } from '../src/platform/daemon/registry.js';
import { shortenPath } from '../src/platform/paths.js';
import { relativeTime } from '../src/platform/relative-time.js';

export default class Ps extends DsCommand {
  static override summary = 'list the daemons that run';
  static override description =
    `Those started by ds up or ds <block> serve under this DS_HOME. What a killed daemon left behind is recognised and removed.
Each is asked whether it can serve: one that runs and cannot is shown as unready, with the reason.

A pipe gets, between tabs: block, pid, state, endpoints (name=URL, between commas), start, restarts, database.

Exit codes: 0 always.`;
  static override examples = [
    { description: 'What runs', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: "The sequencer's Redis URL, for a script",
      command: `<%= config.bin %> <%= command.id %> --json | node -p 'JSON.parse(fs.readFileSync(0)).find((d) => d.block === "seq")?.endpoints.redis'`,
    },
    {
      description: 'Wait until a block is running',
      command: `until <%= config.bin %> <%= command.id %> | grep -q '^seq.*running'; do sleep 0.1; done`,
    },
  ];

  protected async execute(): Promise<void> {
    await this.parse(Ps);
    const { home, clock } = this.context;
    const daemons = await probeDaemons(await listDaemons(home));
    this.out.document(daemons.map(toDocument), () => {
      if (daemons.length === 0 && this.out.isTerminal) this.out.line('nothing is running; start with: ds up');
      else if (daemons.length > 0) this.out.table(this.columns(clock.now(), this.out.isTerminal), daemons);
    });
  }

  private columns(now: number, isTerminal: boolean): Column<ProbedDaemon>[] {
    const endpoints = (daemon: ProbedDaemon) => daemon.endpoints.map(({ name, url }) => `${name}=${url}`).join(',');
    const first = ({ problem, endpoints: [main] }: ProbedDaemon) => problem ?? main?.url ?? '';
    const others = ({ endpoints: [, ...more] }: ProbedDaemon) => more.map(({ url }) => url).join(' ');
    const since = (daemon: ProbedDaemon) => relativeTime(Date.parse(daemon.startedAt), now);
    return [
      { header: 'block', value: ({ block }) => block },
      { header: 'pid', value: ({ pid }) => pid },
      { header: 'state', value: ({ state }) => state, color: ({ state }) => stateColor(state) },
      { header: 'endpoint', value: endpoints, display: first, keep: true },
      ...(isTerminal ? [{ header: 'others', value: others, optional: true }] : []),
      { header: 'started', value: ({ startedAt }) => startedAt, display: since },
      { header: 'restarts', value: ({ restarts }) => restarts ?? 0, optional: true },
      {
        header: 'db',
        value: ({ db }) => db,
        display: ({ db }) => (db === undefined ? '' : shortenPath(db, this.context.env)),
      },
    ];
  }
}

function stateColor(state: ProbedDaemon['state']) {
  return state === 'running' ? 'green' : state === 'failed' ? 'red' : 'yellow';
}

function toDocument({ endpoints, startedAt, control: _control, ...rest }: ProbedDaemon) {
  return {
    ...rest,
    started_at: startedAt,
    endpoints: Object.fromEntries(endpoints.map(({ name, url }) => [name, url])),
  };
}
