import { loadBlock, logOptions } from '../../src/blocks/log/index.js';
import { ServeCommand, serveFlags } from '../../src/platform/cli/serve-command.js';

export default class LogServe extends ServeCommand {
  static override summary =
    "collect logs by Loki's, OpenTelemetry's, Elasticsearch's and syslog's protocols, and answer queries as Loki does";
  static override description = `What it takes:

  POST /loki/api/v1/push        Loki: JSON, or protobuf with Snappy (Promtail, Alloy, Fluent Bit, Vector, pino-loki, winston-loki)
  POST /v1/logs, /otlp/v1/logs  OTLP/HTTP: JSON or protobuf (the OpenTelemetry SDKs and Collector)
  POST /_bulk, /INDEX/_bulk     Elasticsearch: index and create (Elastic's clients, Filebeat, Logstash)
  POST /ingest?app=shop         lines: of JSON with Content-Type: application/x-ndjson, of text without; parameters are labels
  --syslog HOST:PORT            syslog over UDP and TCP, RFC 5424 and 3164

What it has acknowledged is on disk. What it cannot take it says, with 400 or 413 and the reason for good, with 429 and Retry-After
for now; entries of a push that are beyond a bound are refused by themselves.

What it answers: Loki's query, query_range, labels, label/NAME/values, series, tail (WebSocket), format_query, /ready. In Grafana, add it as
a data source of type Loki.

With --tokens-file it asks for a token (Authorization: Bearer TOKEN, or as the password of Basic), which says whose tenant the entries are
of and how much it may push; lines of the file: TOKEN TENANT [rate=5MB/s] [streams=N] [read|write]. What
comes by syslog, which has no tokens, is of the tenant fake: a token of its own reads that. Without the file everybody on this
machine may push and ask; other machines only with --insecure. Over TLS with --tls-cert and --tls-key.

Exit codes: 0 stopped by SIGINT or SIGTERM; 2 a bad option, a taken port or an unusable tokens file; 4 the store failed.`;
  static override examples = [
    {
      description: 'On the usual port, with syslog',
      command: '<%= config.bin %> <%= command.id %> --syslog 127.0.0.1:5514',
    },
    {
      description: 'In the background; a line in, and out again',
      command: `<%= config.bin %> <%= command.id %> --detach
curl --data-binary 'hello' 'http://127.0.0.1:3100/ingest?app=demo'
<%= config.bin %> log query '{app="demo"}' --url http://127.0.0.1:3100
<%= config.bin %> down log`,
    },
    {
      description: 'For other machines, over TLS, each team with its token, 14 days and 50 GB at most',
      command: `<%= config.bin %> <%= command.id %> --listen 0.0.0.0:3100 --tokens-file tokens --tls-cert cert.pem --tls-key key.pem \\
  --keep 14d --max-size 50GB`,
    },
  ];
  static override flags = serveFlags('log', logOptions);

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(LogServe);
    await this.serve(await loadBlock(), flags);
  }
}
