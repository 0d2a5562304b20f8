/** CONFIG GET, SET, RESETSTAT, REWRITE. What does not take effect is refused. */
import { bytes, map, OK, type Reply } from '../../../../platform/protocol/resp/reply.js';
import { type ByteString, textOf } from '../../bytes.js';
import { refusal } from '../../errors.js';
import type { KvCommand } from '../command.js';
import { Glob } from '../glob.js';
import { help, runSubcommand, type Subcommand } from '../subcommands.js';
import { type ConfigParameter, IMMUTABLE } from './parameters.js';

const ANY_NUMBER = Number.POSITIVE_INFINITY;

export interface ConfigHost {
  readonly parameters: readonly ConfigParameter[];
  /** CONFIG RESETSTAT: the figures of INFO begin anew. */
  resetStatistics(): void;
}

function get({ parameters }: ConfigHost, patterns: readonly ByteString[]): Reply {
  const globs = patterns.map((pattern) => new Glob(pattern.toLowerCase()));
  const found = parameters.filter(({ name }) => globs.some((glob) => glob.matches(name)));
  return map(found.map((parameter) => [parameter.name, bytes(parameter.get())] as const));
}

/** All of them or none. */
function set({ parameters }: ConfigHost, args: readonly ByteString[]): Reply {
  const changes: (readonly [ConfigParameter, ByteString])[] = [];
  for (let i = 0; i < args.length; i += 2) {
    const [given = '', value = ''] = args.slice(i, i + 2);
    const parameter = parameters.find(({ name }) => name === given.toLowerCase());
    if (parameter === undefined) {
      throw refusal('ERR', `Unknown option or number of arguments for CONFIG SET - '${textOf(given)}'`);
    }
    if (parameter.set === undefined) throw failed(given, IMMUTABLE);
    if (changes.some(([other]) => other === parameter)) throw failed(given, 'duplicate parameter');
    changes.push([parameter, value]);
  }
  apply(changes);
  return OK;
}

function apply(changes: readonly (readonly [ConfigParameter, ByteString])[]): void {
  const before = changes.map(([parameter]) => parameter.get());
  for (const [i, [parameter, value]] of changes.entries()) {
    const problem = parameter.set?.(value);
    if (problem === undefined) continue;
    for (const [j, [changed]] of changes.slice(0, i).entries()) changed.set?.(before[j] ?? '');
    throw failed(parameter.name, problem);
  }
}

const failed = (name: ByteString, problem: string) =>
  refusal('ERR', `CONFIG SET failed (possibly related to argument '${textOf(name)}') - ${problem}`);

export function configCommand(host: ConfigHost): KvCommand {
  const subcommands: Readonly<Record<string, Subcommand>> = {
    get: { least: 1, most: ANY_NUMBER, run: (_call, args) => get(host, args) },
    set: {
      least: 2,
      most: ANY_NUMBER,
      run: (_call, args) => {
        if (args.length % 2 === 1) throw refusal('ERR', 'syntax error');
        return set(host, args);
      },
    },
    resetstat: {
      least: 0,
      most: 0,
      run: () => {
        host.resetStatistics();
        return OK;
      },
    },
    rewrite: {
      least: 0,
      most: 0,
      run: () => {
        throw refusal('ERR', 'The server is running without a config file');
      },
    },
    help: help('config', [
      'GET <pattern>',
      '    Return parameters matching the glob-like <pattern> and their values.',
      'SET <directive> <value>',
      '    Set the configuration <directive> to <value>.',
      'RESETSTAT',
      '    Reset statistics reported by the INFO command.',
      'REWRITE',
      '    Rewrite the configuration file.',
    ]),
  };
  return {
    name: 'config',
    arity: -2,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    summary: 'Answers and sets parameters of the server.',
    run: (call, args) => runSubcommand('config', subcommands, call, args),
  };
}
