import { createHash, randomUUID } from 'node:crypto';
import type { Address, Author } from '../../src/domain/address.js';
import type { DeliveryTarget } from '../../src/domain/turn.js';

/**
 * Where a conversation over HTTP takes place. Its id alone names the memory, so it is `direct`: whoever wants one
 * memory per person uses one id per person.
 */
export function webAddress(conversationId: string): Address {
  return { platform: 'web', app: 'parley', workspace: '-', channel: conversationId, kind: 'direct' };
}

export function webAuthor(userId: string): Author {
  return { key: `web/${userId}`, name: userId, id: userId };
}

/** 122 random bits: knowing other ids helps nobody to guess one. */
export function newConversationId(): string {
  return randomUUID();
}

/** A message is one person's; an Idempotency-Key is too. Without one, every request is a message of its own. */
export function messageKey(userId: string, idempotencyKey: string | null): string {
  const identity = idempotencyKey === null ? `id/${randomUUID()}` : `key/${idempotencyKey}`;
  return `web/${encodeURIComponent(userId)}/${identity}`;
}

export interface WebTarget {
  readonly platform: 'web';
  readonly conversation: string;
  /** Of a request with an Idempotency-Key: tells another request under the same key. */
  readonly request?: string;
}

/** @param request - what was asked, to be recognised; null where it comes once */
export function webTarget(conversationId: string, request: object | null): WebTarget & DeliveryTarget {
  const target = { platform: 'web', conversation: conversationId } as const;
  if (request === null) return target;
  // 32 bits: enough to notice a mistake, too few to find out from the database what a person said.
  const fingerprint = createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 8);
  return { ...target, request: fingerprint };
}

/** Null where the turn is another platform's. */
export function readWebTarget(target: DeliveryTarget | null): WebTarget | null {
  const conversation = target?.['conversation'];
  const request = target?.['request'];
  if (target?.platform !== 'web' || typeof conversation !== 'string') return null;
  return { platform: 'web', conversation, ...(typeof request === 'string' && { request }) };
}
