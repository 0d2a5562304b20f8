import { limitOptions, loadBlock } from '../../src/blocks/limit/index.js';
import { ServeCommand, serveFlags } from '../../src/platform/cli/serve-command.js';

export default class LimitServe extends ServeCommand {
  static override summary = 'serve limits over the Redis protocol and HTTP, to proxies, or as one';
  static override description =
    `Redis clients ask with CL.THROTTLE key max_burst count period [quantity], as redis-cell answers it. Over HTTP there is POST
/v1/check for programs, and GET /auth for what asks before it lets a request through: auth_request of nginx, forward_auth of
Caddy, forwardAuth of Traefik. With --proxy it is a reverse proxy that limits by itself.

--policy names what is limited, by path, header and client address, as "ds limit policy check" reads it.

Acknowledged means durable: what was counted is on disk before it is answered.

Only this machine can connect, unless --listen or --http say otherwise; that needs --requirepass-file, or --insecure.

Exit codes: 0 stopped by SIGINT or SIGTERM, nothing lost; 2 a bad option, a bad policy or a taken port; 4 the store failed.`;
  static override examples = [
    { description: 'On the usual ports', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'In the background; then 5 a minute, 5 at once, from a Redis client, and from the same file',
      command: `<%= config.bin %> <%= command.id %> --detach
redis-cli -p 6391 CL.THROTTLE ada 4 5 60
<%= config.bin %> limit why ada
<%= config.bin %> down limit`,
    },
    {
      description: 'In front of an application: 100 requests a minute for each client',
      command: `cat > policies.yaml <<'YAML'
policies:
  - name: clients
    key: client
    limits:
      - rate: 100/min
YAML
<%= config.bin %> <%= command.id %> --policy policies.yaml --proxy http://127.0.0.1:3000`,
    },
  ];
  static override flags = serveFlags('limit', limitOptions);

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(LimitServe);
    await this.serve(await loadBlock(), flags);
  }
}
