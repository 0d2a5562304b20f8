import { CACHE_IN_FILE, loadCache } from '../../../src/blocks/dns/index.js';
import { DsCommand, Flags, fileFlags, resolveFile, sameTarget } from '../../../src/platform/cli/command.js';
import { confirm } from '../../../src/platform/cli/confirm.js';
import { cliErrors } from '../../../src/platform/cli/errors.js';

export default class DnsCacheFlush extends DsCommand {
  static override summary = 'forget answers of other servers, so that they are asked for anew';
  static override description =
    `All of them, or those of a name and all below it, of a type, by a server; of several, those that all fit. A ds dns serve that runs
on the file forgets them at once, failures that it remembers too. Everything is asked about on a terminal, and needs --yes in a
script.

Pipes get how many were in the file. --json: {flushed, name, type, upstream}.

Exit codes: 0 done, also when none was kept; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'A name that has moved, and all below it',
      command: '<%= config.bin %> <%= command.id %> --name shop.test',
    },
    {
      description: 'What a server said that was wrong',
      command: '<%= config.bin %> <%= command.id %> --upstream 192.0.2.53',
    },
    { description: 'Only its addresses', command: '<%= config.bin %> <%= command.id %> --name shop.test --type A' },
    { description: 'Everything, in a script', command: '<%= config.bin %> <%= command.id %> --yes' },
  ];
  static override flags = {
    ...fileFlags('dns', CACHE_IN_FILE),
    name: Flags.string({ helpValue: 'NAME', description: 'only this name, and all below it' }),
    type: Flags.string({ char: 't', helpValue: 'TYPE', description: 'only questions for this type' }),
    upstream: Flags.string({
      helpValue: 'SERVER',
      description: 'only what this server answered: 192.0.2.1, tls://host',
    }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(DnsCacheFlush);
    const dns = await loadCache();
    const filter = dns.readCacheFilter(flags);
    const meant = dns.sayFilter(filter);
    await dns.withStore(resolveFile(flags, 'dns', this.context), this.context.clock, async ({ cache }) => {
      if (meant === '' && !flags.yes) {
        const question = askAboutAll(cache.count());
        if (!(await confirm(question, `ds dns cache flush --yes${sameTarget(flags)}`))) {
          throw cliErrors.error('cli.interrupted', 'nothing was flushed');
        }
      }
      const { deleted: flushed } = cache.flush(filter);
      this.out.document({ flushed, ...dns.filterFields(filter) }, () => {
        if (!this.out.isTerminal) return this.out.line(String(flushed));
        const answers = flushed === 1 ? 'answer' : 'answers';
        this.out.line(`${flushed.toLocaleString('en-US')} ${answers} forgotten${meant === '' ? '' : `: ${meant}`}`);
      });
    });
  }
}

function askAboutAll(count: number): string {
  // What a daemon has learnt since it last wrote is flushed all the same, and so are failures, which are never written.
  if (count === 0) return 'no answer is kept in the file; forget what running daemons remember?';
  return count === 1
    ? 'forget the answer that is kept?'
    : `forget all ${count.toLocaleString('en-US')} answers that are kept?`;
}
