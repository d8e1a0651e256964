/** The chat systems Parley speaks to. The terminal chat is a client of `web`. */
export type Platform = 'discord' | 'slack' | 'web';

/** Where a message was sent, and where its reply goes. */
export interface Address {
  readonly platform: Platform;
  /** The bot's own identity on the platform: Discord application id, Slack app id; `parley` on the web. */
  readonly app: string;
  /** Discord guild id, Slack team id; `-` where there is none (Discord direct messages, the web). */
  readonly workspace: string;
  readonly channel: string;
  /** Slack: the `ts` of the thread's first message. Discord: unset, since a thread is a channel of its own. */
  readonly thread?: string;
  /** `call`: of one request of a program that brings its own prompt. Nobody comes back to it: no list shows it. */
  readonly kind: 'channel' | 'thread' | 'direct' | 'call';
  /** The channel a Discord thread hangs under: its settings apply to the thread too. */
  readonly parent?: string;
}

/** Whether everyone in a channel shares one memory, or each user has their own. */
export type MemoryScope = 'channel' | 'user';

/** Someone who writes to the bot. */
export interface Author {
  /** Unique over all platforms: `discord/<user>`, `slack/<team>/<user>`, `web/<user_id>`. */
  readonly key: string;
  /** Display name, as the platform shows it. */
  readonly name: string;
  /** Platform's own id, for mentions. */
  readonly id: string;
}

/** One string per place; equal for equal addresses. Names the place in settings. */
export function addressKey(address: Address): string {
  const parts = [address.platform, address.app, address.workspace, address.channel];
  if (address.thread !== undefined) parts.push(address.thread);
  return parts.map(encodeURIComponent).join('/');
}

/** The place that `addressKey` named: what kind it is, and under what it hangs, its key does not say. Null for no key. */
export function readAddressKey(key: string): Omit<Address, 'kind' | 'parent'> | null {
  const [platform, app = '', workspace = '', channel = '', thread, ...rest] = key.split('/').map(decoded);
  if (platform !== 'discord' && platform !== 'slack' && platform !== 'web') return null;
  if (!app || !workspace || !channel || thread === '' || rest.length > 0) return null;
  return { platform, app, workspace, channel, ...(thread === undefined ? {} : { thread }) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

/**
 * Keys whose settings apply at `address`, the weakest first: channel, then thread.
 */
export function settingsKeys(address: Address): string[] {
  const { thread: _thread, parent, ...place } = address;
  const keys = [addressKey({ ...place, channel: parent ?? address.channel })];
  const own = addressKey(address);
  return keys.includes(own) ? keys : [...keys, own];
}

/**
 * One string per memory: the address, and the author where each user has their own.
 * A direct message is one person's already, so its scope makes no difference.
 */
export function conversationKey(address: Address, scope: MemoryScope, author: Author): string {
  const key = addressKey(address);
  return scope === 'user' && address.kind !== 'direct' ? `${key}/@${encodeURIComponent(author.key)}` : key;
}
