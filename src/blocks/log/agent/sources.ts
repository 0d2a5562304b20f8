/**
 * The sources of a plan. Files are read by each pipeline by itself, from where it was; what cannot be read again is read once, for all.
 *
 *     app.log, *.log     followed through rotation (sources/files)
 *     docker:PATTERN     the same, of Docker's json-file
 *     -                  stdin
 *     syslog+udp://…     a listener (syslog/port/source.ts)
 *     -- COMMAND …       output of a command (live/command.ts)
 */
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { Clock, Random } from '../../../platform/clock.js';
import { readTlsFiles } from '../../../platform/daemon/tls.js';
import { logErrors } from '../errors.js';
import { NO_LABELS } from '../labels.js';
import { createSyslogSource, isSyslogUrl } from '../syslog/port/source.js';
import type { TellEvent } from './events.js';
import { dockerFramer } from './framing/docker.js';
import type { Framer } from './framing/framing.js';
import { lineFramer } from './framing/lines.js';
import { multilineFramer } from './framing/multiline.js';
import { CommandSource } from './live/command.js';
import { stdinSource } from './live/stdin.js';
import type { ShipPlan } from './plan.js';
import type { Source } from './source.js';
import type { FileLedger } from './sources/files/file-ledger.js';
import { Listing } from './sources/files/listing.js';
import { nodeDisk } from './sources/files/node-disk.js';
import { FileSource } from './sources/files/source.js';

const DOCKER = 'docker:';
/** No path is meant by it. */
const URL_LIKE = /^[a-z][a-z0-9+.-]*:\/\//i;

export interface SourceContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly stdin: Readable;
  readonly tell: TellEvent;
}

/** Errors: `log.bad_source` for what is no source, or the same one twice. */
export function checkSources({ sources, command, from, rotated, deadLetters }: ShipPlan): void {
  if (sources.length === 0 && command.length === 0 && !deadLetters) {
    throw logErrors.error('log.bad_source', 'there is nothing to read from', {
      hint: 'ds log ship /var/log/syslog, or - for stdin, or -- COMMAND',
    });
  }
  if (sources.filter((source) => source === '-').length > 1) {
    throw logErrors.error('log.bad_source', 'stdin can be read once');
  }
  const url = sources.find((source) => URL_LIKE.test(source) && !isSyslogUrl(source));
  if (url !== undefined) {
    throw logErrors.error('log.bad_source', `there is no source ${JSON.stringify(url)}`, {
      hint: 'a file or a pattern, docker:PATTERN, -, syslog+udp://127.0.0.1:5514, syslog+tcp:// or syslog+tls://',
    });
  }
  if (from === 'end' && rotated) {
    throw logErrors.error('log.bad_source', 'what was rotated before is read, or the end of what is there, not both');
  }
}

export function hasFiles({ sources }: ShipPlan): boolean {
  return sources.some((source) => !isLive(source));
}

function isLive(source: string): boolean {
  return source === '-' || isSyslogUrl(source);
}

/** Whether its entries come with a time of their own. */
export function saysTime(source: string): boolean {
  return source.startsWith(DOCKER) || isSyslogUrl(source);
}

/** Tells of patterns that no file has the name of: it may come, or the pattern is a typing error. False where nothing else is a source. */
export function tellMissing({ sources, command, once, deadLetters }: ShipPlan, tell: TellEvent): boolean {
  const paths = new Map(patternsOf(sources).map((source) => [pathOf(source), source]));
  const { sightings, troubles } = new Listing(nodeDisk, [...paths.keys()]).list([]);
  const found = new Set(sightings.flatMap(({ patterns }) => patterns));
  const missing = [...paths].filter(([path]) => !found.has(path) && !troubles.has(path));
  for (const [, source] of missing) {
    tell({ kind: 'trouble', of: source, message: once ? 'there is no such file' : 'there is no such file yet' });
  }
  return missing.length < paths.size || sources.some(isLive) || command.length > 0 || deadLetters;
}

function patternsOf(sources: readonly string[]): readonly string[] {
  return sources.filter((source) => !isLive(source));
}

function pathOf(source: string): string {
  return resolve(source.startsWith(DOCKER) ? source.slice(DOCKER.length) : source);
}

/** Of one pipeline. `ledger`: where it was. */
export function fileSources(plan: ShipPlan, ledger: FileLedger, { clock, tell }: SourceContext): FileSource[] {
  const patterns = patternsOf(plan.sources);
  const docker = patterns.filter((pattern) => pattern.startsWith(DOCKER));
  const plain = patterns.filter((pattern) => !pattern.startsWith(DOCKER));
  const make = (own: readonly string[], framer: Framer, framing: string) =>
    new FileSource({
      disk: nodeDisk,
      ledger: ofFraming(ledger, framing),
      clock,
      framer,
      framing,
      labels: NO_LABELS,
      from: plan.from,
      rotated: plan.rotated,
      once: plan.once,
      // A transform may keep what it has seen.
      reusesMemory: plan.transforms.length === 0,
      patterns: own.map(pathOf),
      tell: (path, problem) =>
        tell(problem === undefined ? { kind: 'recovered', of: path } : { kind: 'trouble', of: path, message: problem }),
    });
  return [
    ...(plain.length === 0 ? [] : [make(plain, framerOf(plan), plan.multiline === undefined ? 'lines' : 'multiline')]),
    ...(docker.length === 0 ? [] : [make(docker, dockerFramer, 'docker')]),
  ];
}

/** Files of Docker and others are followed by two sources, of which each knows its own. */
function ofFraming(ledger: FileLedger, framing: string): FileLedger {
  const isOwn = (other: string) => (other === 'docker') === (framing === 'docker');
  return { ...ledger, load: () => ledger.load().filter((file) => isOwn(file.framing)) };
}

/** Stdin, listeners and the command, which is the last. Errors: `log.bad_source`, `listen.*`, of certificates. */
export async function liveSources(plan: ShipPlan, context: SourceContext): Promise<Source[]> {
  const { clock, random, stdin, tell } = context;
  const framer = framerOf(plan);
  const sources: Source[] = [];
  for (const source of plan.sources.filter(isLive)) {
    sources.push(source === '-' ? stdinSource(stdin, framer, clock) : await syslogSource(source, plan, context));
  }
  const [program, ...args] = plan.command;
  if (program !== undefined) {
    sources.push(new CommandSource({ program, args, restart: plan.restart, framer, clock, random, tell }));
  }
  return sources;
}

async function syslogSource(url: string, plan: ShipPlan, { clock, tell }: SourceContext): Promise<Source> {
  const { tlsCert: cert, tlsKey: key, insecure, timezone } = plan;
  const tls = await readTlsFiles({ cert, key }, clock.now());
  const onLoss = (message: string) => tell({ kind: 'trouble', of: url, message });
  return createSyslogSource({ url, insecure, tls, clock, timezone, onLoss });
}

function framerOf({ multiline }: ShipPlan): Framer {
  return multiline === undefined ? lineFramer : multilineFramer(multiline);
}
