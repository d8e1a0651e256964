import { LRUCache } from 'lru-cache';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { DeliveryTarget, PostedPart } from '../../../src/domain/turn.js';
import type { Delivery, PartDraft } from '../../../src/ports/delivery/delivery.js';
import { workspaceClient } from '../client/slack-client.js';
import { originKey, readTarget } from '../client/slack-ids.js';
import type { Installations } from '../workspaces/installations.js';
import { PART_LIMIT } from './part-blocks.js';
import { slackApi, type WorkspaceDeliveryOptions, workspaceDelivery } from './slack-delivery.js';

export interface SeveralWorkspacesDeliveryOptions extends WorkspaceDeliveryOptions {
  readonly installations: Installations;
}

/** Workspaces whose streams are remembered: those of others are closed by an edit. */
const WORKSPACES = 1_000;

/** Puts replies on Slack, into each workspace with the token of its own installation. */
export function createSeveralWorkspacesDelivery(options: SeveralWorkspacesDeliveryOptions): Delivery {
  const { installations } = options;
  const deliveries = new LRUCache<string, Delivery>({ max: WORKSPACES });

  function deliveryTo(target: DeliveryTarget): Delivery {
    const place = readTarget(target);
    const key = originKey(place);
    const known = deliveries.get(key);
    if (known) return known;
    const client = workspaceClient(() => installations.token(place), slackApi(options));
    const delivery = workspaceDelivery(client, options);
    deliveries.set(key, delivery);
    return delivery;
  }

  /** A refused token may have been replaced meanwhile; one that is dead for good is not tried again by anyone. */
  async function within<T>(target: DeliveryTarget, work: (delivery: Delivery) => Promise<T>): Promise<T> {
    try {
      return await work(deliveryTo(target));
    } catch (error) {
      if (!(error instanceof ExpectedFailure) || error.reason !== 'unauthorized') throw error;
      if (!(await installations.refused(readTarget(target)))) throw error;
      throw new ExpectedFailure('delivery-failed', 'the Slack app was installed anew', {
        reason: 'unavailable',
        cause: error,
      });
    }
  }

  return {
    partLimit: PART_LIMIT,
    budget: (target, edit) => deliveryTo(target).budget(target, edit),
    showWorking: (target, signal) => within(target, (delivery) => delivery.showWorking(target, signal)),
    post: (target, part: PartDraft, signal) =>
      within(target, (delivery) => delivery.post(target, part, signal)),
    edit: (target, posted: PostedPart, part: PartDraft, signal) =>
      within(target, (delivery) => delivery.edit(target, posted, part, signal)),
    remove: (target, posted, signal) => within(target, (delivery) => delivery.remove(target, posted, signal)),
    callAttention: (target, turnId, last, signal) =>
      within(target, (delivery) => delivery.callAttention(target, turnId, last, signal)),
  };
}
