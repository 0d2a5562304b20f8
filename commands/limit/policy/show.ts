import {
  type Demand,
  MOST_POLICY_BYTES,
  type PolicyDescription,
  readPolicies,
  sayLimit,
} from '../../../src/blocks/limit/index.js';
import { Args, type Column, DsCommand, Flags } from '../../../src/platform/cli/command.js';
import { readInput } from '../../../src/platform/cli/input.js';

type LimitRow = PolicyDescription['limits'][number] & { readonly policy: PolicyDescription };

export default class LimitPolicyShow extends DsCommand {
  static override summary = 'show what policies mean, or which of them a request meets';
  static override description =
    `Without a request: each limit with what its policy matches and by what it tells requests apart. With --path, --method, --host,
--header or --client: the limits that such a request would be counted by, each with its key. What is not told of the request
is GET / of client 127.0.0.1.

Pipes get a line for each limit, between tabs: scope, rate, algorithm, burst, cost, key parts; for a request scope, key, rate
and algorithm in words, cost, "shadow" where it only watches.

Exit codes: 0 done; 1 no policy applies to the request; 2 the file cannot be read, or says what no policy can mean.`;
  static override examples = [
    {
      description: 'What does it say?',
      command: `cat > policies.yaml <<'YAML'
policies:
  - name: login
    match: {path: /login, method: POST}
    key: client
    limits:
      - {name: minute, rate: 5/min}
      - {name: day, rate: 100/d}
  - name: api
    match: {path: '/api/**'}
    key: header:x-api-key
    limits:
      - {rate: 100/s, burst: 200}
YAML
<%= config.bin %> <%= command.id %> policies.yaml`,
    },
    {
      description: 'What counts this request?',
      command: '<%= config.bin %> <%= command.id %> policies.yaml --method POST --path /login --client 2001:db8::7',
    },
    {
      description: 'And this one?',
      command: "<%= config.bin %> <%= command.id %> policies.yaml --path /api/users --header 'X-Api-Key: abc' --json",
    },
  ];
  static override args = { file: Args.string({ required: true, description: 'YAML file; - is stdin' }) };
  static override flags = {
    path: Flags.string({ helpGroup: 'REQUEST', description: 'path of a request (default: /)' }),
    method: Flags.string({ helpGroup: 'REQUEST', description: 'its method (default: GET)' }),
    host: Flags.string({ helpGroup: 'REQUEST', description: 'its authority (default: localhost)' }),
    header: Flags.string({
      helpGroup: 'REQUEST',
      multiple: true,
      multipleNonGreedy: true,
      description: "a header of it: 'X-Api-Key: abc'",
    }),
    client: Flags.string({
      helpGroup: 'REQUEST',
      helpValue: 'ADDRESS',
      description: 'address of its client (default: 127.0.0.1)',
    }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(LimitPolicyShow);
    const { policies, demandsOf } = await readPolicies(await readInput(args.file, MOST_POLICY_BYTES), args.file);
    const { path, method, host, header, client } = flags;
    if ([path, method, host, header, client].every((value) => value === undefined)) {
      this.showAll(policies);
      return 0;
    }
    const demands = demandsOf({
      path: path ?? '/',
      method: method ?? 'GET',
      host: host ?? 'localhost',
      headers: header ?? [],
      client: client ?? '127.0.0.1',
    });
    this.showRequest(demands);
    return demands.length > 0 ? 0 : 1;
  }

  private showAll(policies: readonly PolicyDescription[]): void {
    const rows = policies.flatMap((policy) => policy.limits.map((limit) => ({ ...limit, policy })));
    const columns = this.out.isTerminal ? [...limitColumns, ...matchColumns] : limitColumns;
    this.out.document({ policies }, () => this.out.table(columns, rows));
  }

  private showRequest(demands: readonly Demand[]): void {
    const counted = demands.map(({ scope, key, limit, cost, shadow = false }) => {
      return { scope, key, limit: sayLimit(limit), cost, shadow };
    });
    this.out.document({ counted }, () => {
      if (demands.length === 0) return this.out.note('no policy applies to this request');
      this.out.table(demandColumns, demands);
    });
  }
}

const limitColumns: Column<LimitRow>[] = [
  { header: 'scope', value: ({ scope }) => scope, keep: true },
  { header: 'rate', value: ({ rate }) => rate, keep: true },
  { header: 'algorithm', value: ({ algorithm }) => algorithm },
  { header: 'burst', value: ({ burst }) => burst, optional: true },
  { header: 'cost', value: ({ cost }) => cost, optional: true },
  { header: 'key', value: ({ policy }) => policy.key.join(' ') || 'one for all' },
];

const matchColumns: Column<LimitRow>[] = [
  { header: 'matches', value: ({ policy }) => sayMatch(policy.match) },
  {
    header: '',
    value: ({ policy }) => (policy.shadow ? 'shadow' : undefined),
    color: () => 'yellow',
  },
];

const demandColumns: Column<Demand>[] = [
  { header: 'scope', value: ({ scope }) => scope },
  { header: 'key', value: ({ key }) => key },
  { header: 'limit', value: ({ limit }) => sayLimit(limit) },
  { header: 'cost', value: ({ cost }) => cost },
  { header: '', value: ({ shadow }) => (shadow ? 'shadow' : undefined), color: () => 'yellow' },
];

/** `path /login, method POST`; every request where nothing is said. */
function sayMatch({ header = {}, ...lists }: PolicyDescription['match']): string {
  const parts = Object.entries(lists).map(([name, values]) => `${name} ${values.join(' or ')}`);
  const headers = Object.entries(header).map(([name, values]) => `${name}: ${values.join(' or ')}`);
  return [...parts, ...headers].join(', ') || 'every request';
}
