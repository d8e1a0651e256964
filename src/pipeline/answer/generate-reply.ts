import { ExpectedFailure } from '../../domain/failure.js';
import type { Persona } from '../../domain/persona.js';
import type { Prompt } from '../../domain/prompt.js';
import type { EffectiveSettings, Language } from '../../domain/settings.js';
import { conversationLanguage } from '../../domain/text/language.js';
import type { ClaimedTurn, GeneratedReply, RememberedTurn } from '../../domain/turn.js';
import type { MemoryStore } from '../../ports/memory/memory-store.js';
import type { ModelRouter, RoutedModel } from '../../ports/models/model-router.js';
import type { Span } from '../../ports/telemetry/tracing.js';
import { buildContext, roomForPrompt } from '../context/build-context.js';
import { systemPrompt } from '../context/system-prompt.js';

/** All that a reply to one turn is made from. */
export interface ReplyBrief {
  readonly turn: ClaimedTurn;
  /** The alias asked for. */
  readonly alias: string;
  readonly settings: EffectiveSettings;
  readonly persona: Persona;
  readonly language: Language;
  readonly history: readonly RememberedTurn[];
  /** Several people share this memory. */
  readonly shared: boolean;
}

/** Exchanges read at most for one prompt: a longer history is trimmed even where its tokens would fit. */
export const HISTORY_LIMIT = 200;

/** Reads memory and settings for a turn: two queries, whatever the conversation's length. */
export async function briefFor(
  turn: ClaimedTurn,
  deps: {
    readonly memory: Pick<MemoryStore, 'window'>;
    readonly settingsAt: (address: ClaimedTurn['address']) => Promise<EffectiveSettings>;
    readonly personas: ReadonlyMap<string, Persona>;
    readonly defaultPersona: Persona;
  },
): Promise<ReplyBrief> {
  const [settings, history] = await Promise.all([
    deps.settingsAt(turn.address),
    deps.memory.window(turn.conversationId, turn.id, HISTORY_LIMIT),
  ]);
  const newestFirst = [turn.text, ...history.map((past) => past.text).reverse()];
  return {
    turn,
    alias: turn.model ?? settings.model,
    settings,
    persona: deps.personas.get(settings.persona) ?? deps.defaultPersona,
    language: conversationLanguage(settings.language, newestFirst),
    history,
    // Over HTTP, an application may let several people write in what is otherwise a direct conversation.
    shared:
      (turn.address.kind !== 'direct' && settings.memory === 'channel') ||
      history.some((past) => past.author.key !== turn.author.key),
  };
}

/** What has come of a reply so far; still readable when the stream throws. */
export interface ReplyProgress {
  text: string;
  deltas: number;
  model: string;
  sampling: GeneratedReply['sampling'] | null;
}

export interface ReplyWatcher {
  /** Marked with what answers. */
  readonly span?: Span;
  queued(ahead: number): void;
  text(text: string): void;
}

/**
 * Streams one reply from the router.
 *
 * @param progress - written as the reply grows
 * @throws what ModelRouter.stream throws
 */
export async function generateReply(
  brief: ReplyBrief,
  deps: { readonly router: ModelRouter; readonly memory: Pick<MemoryStore, 'moveWindow'> },
  progress: ReplyProgress,
  watcher: ReplyWatcher,
  signal: AbortSignal,
): Promise<GeneratedReply> {
  const { turn, alias, settings } = brief;
  const parts = deps.router.stream(
    {
      alias,
      overrides: { ...settings.sampling, ...turn.sampling },
      cacheKey: String(turn.conversationId),
      prompt: (model) => promptFor(brief, model, deps.memory),
    },
    signal,
  );
  for await (const part of parts) {
    if (part.type === 'queued') watcher.queued(part.ahead);
    else if (part.type === 'model') {
      progress.model = part.alias;
      progress.sampling = part.sampling;
      watcher.span?.note({ answers: part.alias });
    } else if (part.type === 'delta') {
      progress.text = sane(progress.text + part.text).trimStart();
      progress.deltas += 1;
      if (progress.text !== '') watcher.text(progress.text);
    } else if (progress.sampling) {
      return {
        reply: progress.text.trimEnd(),
        model: progress.model,
        sampling: progress.sampling,
        finishReason: part.reason,
        usage: part.usage,
        timeToFirstTokenMs: part.timeToFirstTokenMs,
        tokensPerSecond: part.tokensPerSecond,
      };
    }
  }
  throw new Error('the router ended a stream without finish');
}

/** What was written before a person stopped it, as a reply; null where there was no text yet. */
export function stoppedReply(progress: ReplyProgress): GeneratedReply | null {
  const reply = progress.text.trimEnd();
  if (reply === '' || !progress.sampling) return null;
  return {
    reply,
    model: progress.model,
    sampling: progress.sampling,
    finishReason: 'stopped',
    // The provider was cut off before it could count: a delta is one token or a few.
    usage: { prompt: 0, cached: 0, reply: progress.deltas },
    timeToFirstTokenMs: null,
    tokensPerSecond: null,
  };
}

/** A prompt that was given is the model's as it is, or too long. */
async function givenPrompt(prompt: Prompt, model: RoutedModel): Promise<Prompt> {
  const tokens = await model.countTokens(prompt);
  const room = roomForPrompt(model.contextWindow, model.sampling.maxTokens);
  if (tokens <= room) return prompt;
  throw new ExpectedFailure(
    'context-overflow',
    `the messages need ${tokens} tokens where the model has room for ${room}`,
  );
}

async function promptFor(brief: ReplyBrief, model: RoutedModel, memory: Pick<MemoryStore, 'moveWindow'>) {
  const { turn, persona, language, shared, history, settings } = brief;
  if (turn.prompt) return givenPrompt(turn.prompt, model);
  const { prompt, windowStart } = await buildContext({
    system: systemPrompt(persona, language, shared, settings.systemPrompt),
    history,
    question: { id: turn.id, author: turn.author, text: turn.text, quoted: turn.quoted },
    shared,
    contextWindow: model.contextWindow,
    maxTokens: model.sampling.maxTokens,
    historyLimit: HISTORY_LIMIT,
    count: (candidate) => model.countTokens(candidate),
  });
  // A fallback's smaller window must not cost the conversation its history.
  if (windowStart !== null && model.alias === brief.alias)
    await memory.moveWindow(turn.conversationId, windowStart);
  return prompt;
}

/** No lone surrogate and no NUL: neither a platform nor the database takes them. */
function sane(text: string): string {
  return text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '');
}
