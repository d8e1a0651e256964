import type { Author } from '../../domain/address.js';
import { ExpectedFailure } from '../../domain/failure.js';
import type { Prompt, PromptMessage } from '../../domain/prompt.js';
import { cutText } from '../../domain/text/cut-text.js';
import type { RememberedTurn, TurnId } from '../../domain/turn.js';

/** What a person said, and in answer to what. */
export interface Spoken {
  readonly author: Author;
  readonly text: string;
  readonly quoted: { readonly author: string; readonly text: string } | null;
}

export interface ContextRequest {
  readonly system: string;
  /** Oldest first. */
  readonly history: readonly RememberedTurn[];
  readonly question: Spoken & { readonly id: TurnId };
  /** Several people share this memory: each message begins with its author's name. */
  readonly shared: boolean;
  /** Tokens that prompt and reply may use together. */
  readonly contextWindow: number;
  /** Longest reply asked for, in tokens. */
  readonly maxTokens: number;
  /** Exchanges a prompt may hold: a history this long is trimmed as one too long in tokens is. */
  readonly historyLimit: number;
  /** Tokens of a prompt, with the model's own tokenizer and template. */
  readonly count: (prompt: Prompt) => Promise<number>;
}

export interface ChosenContext {
  readonly prompt: Prompt;
  /** The oldest turn in the prompt, the question's own at the latest; null where nothing was left out. */
  readonly windowStart: TurnId | null;
}

/** A reply may take at most this share of the window away from the prompt. */
const REPLY_SHARE = 0.5;
/** History is trimmed to this share of the prompt's room and of `historyLimit`, in one step: the prefix then stays for many turns. */
const TRIM_SHARE = 0.55;
/** Longest quoted text, in UTF-16 code units. */
const QUOTE_LENGTH = 2_000;
const NAME_LENGTH = 40;

/**
 * Fits persona, history and question into a model's window: the whole history where it fits, else the newest part
 * that fills 55% of the room and of the limit, so that the next turns only append.
 *
 * @throws {ExpectedFailure} `context-overflow` where the question alone does not fit
 */
export async function buildContext(request: ContextRequest): Promise<ChosenContext> {
  const room = roomForPrompt(request.contextWindow, request.maxTokens);
  const whole = promptOf(request, 0);
  const few = request.history.length < request.historyLimit;
  if (few && (await request.count(whole)) <= room) return { prompt: whole, windowStart: null };
  const target = Math.floor(room * TRIM_SHARE);
  // The longest suffix under the target, by bisection: the count grows with each turn kept.
  let fits = request.history.length;
  let tooMany = few ? 0 : request.history.length - Math.floor(request.historyLimit * TRIM_SHARE) - 1;
  while (fits - tooMany > 1) {
    const middle = Math.floor((tooMany + fits) / 2);
    if ((await request.count(promptOf(request, middle))) <= target) fits = middle;
    else tooMany = middle;
  }
  const prompt = promptOf(request, fits);
  const tokens = await request.count(prompt);
  if (tokens > room) {
    throw new ExpectedFailure(
      'context-overflow',
      `the message needs ${tokens} tokens where the model has room for ${room}`,
    );
  }
  return { prompt, windowStart: request.history[fits]?.id ?? request.question.id };
}

/** Tokens that a prompt may have, beside the longest reply asked for. */
export function roomForPrompt(contextWindow: number, maxTokens: number): number {
  return contextWindow - Math.min(maxTokens, Math.floor(contextWindow * REPLY_SHARE));
}

function promptOf(request: ContextRequest, skipped: number): Prompt {
  const messages: PromptMessage[] = [{ role: 'system', content: request.system }];
  for (const turn of request.history.slice(skipped)) {
    messages.push({ role: 'user', content: spokenText(turn, request.shared) });
    messages.push({ role: 'assistant', content: turn.reply });
  }
  messages.push({ role: 'user', content: spokenText(request.question, request.shared) });
  return messages;
}

/** A message as the model reads it: quoted lines first, the author's name before the text where several speak. */
export function spokenText(spoken: Spoken, shared: boolean): string {
  const said = shared ? `${plainName(spoken.author.name)}: ${spoken.text}` : spoken.text;
  if (!spoken.quoted) return said;
  const quote = `${plainName(spoken.quoted.author)}: ${cutText(spoken.quoted.text, QUOTE_LENGTH)}`;
  return `${quote.replace(/^/gm, '> ')}\n\n${said}`;
}

/** A display name that cannot pass for another line of the prompt. */
function plainName(name: string): string {
  const plain = cutText(name.replace(/[\p{C}\p{Z}:]+/gu, ' ').trim(), NAME_LENGTH);
  return plain === '' ? 'Someone' : plain;
}
