import { createHash } from 'node:crypto';

/** What names a bot before Discord has said who it is; tells nothing of its token. */
export function botKey(token: string): string {
  return `discord/bot-${createHash('sha256').update(token).digest('hex').slice(0, 16)}`;
}
