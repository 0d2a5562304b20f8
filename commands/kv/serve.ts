import { kvOptions, loadBlock } from '../../src/blocks/kv/index.js';
import { ServeCommand, serveFlags } from '../../src/platform/cli/serve-command.js';

export default class KvServe extends ServeCommand {
  static override summary = 'serve the key-value store to any Redis client';
  static override description =
    `RESP2 and RESP3, with Redis's replies and error texts: strings, hashes, sets, sorted sets, lists, expiry, SCAN, SORT,
blocking pops, MULTI and WATCH, in sixteen databases. What is not there is answered as Redis answers an unknown command.

Acknowledged means durable: all that arrives in one turn of the event loop is one transaction and one flush to disk, and
its answers leave after it. --sync normal leaves the flush out: kill -9 loses nothing then either, a power loss may.

Commands of ds kv may use the same file meanwhile, with --db.

Only this machine can connect, unless --listen says otherwise; that needs --requirepass-file, or --insecure.

Exit codes: 0 stopped by SIGINT or SIGTERM, nothing lost; 2 a bad option or a taken port; 4 the store failed.`;
  static override examples = [
    { description: 'On the usual port of Redis', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'In the background, on another port; then any client',
      command: `<%= config.bin %> <%= command.id %> --listen 127.0.0.1:6380 --detach
redis-cli -p 6380 SET greeting hello EX 60
redis-cli -p 6380 GET greeting
<%= config.bin %> down kv`,
    },
    {
      description: 'For other machines, with a password',
      command: `(umask 077; head -c 24 /dev/urandom | base64 | tr +/ -_ > kv.password)
<%= config.bin %> <%= command.id %> --listen 0.0.0.0:6379 --requirepass-file kv.password`,
    },
  ];
  static override flags = serveFlags('kv', kvOptions);

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(KvServe);
    await this.serve(await loadBlock(), flags);
  }
}
