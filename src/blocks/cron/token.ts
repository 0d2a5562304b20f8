/** Where the token of the API is, when nobody says: made by the daemon, read by the commands of the same user. */
import { join } from 'node:path';

export function tokenPath(home: string): string {
  return join(home, 'cron.token');
}
