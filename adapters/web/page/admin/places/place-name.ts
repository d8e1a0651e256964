import type { Place } from '../../api/api-types.js';

/** What a person may know a place by: platforms tell Parley ids alone. */
export function placeName({ platform, kind, channel, thread, parent }: Place): string {
  if (platform === 'web') return `Conversation ${channel}`;
  if (kind === 'direct') return `Direct message ${channel}`;
  if (thread !== null) return `Thread ${thread} in ${channel}`;
  if (kind === 'thread') return parent === null ? `Thread ${channel}` : `Thread ${channel} in ${parent}`;
  return `Channel ${channel}`;
}
