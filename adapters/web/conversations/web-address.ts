import { createHash, randomUUID } from 'node:crypto';
import type { Address, Author } from '../../../src/domain/address.js';
import type { DeliveryTarget, IncomingMessage } from '../../../src/domain/turn.js';
import type { Principal } from '../access/principal.js';

/**
 * Where a conversation over HTTP takes place. Among those of one caller its id alone names the memory, so it is
 * `direct`: whoever wants one memory per person uses one id per person. The same id of another API key is another place.
 */
export function webAddress(principal: Principal, conversationId: string): Address {
  const workspace = principal.type === 'admin' ? '-' : `key-${principal.id}`;
  return { platform: 'web', app: 'parley', workspace, channel: conversationId, kind: 'direct' };
}

/** A user of one API key is nobody else's: no user of the admin's has a key that begins with `key/`. */
export function webAuthor(principal: Principal, userId: string): Author {
  const prefix = principal.type === 'admin' ? 'web' : `key/${principal.id}`;
  return { key: `${prefix}/${userId}`, name: userId, id: userId };
}

/** 122 random bits: knowing other ids helps nobody to guess one. */
export function newConversationId(): string {
  return randomUUID();
}

/** A message is one person's; an Idempotency-Key is too. Without one, every request is a message of its own. */
export function messageKey(principal: Principal, userId: string, idempotencyKey: string | null): string {
  const identity = idempotencyKey === null ? `id/${randomUUID()}` : `key/${idempotencyKey}`;
  // No user's name has an @ once it is encoded: a key's messages are like none of the admin's.
  const prefix = principal.type === 'admin' ? 'web' : `web/@${principal.id}`;
  return `${prefix}/${encodeURIComponent(userId)}/${identity}`;
}

/** What a message says of the API key it was asked with. */
export function askedWith(principal: Principal): Pick<IncomingMessage, 'apiKey'> {
  return principal.type === 'admin' ? {} : { apiKey: principal.id };
}

export interface WebTarget {
  readonly platform: 'web';
  readonly conversation: string;
  /** The API key it was asked with; left out for the admin's. */
  readonly key?: number;
  /** Of a request with an Idempotency-Key: tells another request under the same key. */
  readonly request?: string;
}

/** @param request - what was asked, to be recognised; null where it comes once */
export function webTarget(
  principal: Principal,
  conversationId: string,
  request: object | null,
): WebTarget & DeliveryTarget {
  const target = {
    platform: 'web',
    conversation: conversationId,
    ...(principal.type === 'key' && { key: principal.id }),
  } as const;
  if (request === null) return target;
  // 32 bits: enough to notice a mistake, too few to find out from the database what a person said.
  const fingerprint = createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 8);
  return { ...target, request: fingerprint };
}

/** Null where the turn is another platform's. */
export function readWebTarget(target: DeliveryTarget | null): WebTarget | null {
  const conversation = target?.['conversation'];
  const request = target?.['request'];
  const key = target?.['key'];
  if (target?.platform !== 'web' || typeof conversation !== 'string') return null;
  return {
    platform: 'web',
    conversation,
    ...(typeof key === 'number' && { key }),
    ...(typeof request === 'string' && { request }),
  };
}

/** Whether a turn was asked in this conversation of this caller. */
export function isTargetOf(target: WebTarget | null, principal: Principal, conversationId: string): boolean {
  const key = principal.type === 'admin' ? undefined : principal.id;
  return target !== null && target.conversation === conversationId && target.key === key;
}
