/** The base of commands that ask by a query: a block's file, a server, or the files whose names stand behind the query. */
import { type CommandContext, DsCommand, type Output, resolveTarget } from './command.js';
import { openInput } from './input.js';
import type { Target } from './targets.js';

/** What was typed. */
interface Typed<Flags> {
  /** Name of the command within its block: `query`. */
  readonly verb: string;
  readonly words: readonly unknown[];
  readonly flags: Flags;
  /** What is asked where no files are named. */
  readonly target: Target;
}

interface Host {
  readonly context: CommandContext;
  readonly out: Output;
  /** What `-` names. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
}

/** What a block makes of it. */
interface AskingClass<Flags, Asking> {
  new (typed: Typed<Flags>, host: Host): Asking;
  /** Of the block's own daemon, for hints. */
  readonly exampleUrl: string;
}

interface TargetFlagValues {
  readonly db?: string | undefined;
  readonly url?: string | undefined;
}

export abstract class AskCommand extends DsCommand {
  /** Of a command `ds BLOCK VERB`. Errors: those of the class, and of `--url`. */
  protected ask<Flags extends TargetFlagValues, Asking>(
    asking: AskingClass<Flags, Asking>,
    words: readonly unknown[],
    flags: Flags,
  ): Asking {
    const [block = '', verb = ''] = (this.id ?? '').split(':');
    const target = resolveTarget(flags, block, this.context, asking.exampleUrl);
    const { context, out } = this;
    return new asking({ verb, words, flags, target }, { context, out, stdin: () => openInput('-').stream });
  }
}
