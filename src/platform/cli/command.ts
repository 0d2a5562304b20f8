/**
 * The base of every command. A command declares what it takes, and in execute() calls one engine method and renders:
 *
 *     export default class SeqNext extends DsCommand {
 *       static override summary = 'print new IDs';
 *       static override flags = { ...targetFlags('seq'), count: countFlag({ char: 'n', default: 1 }) };
 *       protected async execute() {
 *         const { flags } = await this.parse(SeqNext);
 *         …
 *       }
 *     }
 *
 * Errors thrown from execute() are printed and become exit codes in failures.ts; commands never print them.
 */
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import type { Input, ParserOutput } from '@oclif/core/interfaces';
import type { DsError } from '../errors.js';
import { type CommandContext, makeContext } from './context.js';
import { reportFailure } from './failures.js';
import type { Output } from './output.js';
import { guessOutputFlags, makeOutput } from './output-flags.js';

export * as Args from '@oclif/core/args';
export * as Flags from '@oclif/core/flags';
export { quoteForShell } from '../quote-for-shell.js';
export type { CommandContext } from './context.js';
export {
  countFlag,
  durationFlag,
  int64Arg,
  invalidTime,
  invalidValue,
  rateFlag,
  sinceFlag,
  sizeFlag,
  textFlags,
  timeFlag,
  uint32Arg,
} from './flags.js';
export { type Column, Output } from './output.js';
export { splitAtDashes } from './split-at-dashes.js';
export {
  fileFlags,
  resolveFile,
  resolveTarget,
  resolveToTarget,
  sameTarget,
  targetFlags,
  toTargetFlags,
} from './targets.js';

const GROUP = 'GLOBAL';

/** What flags or arguments parse to, by name. */
type Values = Record<string, unknown>;

export abstract class DsCommand extends Command {
  static override baseFlags = {
    json: Flags.boolean({
      description: 'print JSON: one document, or one line a record for streams',
      helpGroup: GROUP,
    }),
    quiet: Flags.boolean({ char: 'q', description: 'say nothing on stderr but errors', helpGroup: GROUP }),
    verbose: Flags.boolean({ char: 'v', description: 'say more on stderr', helpGroup: GROUP, exclusive: ['quiet'] }),
    'no-color': Flags.boolean({ description: 'no colour (also: NO_COLOR=1)', helpGroup: GROUP }),
  };

  /** Until parse() has run it follows a plain look at argv, so that errors of parsing are printed as asked, too. */
  protected out: Output = makeOutput(guessOutputFlags(this.argv));
  protected readonly context: CommandContext = makeContext(this.config);

  /** Does the work. A number is the exit code for «the answer is no». */
  // biome-ignore lint/suspicious/noConfusingVoidType: a command that has no such answer is written as Promise<void>
  protected abstract execute(): Promise<number | void>;

  async run(): Promise<void> {
    const code = await this.execute();
    if (typeof code === 'number') process.exitCode = code;
  }

  /**
   * Says what went wrong, for a command whose exit code then is not that of the error's kind: one that runs a program ends
   * as a shell would, so that whoever reads the code can tell.
   */
  protected async failWith(exitCode: number, error: DsError): Promise<number> {
    await reportFailure(error, this.argv);
    return exitCode;
  }

  /** As oclif's, but a missing argument is never read from stdin: commands that read it say so and do it themselves. */
  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options: Input<F, B, A>,
    argv: string[] = this.argv,
  ): Promise<ParserOutput<F, B, A>> {
    for (const argument of Object.values(options.args ?? {})) argument.ignoreStdin = true;
    try {
      const result = await super.parse(options, argv);
      this.out = makeOutput(result.flags);
      return result;
    } catch (error) {
      const { translateParseError } = await import('./parse-errors.js');
      const command = [this.config.bin, ...(this.id ?? '').split(':')].join(' ');
      const flags = Object.entries({ ...options.baseFlags, ...options.flags });
      const shown = flags.filter(([, flag]) => flag.hidden !== true).map(([name]) => name);
      throw translateParseError(error, { command, flags: shown });
    }
  }
}
