import { FILE_ONLY, loadTargets, type TargetReport } from '../../../src/blocks/dns/index.js';
import { Args, type Column, DsCommand, fileFlags, resolveFile } from '../../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../../src/platform/relative-time.js';

export default class DnsTargetList extends DsCommand {
  static override summary = 'list checked targets and how they are';
  static override description =
    `States: up and unknown are given out; down failed its checks, held is well again but still held down; unchecked has no check; gone has
no record any more. States are noted by the ds dns serve that runs on the file: without one they are as it left them.

Pipes get name, type, target, state, tier, weight, check, since, last check, problem, between tabs; --json {"targets": [...]}.

Exit codes: 0 done; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'How are they?',
      command: `<%= config.bin %> dns target set api.shop.test A 10.0.0.7 --check tcp:8080 --create
<%= config.bin %> <%= command.id %>`,
    },
    { description: 'Those of one name, and of names below', command: '<%= config.bin %> <%= command.id %> shop.test' },
    {
      description: 'What is down, in a script',
      command: "<%= config.bin %> <%= command.id %> | awk -F '\\t' '$4 == \"down\"'",
    },
  ];
  static override args = { name: Args.string({ description: 'only this name, and names below it' }) };
  static override flags = { ...fileFlags('dns', FILE_ONLY) };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(DnsTargetList);
    const dns = await loadTargets();
    const name = args.name === undefined ? undefined : dns.readTypedName(args.name);
    const { clock } = this.context;
    const targets = await dns.withStore(resolveFile(flags, 'dns', this.context), clock, (store) => {
      return dns.reportTargets(store, name);
    });
    this.out.document({ targets: targets.map(toRecord) }, () => {
      if (targets.length === 0)
        return this.out.note('no record here has a checked target; try: ds dns target set --help');
      this.out.table(columns(clock.now()), targets);
    });
  }
}

function toRecord({ since, checkedAt, problem, check, ...rest }: TargetReport) {
  return {
    ...rest,
    ...(check !== '' && { check }),
    ...(since !== undefined && { since: isoTime(since) }),
    ...(checkedAt !== undefined && { checked_at: isoTime(checkedAt) }),
    ...(problem !== '' && { problem }),
  };
}

const COLORS = {
  up: 'green',
  down: 'red',
  held: 'yellow',
  gone: 'dim',
  unchecked: undefined,
  unknown: undefined,
} as const;

function columns(now: number): Column<TargetReport>[] {
  const time = (header: string, read: (row: TargetReport) => number | undefined): Column<TargetReport> => ({
    header,
    value: (row) => (read(row) === undefined ? undefined : isoTime(read(row) ?? 0)),
    display: (row) => (read(row) === undefined ? '' : relativeTime(read(row) ?? 0, now)),
    optional: true,
  });
  return [
    { header: 'name', value: ({ name }) => name },
    { header: 'type', value: ({ type }) => type },
    { header: 'target', value: ({ target }) => target, keep: true },
    { header: 'state', value: ({ state }) => state, color: ({ state }) => COLORS[state], keep: true },
    { header: 'tier', value: ({ tier }) => tier },
    { header: 'weight', value: ({ weight }) => weight },
    { header: 'check', value: ({ check }) => check },
    time('since', ({ since }) => since),
    time('checked', ({ checkedAt }) => checkedAt),
    { header: 'problem', value: ({ problem }) => problem, color: () => 'dim' },
  ];
}
