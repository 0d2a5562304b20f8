/** From the flags that every command has to the way it speaks. */
import { wantsColor } from '../colors.js';
import { Output } from './output.js';
import { splitAtDashes } from './split-at-dashes.js';

interface OutputFlags {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly 'no-color'?: boolean | undefined;
}

export function makeOutput(flags: OutputFlags): Output {
  return new Output({
    json: flags.json ?? false,
    quiet: flags.quiet ?? false,
    verbose: flags.verbose ?? false,
    color: (stream) => wantsColorOn(stream, flags),
  });
}

export function wantsColorOn(stream: NodeJS.WriteStream, flags: OutputFlags): boolean {
  return wantsColor(stream.isTTY === true, process.env, flags['no-color'] ?? false);
}

/** A plain look at what was typed, for errors met before or while it is parsed. */
export function guessOutputFlags(argv: readonly string[]): OutputFlags {
  const { own: typed } = splitAtDashes(argv);
  return {
    json: typed.includes('--json'),
    quiet: typed.includes('--quiet') || typed.includes('-q'),
    'no-color': typed.includes('--no-color'),
  };
}
