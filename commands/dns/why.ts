import { type Explanation, FILE_ONLY, loadTargets } from '../../src/blocks/dns/index.js';
import { Args, type Column, DsCommand, fileFlags, resolveFile } from '../../src/platform/cli/command.js';

type Step = Explanation['steps'][number];

export default class DnsWhy extends DsCommand {
  static override summary = 'tell why a name is answered as it is';
  static override description =
    `Goes the way that an answer goes, and says each step: the zone that holds the name, delegations, aliases, wildcards, which targets are
given out and why not the others, or what was kept of an answer from elsewhere. All from the file that ds dns serve answers from.

The same reasons go out with the answers that health decided, as extended errors (RFC 8914): dig shows them as EDE.

Pipes get a word and a sentence for each step, between tabs, then the records of the answer after the word "answer". --json: {name, type,
source, rcode, steps: [{kind, text}], answers}; source is zone, cache or nowhere.

Exit codes: 0 explained; 1 nothing here knows the name; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'A wildcard answers',
      command: `<%= config.bin %> dns record set '*.shop.test' A 10.0.0.7 --zone shop.test --create
<%= config.bin %> <%= command.id %> www.shop.test`,
    },
    {
      description: 'Which targets, and why',
      command: `<%= config.bin %> dns target set api.shop.test A 10.0.0.8 --check tcp:8080 --weight 2
<%= config.bin %> <%= command.id %> api.shop.test A`,
    },
    { description: 'As a document', command: '<%= config.bin %> <%= command.id %> shop.test MX --json' },
  ];
  static override args = {
    name: Args.string({ required: true, description: 'name in full: www.shop.test' }),
    type: Args.string({ default: 'A', description: 'record type' }),
  };
  static override flags = { ...fileFlags('dns', FILE_ONLY) };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(DnsWhy);
    const dns = await loadTargets();
    const question = { name: dns.readTypedName(args.name), type: dns.readRecordType(args.type), class: 1 };
    const { clock } = this.context;
    const told = await dns.withStore(resolveFile(flags, 'dns', this.context), clock, (store) => {
      return dns.explain(store, question, clock);
    });
    this.out.document(told, () => this.show(told));
    return told.source === 'nowhere' ? 1 : 0;
  }

  private show({ name, type, rcode, steps, answers }: Explanation): void {
    if (this.out.isTerminal) this.out.line(`${name} ${type}: ${rcode ?? 'unknown here'}`);
    this.out.table(stepColumns, steps);
    for (const { name: owner, ttl, type: answered, data } of answers) {
      this.out.line([...(this.out.isTerminal ? [] : ['answer']), owner, ttl, answered, data].join('\t'));
    }
  }
}

const stepColumns: Column<Step>[] = [
  { header: 'step', value: ({ kind }) => kind, color: () => 'dim', keep: true },
  { header: 'why', value: ({ text }) => text },
];
