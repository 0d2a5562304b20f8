/** Senders that nobody here wrote push to `ds log serve`: every line arrives once, in order, with its labels. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client } from '@elastic/elasticsearch';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { pino } from 'pino';
import { pinoLoki } from 'pino-loki';
import { expect, test } from 'vitest';
import winston from 'winston';
import LokiTransport from 'winston-loki';
import { hasPackages } from '../helpers/programs.js';
import { startDs } from '../helpers/run-ds.js';
import { waitFor } from '../helpers/wait-for.js';

const LINES = 500;
const numbers = Array.from({ length: LINES }, (_, i) => i);

async function serve(): Promise<string> {
  const { ready } = await startDs(['log', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off']);
  return ready.endpoints['http'] ?? '';
}

interface Stored {
  readonly line: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a selector finds, oldest first, entries of one instant in the order of arrival. */
async function stored(url: string, selector: string): Promise<readonly Stored[]> {
  const params = new URLSearchParams({ query: selector, since: '1h', limit: '5000', direction: 'forward' });
  const answer = await fetch(`${url}/loki/api/v1/query_range?${params}`);
  const { data } = (await answer.json()) as {
    data: { result: { stream: Record<string, string>; values: [string, string][] }[] };
  };
  const all = data.result.flatMap(({ stream, values }) =>
    values.map(([at, line]) => ({ at: BigInt(at), line, labels: stream })),
  );
  return all.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

async function allStored(url: string, selector: string): Promise<readonly Stored[]> {
  return waitFor(
    async () => {
      const found = await stored(url, selector);
      return found.length >= LINES && found;
    },
    { timeoutMs: 20_000, what: `${LINES} entries of ${selector}` },
  );
}

test('pino-loki: JSON lines of pino, structured metadata with numbers', async () => {
  const url = await serve();
  const sink = pinoLoki({ host: url, batching: { interval: 0.1, maxBufferSize: 0 }, labels: { app: 'shop' } });
  const logger = pino({ base: null }, sink);
  for (const i of numbers) logger.info({ i, meta: { recordId: i } }, `line ${i}`);
  const found = await allStored(url, '{app="shop"}');
  sink.end();
  // pino has milliseconds: the numbers within the lines say the order.
  const seen = found.map(({ line }) => (JSON.parse(line) as { i: number }).i).sort((a, b) => a - b);
  expect(seen).toEqual(numbers);
  expect(found[0]?.labels).toMatchObject({ app: 'shop', level: 'info', recordId: expect.stringMatching(/^\d+$/) });
});

test.each([
  ['JSON', true],
  ['protobuf and Snappy', false],
])('winston-loki: %s', async (_, json) => {
  const url = await serve();
  const errors: unknown[] = [];
  const transport = new LokiTransport({
    host: url,
    json,
    batching: true,
    interval: 0.1,
    labels: { job: 'winston' },
    onConnectionError: (error) => errors.push(error),
  });
  const logger = winston.createLogger({ transports: [transport] });
  for (const i of numbers) logger.info({ message: `line ${i}`, labels: { kind: 'test' } });
  const found = await allStored(url, '{job="winston"}');
  await transport.close();
  expect(errors).toEqual([]);
  expect(found.map(({ line }) => line.replace(/ \{.*/, ''))).toEqual(numbers.map((i) => `line ${i}`));
  expect(found[0]?.labels).toMatchObject({ job: 'winston', kind: 'test', level: 'info' });
});

test.each([
  ['JSON', JsonExporter],
  ['protobuf', ProtobufExporter],
])("OpenTelemetry's exporter: %s", async (_, Exporter) => {
  const url = await serve();
  const exporter = new Exporter({ url: `${url}/v1/logs`, compression: 'gzip' as never });
  const provider = new LoggerProvider({ processors: [new BatchLogRecordProcessor(exporter)] });
  const logger = provider.getLogger('shop-lib', '1.2.3');
  for (const i of numbers) {
    const attributes = { 'http.status_code': 200 + i, nested: { deep: ['a', 1] } };
    logger.emit({
      body: `line ${i}`,
      severityNumber: SeverityNumber.WARN,
      severityText: 'WARN',
      attributes,
      timestamp: Date.now() * 1 + i / 1000,
    });
  }
  await provider.shutdown();
  const found = await allStored(url, '{service_name=~".+"}');
  expect(found.map(({ line }) => line).sort()).toEqual(numbers.map((i) => `line ${i}`).sort());
  const first = found.find(({ line }) => line === 'line 0');
  expect(first?.labels).toMatchObject({
    severity_text: 'WARN',
    severity_number: '13',
    level: 'warn',
    http_status_code: '200',
    nested_deep: '["a",1]',
    scope_name: 'shop-lib',
    scope_version: '1.2.3',
    service_name: expect.stringMatching(/^unknown_service/),
  });
});

test("Elasticsearch's own client: its check of the product, and its bulk helper", async () => {
  const url = await serve();
  const client = new Client({ node: url });
  expect(await client.info()).toMatchObject({ tagline: 'You Know, for Search' });
  const dropped: unknown[] = [];
  const start = Date.now();
  const result = await client.helpers.bulk({
    datasource: numbers.map((i) => ({
      '@timestamp': new Date(start + i).toISOString(),
      message: `line ${i}`,
      log: { level: 'INFO' },
      i,
    })),
    onDocument: () => ({ create: { _index: 'logs-shop' } }),
    onDrop: (document) => dropped.push(document),
    flushBytes: 10_000,
    concurrency: 1,
  });
  expect(dropped).toEqual([]);
  expect(result).toMatchObject({ total: LINES, successful: LINES, failed: 0 });
  const found = await allStored(url, '{index="logs-shop"}');
  await client.close();
  expect(found.map(({ line }) => line)).toEqual(numbers.map((i) => `line ${i}`));
  expect(found[7]?.labels).toMatchObject({ index: 'logs-shop', level: 'info', i: '7' });
});

test.skipIf(!hasPackages('curl'))('curl: lines of text, and of JSON', async () => {
  const url = await serve();
  const curl = (...args: readonly string[]) => promisify(execFile)('curl', ['-sS', '--fail', ...args]);
  const text = numbers.map((i) => `line ${i}`).join('\n');
  const { stdout } = await curl('--data-binary', text, `${url}/ingest?app=text`);
  expect(JSON.parse(stdout)).toEqual({ accepted: LINES, refused: 0 });
  expect((await allStored(url, '{app="text"}')).map(({ line }) => line)).toEqual(numbers.map((i) => `line ${i}`));
  await curl(
    '-H',
    'Content-Type: application/x-ndjson',
    '--data-binary',
    `{"level":"info","msg":"hi"}`,
    `${url}/ingest?app=json`,
  );
  expect(await stored(url, '{app="json"} | json | level="info"')).toMatchObject([
    { line: '{"level":"info","msg":"hi"}' },
  ]);
});
