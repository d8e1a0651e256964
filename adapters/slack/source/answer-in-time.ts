import type { KnownBlock } from '@slack/web-api';
import type { Clock } from '../../../src/ports/process/clock.js';
import type { Log } from '../../../src/ports/process/log.js';
import { ended } from '../../../src/process/time-limit.js';
import { noticeContent } from '../delivery/notice.js';

/** What a person gets to see for a command or a pressed button. `everyone`: the channel sees it too. */
export interface Answer {
  readonly text: string;
  readonly audience: 'asker' | 'everyone';
}

/** What Slack takes as an answer, with the acknowledgement or after it. */
export interface AnswerMessage {
  readonly response_type: 'ephemeral' | 'in_channel';
  readonly replace_original?: false;
  readonly text?: string;
  readonly blocks?: KnownBlock[];
}

export interface AnswerDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly inBackground: (work: Promise<void>) => void;
}

/** Slack shows a failure to the person where no acknowledgement comes within 3 s. */
const ACKNOWLEDGE_WITHIN_MS = 2_000;

/**
 * Runs `work` and answers with what it gives: with the acknowledgement where it is quick, afterwards where it is not.
 * Slack delivers no command twice, so a failure is told to the person.
 *
 * @param sorry - what a failure is told with
 */
export async function answerInTime(
  work: () => Promise<AnswerMessage | null>,
  ack: (message?: AnswerMessage) => Promise<void>,
  respond: (message: AnswerMessage) => Promise<unknown>,
  sorry: () => string,
  deps: AnswerDeps,
): Promise<void> {
  const running = work().catch((error: unknown) => {
    deps.log.error({ error }, 'a command from Slack failed');
    return answerMessage({ text: sorry(), audience: 'asker' });
  });
  if (await ended(running, ACKNOWLEDGE_WITHIN_MS, deps.clock)) {
    const message = await running;
    return message === null ? ack() : ack(message);
  }
  await ack();
  deps.inBackground(respondLater(running, respond, deps.log));
}

async function respondLater(
  running: Promise<AnswerMessage | null>,
  respond: (message: AnswerMessage) => Promise<unknown>,
  log: Log,
): Promise<void> {
  try {
    const message = await running;
    if (message) await respond({ ...message, replace_original: false });
  } catch (error) {
    log.warn({ error }, 'an answer did not reach a person on Slack');
  }
}

export function answerMessage(answer: Answer): AnswerMessage {
  const type = answer.audience === 'everyone' ? 'in_channel' : 'ephemeral';
  return { response_type: type, ...noticeContent(answer.text) };
}
