import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { Prompt } from '../src/domain/prompt.js';
import { DEFAULT_SAMPLING } from '../src/domain/sampling.js';
import type { StreamPart } from '../src/ports/models/model-provider.js';
import { compiledEntry } from '../src/process/compiled-entry.js';
import { systemClock } from '../src/process/system-clock.js';
import { writeRandomModel } from '../tests/doubles/gguf/models.js';
import { LlamaCppProvider } from '../workers/providers/llama-cpp/llama-cpp-provider.js';
import type { LocalModelFile } from '../workers/providers/llama-cpp/load-options.js';
import { type BenchRow, formatRows, median } from './bench-row.js';
import { type DecodeBaselines, DecodeMeter, openBaselines } from './decode-baselines.js';

/*
 * The local engine beside the library it stands on, on a model of SmolLM2-135M's shape with random weights, one thread.
 * Each round measures all three one after the other: the machine may be shared, ratios hold where speeds do not.
 */

const ROUNDS = 7;
/** Tokens of each conversation: few conversations take more, or what begins and ends a reply would show as speed. */
const TO_REACH = [
  { conversations: 1, tokens: 192, ofRaw: 0.95 },
  { conversations: 4, tokens: 96, ofRaw: 0.92 },
  { conversations: 8, tokens: 64, ofRaw: 0.9 },
  { conversations: 16, tokens: 48, ofRaw: 0.85 },
] as const;
const LOG = { debug() {}, info() {}, warn: console.error, error: console.error };

export async function benchDecode(): Promise<BenchRow[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-bench-'));
  const file = path.join(folder, 'random-135m.gguf');
  writeRandomModel(file, { shape: 'smol135m', type: 'q8_0' });
  try {
    return [...(await benchAggregate(file)), ...(await benchConversations(file, folder))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Many conversations decoding at once. */
async function benchAggregate(file: string): Promise<BenchRow[]> {
  const provider = openProvider({ path: file, contextSize: 1024, slots: 16 });
  const baselines = await openBaselines(file, 1);
  const rows: BenchRow[] = [];
  try {
    await provider.load('bench');
    for (const { conversations, tokens, ofRaw } of TO_REACH) {
      const rounds = [];
      for (let round = 0; round < ROUNDS; round++) {
        // Who goes first changes, so that a machine that grows slower or faster favours nobody.
        const rawFirst = round % 2 === 0 ? await baselines.rawBatch(conversations, tokens) : null;
        const ours = await decodeTogether(provider, conversations, tokens, `${conversations}-${round}`);
        const raw = rawFirst ?? (await baselines.rawBatch(conversations, tokens));
        // Slow, and no target below 16: once is enough there.
        const asked = round === 0 || conversations === 16;
        const sessions = asked ? await baselines.sessions(conversations, tokens) : Number.NaN;
        rounds.push({ ours, raw, sessions });
      }
      rows.push(...aggregateRows(conversations, ofRaw, rounds));
    }
    // Measured apart: its timer wakes the process a thousand times a second, on the core that decodes.
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await decodeTogether(provider, 16, 48, 'delay');
    delay.disable();
    rows.push({
      name: 'event-loop delay p99 while replies stream',
      value: delay.percentile(99) / 1e6,
      unit: 'ms',
      note: '16 replies at once',
    });
    const stats = await provider.stats('bench');
    rows.push({
      name: 'engine memory, peak',
      value: (stats?.peakMemoryBytes ?? Number.NaN) / 2 ** 20,
      unit: 'MiB',
      note: '16 slots of 1024 tokens',
    });
  } finally {
    await provider.stop();
    await closeSoon(baselines);
  }
  return rows;
}

function aggregateRows(
  conversations: number,
  ofRaw: number,
  rounds: readonly { readonly ours: number; readonly raw: number; readonly sessions: number }[],
): BenchRow[] {
  const speeds = (['ours', 'raw', 'sessions'] as const).map(
    (name) => `${name} ${median(known(rounds.map((round) => round[name]))).toFixed(0)}`,
  );
  const rows: BenchRow[] = [
    {
      name: `aggregate decode at ${conversations}, of the raw batch`,
      value: median(known(rounds.map((round) => round.ours / round.raw))),
      unit: '×',
      target: { atLeast: ofRaw },
      note: `tok/s: ${speeds.join(', ')}`,
    },
  ];
  rows.push({
    name: `aggregate decode at ${conversations}, of default sessions`,
    value: median(known(rounds.map((round) => round.ours / round.sessions))),
    unit: '×',
    ...(conversations === 16 ? { target: { atLeast: 2.5 } } : {}),
  });
  return rows;
}

function known(values: readonly number[]): number[] {
  return values.filter((value) => !Number.isNaN(value));
}

async function decodeTogether(
  provider: LlamaCppProvider,
  conversations: number,
  tokens: number,
  round: string,
): Promise<number> {
  const meter = new DecodeMeter(conversations);
  await Promise.all(
    Array.from({ length: conversations }, async (_, i) => {
      const prompt: Prompt = [{ role: 'user', content: `Tell me about number ${i}.` }];
      for await (const part of stream(provider, prompt, `decode-${round}-${i}`, tokens)) {
        // Every token of this model is printable: a delta for each.
        if (part.type === 'delta') meter.add(i, 1);
        if (part.type === 'finish') meter.end();
      }
    }),
  );
  return meter.tokensPerSecond();
}

/** 32 conversations on 8 slots, and a long prompt among running replies. */
async function benchConversations(file: string, folder: string): Promise<BenchRow[]> {
  const provider = openProvider(
    { path: file, contextSize: 2560, slots: 8 },
    { folder: path.join(folder, 'states'), maxBytes: 2 ** 31 },
  );
  try {
    await provider.load('bench');
    return [...(await benchSecondTurns(provider)), ...(await benchStall(provider))];
  } finally {
    await provider.stop();
  }
}

async function benchSecondTurns(provider: LlamaCppProvider): Promise<BenchRow[]> {
  const system = 'You are a friendly assistant in a busy channel. '.repeat(6);
  const extra: number[] = [];
  const first = await Promise.all(
    Array.from({ length: 32 }, async (_, i) => {
      const prompt: Prompt = [
        { role: 'system', content: system },
        { role: 'user', content: `This is conversation ${i}. ${'Some words about it. '.repeat(8)}` },
      ];
      return { prompt, ...(await answer(provider, prompt, `second-${i}`, 24)) };
    }),
  );
  await Promise.all(
    first.map(async ({ prompt, text, finish }, i) => {
      const again: Prompt = [
        ...prompt,
        { role: 'assistant', content: text },
        { role: 'user', content: `And what more about ${i}?` },
      ];
      const second = await answer(provider, again, `second-${i}`, 8);
      const evaluated = second.finish.usage.prompt - second.finish.usage.cached;
      const added = second.finish.usage.prompt - finish.usage.prompt - finish.usage.reply;
      extra.push(evaluated - added);
    }),
  );
  const stats = await provider.stats('bench');
  return [
    {
      name: 'second turn of 32 conversations on 8 slots: tokens evaluated beyond the new ones, at most',
      value: Math.max(...extra),
      unit: 'tokens',
      target: { atMost: 16 },
      note: `${stats?.statesRestored ?? 0} restored from disk`,
    },
  ];
}

async function benchStall(provider: LlamaCppProvider): Promise<BenchRow[]> {
  const stop = new AbortController();
  const before: number[] = [];
  const during: number[] = [];
  let gaps = before;
  let running = 0;
  let everyoneSpeaks = () => {};
  const allRunning = new Promise<void>((resolve) => {
    everyoneSpeaks = resolve;
  });
  const streams = Array.from({ length: 7 }, async (_, i) => {
    let last: number | null = null;
    const prompt: Prompt = [{ role: 'user', content: `Talk for long about ${i}.` }];
    try {
      for await (const part of stream(provider, prompt, `stall-${i}`, 2000, stop.signal)) {
        if (part.type !== 'delta') continue;
        const now = performance.now();
        if (last === null && ++running === 7) everyoneSpeaks();
        if (last !== null) gaps.push(now - last);
        last = now;
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  });
  await allRunning;
  const long = 'a long letter with many words in it and no end in sight, '.repeat(400);
  const fitting = await shorten(provider, long, 2000);
  // As long as the prompt may take: what the machine's other work costs shows here too.
  await systemClock.sleep(5_000);
  gaps = during;
  const arrived = performance.now();
  const { finish } = await answer(provider, [{ role: 'user', content: fitting }], 'stall-long', 1);
  gaps = [];
  const took = performance.now() - arrived;
  stop.abort();
  await Promise.all(streams);
  return [
    {
      name: 'worst stall of 7 running replies while a long prompt arrives',
      value: Math.max(...during),
      unit: 'ms',
      target: { atMost: 250 },
      note: `${finish.usage.prompt} tokens in ${(took / 1000).toFixed(1)} s, half the gaps below ${median(during).toFixed(0)} ms; without that prompt half below ${median(before).toFixed(0)} ms, worst ${Math.max(...before).toFixed(0)} ms`,
    },
  ];
}

/** The beginning of `text` that has about `tokens` tokens. */
async function shorten(provider: LlamaCppProvider, text: string, tokens: number): Promise<string> {
  const all = await provider.countTokens('bench', [{ role: 'user', content: text }]);
  return text.slice(0, Math.floor((text.length * tokens) / all));
}

async function answer(provider: LlamaCppProvider, prompt: Prompt, cacheKey: string, maxTokens: number) {
  let text = '';
  for await (const part of stream(provider, prompt, cacheKey, maxTokens)) {
    if (part.type === 'delta') text += part.text;
    if (part.type === 'finish') return { text, finish: part };
  }
  throw new Error('a stream ended without finish');
}

function stream(
  provider: LlamaCppProvider,
  prompt: Prompt,
  cacheKey: string,
  maxTokens: number,
  signal = new AbortController().signal,
): AsyncIterable<StreamPart> {
  const sampling = { ...DEFAULT_SAMPLING, temperature: 0, repeatPenalty: 1, maxTokens };
  return provider.stream({ model: 'bench', prompt, cacheKey, sampling }, signal);
}

function openProvider(file: LocalModelFile, stateCache?: { folder: string; maxBytes: number }) {
  return new LlamaCppProvider({
    findModel: async () => ({ gpu: 'off', threads: 1, ...file }),
    engineEntry: compiledEntry('workers/engine/main'),
    clock: systemClock,
    log: LOG,
    ...(stateCache === undefined ? {} : { stateCache }),
  });
}

/** The library's own clean-up was seen to never return. */
async function closeSoon(baselines: DecodeBaselines): Promise<void> {
  await Promise.race([baselines.close(), systemClock.sleep(2_000)]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(formatRows(await benchDecode()));
  process.exit(0);
}
