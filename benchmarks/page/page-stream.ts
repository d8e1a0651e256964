import { type Browser, chromium, type Page } from 'playwright-core';
import { startModelServer } from '../../tests/doubles/model-server/model-server.js';
import { answer } from '../../tests/doubles/model-server/reply.js';
import { startUnderTest, type UnderTest } from '../../tests/end-to-end/parley-under-test.js';
import { type BenchRow, median, quantile } from '../bench-row.js';
import { COUNT_FRAMES, type Frames } from './count-frames.js';
import { readMainThread } from './main-thread.js';
import { longReply, oneBlock, shortReply } from './streamed-text.js';

const TOKENS_PER_SECOND = 200;
const TOKENS = 2_000;
/** As many as the page shows at once. */
const EARLIER_TURNS = 50;
const IDLE_MS = 5_000;
const ROUNDS = 2;
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
];

interface Case {
  readonly title: string;
  readonly earlier: number;
  readonly reply: string;
}

const CASES: readonly Case[] = [
  { title: 'first answer', earlier: 0, reply: longReply(TOKENS) },
  { title: `after ${EARLIER_TURNS} turns`, earlier: EARLIER_TURNS, reply: longReply(TOKENS) },
  { title: 'one block of code', earlier: 0, reply: oneBlock(TOKENS) },
];

/** A page that stands still, and the same one while an answer streams, of which frames and processor time are taken. */
interface Measured {
  readonly idle: Frames;
  readonly streaming: Frames;
  /** Of the page's main thread while it streams: what each took of a processor, in ms. */
  readonly tasks: readonly number[];
  readonly tookMs: number;
  readonly tokensPerSecond: number;
}

/** Answers of 200 tokens a second in a real browser: what that costs in frames. */
export async function benchPageStream(short: boolean): Promise<readonly BenchRow[]> {
  const model = await startModelServer();
  const models = { hosted: { endpoint: 'openai', name: 'scripted', contextSize: 262_144 } };
  const under = await startUnderTest({ modelServer: model, file: { models } });
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: FLAGS,
  });
  try {
    const rows: BenchRow[] = [];
    for (const one of CASES) {
      const rounds: Measured[] = [];
      for (let round = 0; round < (short ? 1 : ROUNDS); round++) {
        const conversation = one.earlier > 0 ? `bench-${round}` : null;
        model.setScript(shortReply);
        for (let turn = 0; turn < one.earlier; turn++)
          await under.ask(`Question ${turn}?`, { user_id: 'me', conversation_id: conversation });
        model.setScript(() => answer(one.reply, { tokensPerSecond: TOKENS_PER_SECOND }));
        rounds.push(await measure(browser, under, conversation));
      }
      rows.push(...rowsOf(one.title, rounds));
    }
    return rows;
  } finally {
    await browser.close();
    await under.stop();
    await model.close();
  }
}

async function measure(browser: Browser, under: UnderTest, conversation: string | null): Promise<Measured> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  context.setDefaultTimeout(120_000);
  try {
    const page = await context.newPage();
    await page.goto(conversation === null ? under.url : `${under.url}/?conversation=${conversation}`);
    await page.getByLabel('Your message').waitFor();
    if (conversation !== null)
      await page
        .locator('.turn')
        .nth(EARLIER_TURNS - 1)
        .waitFor();
    const before = conversation === null ? 0 : EARLIER_TURNS;
    const idle = await countFrames(page, () => page.waitForTimeout(IDLE_MS));
    await page.getByLabel('Your message').fill('Tell me everything.');
    await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline'] });
    const began = performance.now();
    const streaming = await countFrames(page, async () => {
      await page.keyboard.press('Enter');
      await page.locator('.turn').nth(before).locator('.facts').waitFor();
    });
    const tookMs = performance.now() - began;
    const tasks = readMainThread(await browser.stopTracing());
    const facts = (await page.locator('.turn').nth(before).locator('.facts').textContent()) ?? '';
    const tokensPerSecond = Number(/([\d.]+) tokens\/s/.exec(facts)?.[1]);
    return { idle, streaming, tasks, tookMs, tokensPerSecond };
  } finally {
    await context.close();
  }
}

async function countFrames(page: Page, meanwhile: () => Promise<unknown>): Promise<Frames> {
  await page.evaluate(COUNT_FRAMES);
  await meanwhile();
  return (await page.evaluate('window.endFrames()')) as Frames;
}

function rowsOf(title: string, rounds: readonly Measured[]): BenchRow[] {
  // What the display does by itself, in ms: the middle of what it did while nothing happened.
  const display = median(rounds.flatMap(({ idle }) => idle.intervals));
  const tasks = rounds.flatMap((one) => one.tasks);
  const idle = describe(
    rounds.map((one) => one.idle),
    display,
  );
  const streaming = describe(
    rounds.map((one) => one.streaming),
    display,
  );
  return [
    {
      name: `${title}: speed`,
      value: median(rounds.map((one) => one.tokensPerSecond)),
      unit: 'tokens/s',
      target: { atLeast: 0.95 * TOKENS_PER_SECOND },
    },
    { name: `${title}: late frames, page standing still`, value: idle.late, unit: '%', note: idle.note },
    { name: `${title}: late frames, streaming`, value: streaming.late, unit: '%', note: streaming.note },
    {
      name: `${title}: late frames that streaming adds`,
      value: streaming.late - idle.late,
      unit: '%',
      target: { atMost: 1 },
    },
    {
      name: `${title}: main thread busy, streaming`,
      value: 100 * median(rounds.map(({ tasks, tookMs }) => sum(tasks) / tookMs)),
      unit: '%',
      note: 'processor time',
      target: { atMost: 50 },
    },
    {
      name: `${title}: tasks longer than a frame`,
      value: tasks.filter((ms) => ms > display).length / rounds.length,
      unit: 'an answer',
      note: `processor time; longest ${Math.max(...tasks).toFixed(1)} ms, ${tasks.length} tasks in all`,
    },
  ];
}

function describe(all: readonly Frames[], display: number) {
  const intervals = all.flatMap((one) => one.intervals);
  const late = intervals.filter((interval) => interval > 1.5 * display);
  const longTasks = all.flatMap((one) => one.longTasks);
  const longest = Math.max(...longTasks, 0);
  return {
    late: (100 * late.length) / intervals.length,
    note: `${late.length} of ${intervals.length} beyond 1.5 × ${display.toFixed(1)} ms; p99 ${quantile(intervals, 0.99).toFixed(0)} ms, longest ${Math.max(...intervals).toFixed(0)} ms; ${longTasks.length} tasks over 50 ms${longest > 0 ? `, longest ${longest.toFixed(0)} ms` : ''}`,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
