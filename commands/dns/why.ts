import { type Explanation, FILE_ONLY, loadTargets, type RecordFields } from '../../src/blocks/dns/index.js';
import { Args, type Column, DsCommand, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { wrap } from '../../src/platform/cli/help/layout.js';
import { listDaemons } from '../../src/platform/daemon/registry.js';

type Step = Explanation['steps'][number];

export default class DnsWhy extends DsCommand {
  static override summary = 'tell why a name is answered as it is';
  static override description =
    `Goes the way that an answer goes, and says each step: the zone that holds the name, delegations, aliases, wildcards, which targets are
given out and why not the others, or what was kept of an answer from elsewhere. All from the file that ds dns serve answers from; what is
within ds.test from the daemons that run.

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
    const daemons = await listDaemons(this.context.home);
    const told = await dns.withStore(resolveFile(flags, 'dns', this.context), clock, (store) => {
      return dns.explain(store, question, clock, daemons);
    });
    this.out.document(told, () => this.show(told));
    return told.source === 'nowhere' ? 1 : 0;
  }

  private show({ name, type, rcode, steps, answers }: Explanation): void {
    if (!this.out.isTerminal) {
      this.out.table(stepColumns, steps);
      this.out.table([{ header: '', value: () => 'answer' }, ...answerColumns], answers);
      return;
    }
    this.out.line(`${name} ${type}: ${rcode ?? 'unknown here'}`, 'bold');
    const widest = Math.max(...steps.map(({ kind }) => kind.length));
    // The reasons are what was asked for: they are not cut.
    for (const { kind, text } of steps) {
      for (const [i, part] of wrap(text, Math.max(20, this.out.width - widest - 2)).entries()) {
        this.out.styled(['dim', (i === 0 ? kind : '').padEnd(widest)], `  ${part}`);
      }
    }
    if (answers.length === 0) return;
    this.out.line('');
    this.out.table(answerColumns, answers);
  }
}

const stepColumns: Column<Step>[] = [
  { header: 'step', value: ({ kind }) => kind },
  { header: 'why', value: ({ text }) => text },
];

const answerColumns: Column<RecordFields>[] = [
  { header: 'name', value: ({ name }) => name, keep: true },
  { header: 'ttl', value: ({ ttl }) => ttl },
  { header: 'type', value: ({ type }) => type, keep: true },
  { header: 'data', value: ({ data }) => data },
];
