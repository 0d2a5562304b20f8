/** The daemon's log: NDJSON records to a file or a pipe, one readable line each on a terminal. */
import { writeSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import type { Clock } from '../clock.js';
import { colored, plain } from '../colors.js';
import { codeOf } from '../errors.js';
import type { LogSink } from './log-file.js';
import { formatLogLine } from './log-format.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerRequest {
  readonly block: string;
  readonly level: LogLevel;
  readonly clock: Clock;
  readonly sinks: readonly LogSink[];
}

/** Where a secret could be met in a logged object; the value is replaced before the record is written. */
const SECRET_KEYS = ['secret', 'password', 'requirepass', 'token', 'authorization', 'cookie'];
const SECRET_PATHS = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

export function createLogger({ block, level, clock, sinks }: LoggerRequest): Logger {
  const stream = {
    write(line: string) {
      for (const sink of sinks) sink.write(line);
    },
  };
  return pino(
    {
      level,
      base: { block },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    },
    stream,
  );
}

export interface StreamStyle {
  /** One line for people instead of NDJSON. */
  readonly pretty: boolean;
  readonly color: boolean;
  /** Messages that somebody else tells the people who would read them here. */
  readonly without?: readonly string[];
}

const STDERR = 2;

/**
 * Standard error, written synchronously: it works alike in a worker thread, whose process.stderr would pass through the
 * main thread's event loop. A reader that went away is no reason for a daemon to die.
 */
export function stderrSink(style: StreamStyle): LogSink {
  // pino escapes quotes in values, so this can only be the message itself.
  const unsaid = (style.without ?? []).map((message) => `"msg":${JSON.stringify(message)}`);
  return {
    write(line) {
      if (unsaid.some((message) => line.includes(message))) return;
      try {
        writeSync(STDERR, style.pretty ? `${formatLogLine(line, style.color ? colored : plain)}\n` : line);
      } catch (error) {
        if (!['EPIPE', 'EAGAIN'].includes(codeOf(error) ?? '')) throw error;
      }
    },
  };
}
