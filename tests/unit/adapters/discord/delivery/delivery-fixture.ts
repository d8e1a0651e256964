import {
  createDiscordDelivery,
  type DiscordDeliveryOptions,
} from '../../../../../adapters/discord/delivery/delivery.js';
import type { InteractionTarget, MessageTarget } from '../../../../../adapters/discord/delivery/target.js';
import type { Delivery, PartDraft } from '../../../../../src/ports/delivery/delivery.js';
import { systemClock } from '../../../../../src/process/system-clock.js';
import { DiscordDouble, type DoubleOptions } from '../../../../doubles/discord/discord-double.js';
import type { Using } from '../../../../doubles/discord/person.js';
import type { DoubleChannel, DoubleInteraction, DoubleMessage } from '../../../../doubles/discord/world.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { draft as anyDraft, final as anyFinal } from '../../../../fixtures/part-draft.js';

export interface DeliveryBench {
  readonly double: DiscordDouble;
  readonly delivery: Delivery;
  readonly log: RecordedLog;
  readonly signal: AbortSignal;
  close(): Promise<void>;
}

export async function openBench(
  options: DoubleOptions & Partial<DiscordDeliveryOptions> = {},
): Promise<DeliveryBench> {
  const double = await new DiscordDouble(options).start();
  const log = new RecordedLog();
  const delivery = createDiscordDelivery({
    clock: options.clock ?? systemClock,
    log,
    ...options,
    token: double.token,
    apiUrl: double.apiUrl,
  });
  const signal = new AbortController().signal;
  return { double, delivery, log, signal, close: () => double.stop() };
}

/** The target of a message, which `double.person` wrote unless told. */
export function messageTarget(
  double: DiscordDouble,
  message?: DoubleMessage,
  channel: DoubleChannel = double.channel,
): MessageTarget {
  const asked = message ?? double.person.say(channel, 'what is a lighthouse?', { mention: true });
  return {
    platform: 'discord',
    type: 'message',
    channelId: asked.channelId,
    messageId: asked.id,
    askerId: asked.authorId,
    language: 'en',
  };
}

/** A `/ask` that was deferred, and its target. */
export async function deferredTarget(
  double: DiscordDouble,
  options: Using & { mayPost?: boolean; channel?: DoubleChannel } = {},
): Promise<{ target: Required<Omit<InteractionTarget, 'question'>>; interaction: DoubleInteraction }> {
  const { mayPost = options.install !== 'user', channel = double.channel } = options;
  const interaction = double.person.useCommand(channel, 'ask', { question: 'why?' }, options);
  const { id, token } = interaction;
  await fetch(`${double.apiUrl}/v10/interactions/${id}/${token}/callback`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 5 }),
  });
  const target: Required<Omit<InteractionTarget, 'question'>> = {
    platform: 'discord',
    type: 'interaction',
    applicationId: double.world.bot.id,
    interactionId: id,
    awaited: true,
    credential: { token, expiresAt: interaction.createdAt + 15 * 60_000 },
    channelId: channel.id,
    mayPost,
    followUps: options.install === 'user' ? 5 : null,
    askerId: double.person.id,
    language: 'en',
  };
  return { target, interaction };
}

const SAID = { turnId: 41, text: 'A tower with a light.' };
export const draft = (changes: Partial<PartDraft> = {}) => anyDraft({ ...SAID, ...changes });
export const final = (changes: Partial<PartDraft> = {}) => anyFinal({ ...SAID, ...changes });
