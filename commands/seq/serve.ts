import { loadBlock, seqOptions } from '../../src/blocks/seq/index.js';
import { ServeCommand, serveFlags } from '../../src/platform/cli/serve-command.js';

export default class SeqServe extends ServeCommand {
  static override summary = 'serve IDs and tickets over the Redis protocol and HTTP';
  static override description =
    `Any Redis client can take tickets (INCR, INCRBY, GET) and IDs (SEQ.NEXT layout [count] [FORMAT format]); HTTP has
GET /next?n=&layout=&format= and GET /decode/ID. One worker number per layout is leased while the daemon runs.

Acknowledged means durable: a number is on disk before it is answered. Tickets are taken from the file in blocks that grow
with demand, so kill -9 can leave a hole, never a repetition.

Only this machine can connect, unless --listen says otherwise; that needs --requirepass-file, or --insecure.

Exit codes: 0 stopped by SIGINT or SIGTERM, nothing lost; 2 a bad option or a taken port; 4 the store failed.`;
  static override examples = [
    { description: 'On the usual ports', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'In the background, on free ports; then an ID and a ticket',
      command: `<%= config.bin %> <%= command.id %> --detach
redis-cli -p 6390 SEQ.NEXT twitter 3
redis-cli -p 6390 INCR orders
curl '127.0.0.1:8390/next?n=2&layout=ulid'
<%= config.bin %> down seq`,
    },
    {
      description: 'For other machines, with a password',
      command: `(umask 077; head -c 24 /dev/urandom | base64 > seq.password)
<%= config.bin %> <%= command.id %> --listen 0.0.0.0:6390 --requirepass-file seq.password`,
    },
  ];
  static override flags = serveFlags('seq', seqOptions);

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(SeqServe);
    await this.serve(await loadBlock(), flags);
  }
}
