import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import type { Prompt } from '../../../src/domain/prompt.js';
import { DEFAULT_SAMPLING, type SamplingOverrides } from '../../../src/domain/sampling.js';
import type {
  GenerationRequest,
  ModelProvider,
  StreamPart,
} from '../../../src/ports/models/model-provider.js';

/** A provider as a suite opens it. */
export interface OpenedProvider {
  readonly provider: ModelProvider;
  /** A model it runs, which gives `answer` to any prompt that fits. */
  readonly model: string;
  /** What `model` says, then it stops by itself: at least eight tokens and three words, in any chunking. */
  readonly answer: string;
  /** A model it does not have. */
  readonly missingModel: string;
  /** Frees what `open` made beside the provider; the suite has stopped the provider by then. */
  close(): Promise<void>;
}

const PROMPT: Prompt = [
  { role: 'system', content: 'You are brief.' },
  { role: 'user', content: 'Say your line.' },
];

/** What every model provider does, whatever runs behind it. */
export function describeModelProvider(name: string, open: () => Promise<OpenedProvider>): void {
  describe(`model provider: ${name}`, () => {
    let opened: OpenedProvider;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => {
      await opened.provider.stop();
      await opened.close();
    });

    const request = (over: Partial<GenerationRequest> = {}, sampling: SamplingOverrides = {}) => ({
      model: opened.model,
      prompt: PROMPT,
      cacheKey: 'contract',
      ...over,
      sampling: { ...DEFAULT_SAMPLING, temperature: 0, repeatPenalty: 1, ...defined(sampling) },
    });
    const collect = (asked: GenerationRequest, signal = new AbortController().signal) =>
      partsOf(opened.provider.stream(asked, signal));

    test('yields the answer in deltas that are never empty, then exactly one finish', async () => {
      const parts = await collect(request());

      expect(textOf(parts)).toBe(opened.answer);
      expect(deltas(parts).every((text) => text.length > 0)).toBe(true);
      expect(parts.filter((part) => part.type === 'finish')).toHaveLength(1);
      expect(parts.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
    });

    test('reports tokens and times', async () => {
      const finish = finishOf(await collect(request()));

      expect(finish.usage.prompt).toBeGreaterThan(0);
      expect(finish.usage.cached).toBeGreaterThanOrEqual(0);
      expect(finish.usage.cached).toBeLessThanOrEqual(finish.usage.prompt);
      expect(finish.usage.reply).toBeGreaterThan(0);
      expect(finish.timeToFirstTokenMs).toBeGreaterThanOrEqual(0);
    });

    test('ends with `length` at the longest reply allowed', async () => {
      const parts = await collect(request({}, { maxTokens: 3 }));

      expect(finishOf(parts).reason).toBe('length');
      expect(finishOf(parts).usage.reply).toBeLessThanOrEqual(3);
      expect(opened.answer.startsWith(textOf(parts))).toBe(true);
      expect(textOf(parts).length).toBeLessThan(opened.answer.length);
    });

    test('ends before a stop text, which is not part of the reply', async () => {
      const stop = opened.answer.trim().split(/\s+/)[1] ?? '';
      const parts = await collect(request({}, { stop: [stop] }));

      expect(textOf(parts).trimEnd()).toBe(opened.answer.slice(0, opened.answer.indexOf(stop)).trimEnd());
      expect(finishOf(parts).reason).toBe('stop');
    });

    test('answers several at once', async () => {
      const all = await Promise.all([1, 2, 3, 4].map((n) => collect(request({ cacheKey: `contract-${n}` }))));

      expect(all.map(textOf)).toEqual(Array(4).fill(opened.answer));
    });

    test('throws the reason of a signal that was aborted before', async () => {
      const reason = new Error('not wanted any more');

      await expect(collect(request(), AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    test('throws the reason of a signal aborted on the way, and goes on serving others', async () => {
      const reason = new Error('the person pressed stop');
      const stopper = new AbortController();
      const read = async () => {
        for await (const part of opened.provider.stream(request(), stopper.signal)) {
          if (part.type === 'delta') stopper.abort(reason);
        }
      };

      await expect(read()).rejects.toBe(reason);
      expect(textOf(await collect(request()))).toBe(opened.answer);
    });

    test('frees its place when the reader walks away', async () => {
      for (let round = 0; round < 12; round++) {
        for await (const part of opened.provider.stream(request(), new AbortController().signal)) {
          if (part.type === 'delta') break;
        }
      }

      expect(textOf(await collect(request()))).toBe(opened.answer);
    });

    test('counts tokens: more for more text, the template included', async () => {
      const few = await opened.provider.countTokens(opened.model, PROMPT);
      const more = await opened.provider.countTokens(opened.model, [
        ...PROMPT,
        { role: 'assistant', content: 'hello there' },
        { role: 'user', content: '你好,世界 and so on' },
      ]);

      expect(few).toBeGreaterThan(0);
      expect(Number.isInteger(few)).toBe(true);
      expect(more).toBeGreaterThan(few);
    });

    test('counts no fewer tokens than a request then uses', async () => {
      const counted = await opened.provider.countTokens(opened.model, PROMPT);

      expect(finishOf(await collect(request())).usage.prompt).toBeLessThanOrEqual(counted);
    });

    test('says how many tokens fit', async () => {
      const window = await opened.provider.contextWindow(opened.model);

      expect(Number.isInteger(window)).toBe(true);
      expect(window).toBeGreaterThan(await opened.provider.countTokens(opened.model, PROMPT));
    });

    test('refuses a prompt that does not fit', async () => {
      const window = await opened.provider.contextWindow(opened.model);
      const asked = request({ prompt: [{ role: 'user', content: 'b c 7 ? '.repeat(window) }] });

      await expect(collect(asked)).rejects.toMatchObject({
        name: 'ExpectedFailure',
        kind: 'context-overflow',
        retryable: false,
      });
    });

    test('refuses a model it does not have', async () => {
      const failure = await collect(request({ model: opened.missingModel })).catch((error: unknown) => error);

      const kind = failure instanceof ExpectedFailure ? failure.kind : failure;
      expect(['provider-rejected', 'model-missing']).toContain(kind);
    });

    test('may be stopped twice, and answers nothing afterwards', async () => {
      await opened.provider.stop();
      await opened.provider.stop();

      await expect(collect(request())).rejects.toMatchObject({ name: 'ExpectedFailure' });
    });
  });
}

async function partsOf(stream: AsyncIterable<StreamPart>): Promise<StreamPart[]> {
  const parts: StreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

const deltas = (parts: readonly StreamPart[]) =>
  parts.flatMap((part) => (part.type === 'delta' ? [part.text] : []));
const textOf = (parts: readonly StreamPart[]) => deltas(parts).join('');

function finishOf(parts: readonly StreamPart[]) {
  const last = parts.at(-1);
  if (last?.type !== 'finish') throw new Error(`the last part is ${last?.type ?? 'none'}, not finish`);
  return last;
}

function defined(sampling: SamplingOverrides): object {
  return Object.fromEntries(Object.entries(sampling).filter(([, value]) => value !== undefined));
}
