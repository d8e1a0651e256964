import type { Address } from '../../domain/address.js';
import type { Prisma } from '../generated/client.js';
import { storable } from './storable-text.js';

/** The columns of a conversation that say where it takes place. */
export interface PlaceRow {
  readonly platform: Address['platform'];
  readonly app: string;
  readonly workspace: string;
  readonly channel: string;
  readonly thread: string | null;
  readonly parent: string | null;
  readonly kind: Address['kind'];
}

export function addressOf({ platform, app, workspace, channel, kind, thread, parent }: PlaceRow): Address {
  return {
    ...{ platform, app, workspace, channel, kind },
    ...(thread === null ? {} : { thread }),
    ...(parent === null ? {} : { parent }),
  };
}

/** The conversations at a place. */
export function atPlace(place: Omit<Address, 'kind' | 'parent'>) {
  const { platform, app, workspace, channel, thread } = place;
  return {
    platform,
    app: storable(app),
    workspace: storable(workspace),
    channel: storable(channel),
    thread: thread === undefined ? null : storable(thread),
  } satisfies Prisma.ConversationWhereInput;
}
