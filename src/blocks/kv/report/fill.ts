import type { ByteString } from '../bytes.js';
import type { CommandChannel } from '../channel.js';
import { explaining } from '../redis-errors.js';

/** Keys under way at once. */
const AT_ONCE = 1_000;

export async function fillKeys(
  channel: CommandChannel,
  keys: AsyncIterable<ByteString> | Iterable<ByteString>,
  value: ByteString,
): Promise<void> {
  let sent: Promise<unknown>[] = [];
  for await (const key of keys) {
    sent.push(explaining(channel.send(['SET', key, value])));
    if (sent.length < AT_ONCE) continue;
    await Promise.all(sent);
    sent = [];
  }
  await Promise.all(sent);
}
