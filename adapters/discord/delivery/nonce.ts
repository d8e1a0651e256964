/** Longest nonce Discord takes. */
export const NONCE_LIMIT = 25;

/**
 * The nonce of one part: whoever posts it again within the few minutes that Discord remembers gets the same message.
 *
 * @param turnId - at most 2^53 - 1
 * @returns at most 25 characters
 */
export function partNonce(turnId: number, revision: number, index: number): string {
  return ['p', turnId, revision, index].map(compact).join('.').slice(0, NONCE_LIMIT);
}

/** The nonce of something said about a message, told apart by `kind`: one letter. */
export function nonceAbout(kind: string, messageId: string): string {
  return `${kind}.${BigInt(messageId).toString(36)}`.slice(0, NONCE_LIMIT);
}

function compact(value: string | number): string {
  return typeof value === 'number' ? value.toString(36) : value;
}
