/** Where the agent sends to, by what people type (sink-text.ts). */
import type { Sink } from '../sink.js';
import type { SinkContext } from './http-sender.js';
import { badSink, readSinkText, type SinkKind, type SinkText } from './sink-text.js';

export type { SinkContext } from './http-sender.js';
export { readSinkText, type SinkText } from './sink-text.js';

type Opener = (text: SinkText, context: SinkContext) => Promise<Sink>;

/** Each is loaded when it is used. */
const OPENERS: Readonly<Record<Exclude<SinkKind, 'store'>, Opener>> = {
  stdout: async (_text, context) => (await import('./stdout.js')).stdoutSink(context),
  file: async (text) => (await import('./file.js')).fileSink(text),
  loki: async (text, context) => (await import('./loki.js')).lokiSink(text, context),
  otlp: async (text, context) => (await import('./otlp.js')).otlpSink(text, context),
  elasticsearch: async (text, context) => (await import('./elasticsearch.js')).elasticsearchSink(text, context),
  http: async (text, context) => (await import('./ndjson.js')).ndjsonSink(text, context),
  s3: async (text, context) => (await import('./s3.js')).s3Sink(text, context),
  syslog: async (text) => (await import('./syslog.js')).syslogSink(text),
};

/** Connects to nobody yet. Errors: `log.bad_sink`, `secret.unreadable`. */
export async function openSink(text: SinkText | string, context: SinkContext): Promise<Sink> {
  const read = typeof text === 'string' ? readSinkText(text) : text;
  if (read.kind === 'store') {
    throw badSink('nothing is replayed into the store', 'files are brought there by ds log ship --once FILE');
  }
  return OPENERS[read.kind](read, context);
}
