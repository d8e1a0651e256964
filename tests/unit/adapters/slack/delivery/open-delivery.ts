import { onTestFinished } from 'vitest';
import type { SlackTarget } from '../../../../../adapters/slack/client/slack-ids.js';
import {
  createSlackDelivery,
  type SlackDeliveryOptions,
} from '../../../../../adapters/slack/delivery/slack-delivery.js';
import type { TurnId } from '../../../../../src/domain/turn.js';
import { memoryEditBudget } from '../../../../../src/exchange/memory-edit-slots.js';
import type { Delivery, PartDraft } from '../../../../../src/ports/delivery/delivery.js';
import { systemClock } from '../../../../../src/process/system-clock.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { SlackDouble, type SlackDoubleOptions } from '../../../../doubles/slack/slack-double.js';
import type { Channel, Message, Person } from '../../../../doubles/slack/workspace.js';
import { final as anyFinal, draft } from '../../../../fixtures/part-draft.js';

export interface DeliverySetup {
  readonly slack: SlackDouble;
  readonly delivery: Delivery;
  readonly ada: Person;
  readonly general: Channel;
  readonly question: Message;
  readonly target: SlackTarget;
  readonly stopped: TurnId[];
  readonly log: RecordedLog;
  /** A delivery of another worker. */
  another(): Delivery;
}

/** A question in a channel of a Slack double, and a delivery that answers it; both end with the test. */
export async function openDelivery(
  double: SlackDoubleOptions = {},
  options: Partial<SlackDeliveryOptions> = {},
): Promise<DeliverySetup> {
  const slack = await SlackDouble.start({ retryDelaysMs: [], ...double });
  onTestFinished(() => slack.stop());
  const ada = slack.person('Ada');
  const general = slack.channel('general', [ada]);
  const question = slack.mention(ada, general, 'Tell me');
  const log = new RecordedLog();
  const stopped: TurnId[] = [];
  const budget = memoryEditBudget(systemClock);
  const another = () =>
    createSlackDelivery({
      botToken: slack.botToken,
      apiUrl: slack.apiUrl,
      log,
      clock: systemClock,
      budget,
      stopTurn: async (turnId) => stopped.push(turnId),
      ...options,
    });
  const target = {
    platform: 'slack' as const,
    app: slack.workspace.appId,
    team: slack.workspace.teamId,
    channel: general.id,
    thread: question.ts,
    user: ada.id,
    message: question.ts,
    language: 'en' as const,
  };
  return { slack, delivery: another(), ada, general, question, target, stopped, log, another };
}

/** A part that nobody posted yet. */
export const streaming = (text: string, changes: Partial<PartDraft> = {}) =>
  draft({ text, certainlyNew: true, ...changes });
export const final = (text: string, changes: Partial<PartDraft> = {}) =>
  anyFinal({ text, certainlyNew: true, ...changes });
