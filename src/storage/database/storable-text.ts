import type { Address } from '../../domain/address.js';

/** What PostgreSQL takes as text: no NUL, no lone surrogate. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

/** The same for every text inside a JSON value. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'string' ? storable(inner) : inner,
  );
}

/** The same for an address, which on the web a person may choose. */
export function storableAddress({
  platform,
  app,
  workspace,
  channel,
  thread,
  kind,
  parent,
}: Address): Address {
  return {
    platform,
    app: storable(app),
    workspace: storable(workspace),
    channel: storable(channel),
    kind,
    ...(thread === undefined ? {} : { thread: storable(thread) }),
    ...(parent === undefined ? {} : { parent: storable(parent) }),
  };
}

/** For ILIKE: matches any text that holds `part`, whose own wildcards stand for themselves. */
export function likeAnywhere(part: string): string {
  return `%${storable(part).replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
