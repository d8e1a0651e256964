import { onTestFinished } from 'vitest';
import { createSlackDelivery, type SlackDeliveryOptions } from '../../../adapters/slack/slack-delivery.js';
import type { SlackTarget } from '../../../adapters/slack/slack-ids.js';
import type { TurnId } from '../../../src/domain/turn.js';
import type { Delivery, PartDraft } from '../../../src/ports/delivery.js';
import { systemClock } from '../../../src/system-clock.js';
import { SlackDouble, type SlackDoubleOptions } from '../../doubles/slack/slack-double.js';
import type { Channel, Message, Person } from '../../doubles/slack/workspace.js';
import { RecordingLog } from './recording-log.js';

export interface DeliverySetup {
  readonly slack: SlackDouble;
  readonly delivery: Delivery;
  readonly ada: Person;
  readonly general: Channel;
  readonly question: Message;
  readonly target: SlackTarget;
  readonly stopped: TurnId[];
  readonly log: RecordingLog;
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
  const log = new RecordingLog();
  const stopped: TurnId[] = [];
  const another = () =>
    createSlackDelivery({
      botToken: slack.botToken,
      apiUrl: slack.apiUrl,
      log,
      clock: systemClock,
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
  };
  return { slack, delivery: another(), ada, general, question, target, stopped, log, another };
}

export const streaming = (text: string, changes: Partial<PartDraft> = {}): PartDraft => ({
  turnId: 7,
  revision: 0,
  index: 0,
  text,
  state: 'streaming',
  controls: 'stop',
  certainlyNew: true,
  ...changes,
});
export const final = (text: string, changes: Partial<PartDraft> = {}): PartDraft =>
  streaming(text, { state: 'final', controls: 'rate-and-regenerate', ...changes });
