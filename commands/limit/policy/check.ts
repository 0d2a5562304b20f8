import { MOST_POLICY_BYTES, type PolicyDescription, readPolicies } from '../../../src/blocks/limit/index.js';
import { Args, DsCommand } from '../../../src/platform/cli/command.js';
import { readInput } from '../../../src/platform/cli/input.js';

export default class LimitPolicyCheck extends DsCommand {
  static override summary = 'check a policy file';
  static override description =
    `Read as strictly as "ds limit serve --policy" reads it: a key that nobody knows is an error, with its line.

Pipes get "policies", "limits" and "shadow" (policies that only watch) with their numbers, between tabs.

Exit codes: 0 it can be served; 2 it cannot be read, or says what no policy can mean.`;
  static override examples = [
    {
      description: 'Before it is served',
      command: `cat > policies.yaml <<'YAML'
policies:
  - name: login
    match: {path: /login, method: POST}
    key: client
    limits:
      - {name: minute, rate: 5/min}
      - {name: day, rate: 100/d}
YAML
<%= config.bin %> <%= command.id %> policies.yaml`,
    },
    {
      description: 'From another program',
      command: "echo 'policies: [{name: all, limits: [{rate: 100/s}]}]' | <%= config.bin %> <%= command.id %> -",
    },
    { description: 'For a program', command: '<%= config.bin %> <%= command.id %> policies.yaml --json' },
  ];
  static override args = { file: Args.string({ required: true, description: 'YAML file; - is stdin' }) };

  protected async execute(): Promise<void> {
    const { args } = await this.parse(LimitPolicyCheck);
    const { policies } = await readPolicies(await readInput(args.file, MOST_POLICY_BYTES), args.file);
    const counts = {
      policies: policies.length,
      limits: policies.reduce((sum, policy) => sum + policy.limits.length, 0),
      shadow: policies.filter((policy) => policy.shadow).length,
    };
    this.out.document(counts, () => {
      if (this.out.isTerminal) return this.out.styled(['green', 'good'], `  ${sentence(counts)}: ${names(policies)}`);
      for (const [name, count] of Object.entries(counts)) this.out.line(`${name}\t${count}`);
    });
  }
}

function sentence({ policies, limits, shadow }: Readonly<Record<'policies' | 'limits' | 'shadow', number>>): string {
  const watching = shadow === 0 ? '' : `, ${shadow} only watching`;
  return `${policies} ${policies === 1 ? 'policy' : 'policies'} with ${limits} ${limits === 1 ? 'limit' : 'limits'}${watching}`;
}

const names = (policies: readonly PolicyDescription[]) => policies.map(({ name }) => name).join(', ');
