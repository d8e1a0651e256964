import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import type { StopStack } from '../../src/process/stop-stack.js';
import { DiscordDouble } from '../../tests/doubles/discord/discord-double.js';
import { type BenchRow, median } from '../bench-row.js';
import { freshBackend, withStops } from './backend.js';
import type { MemorySample } from './soaked-parley.js';
import { STUB_CONFIGURATION, startStubModel, stubEnvironment } from './stub-model.js';

const TURNS = { long: 20_000, short: 1_500 };
const SAMPLES = 20;
/** Conversations over HTTP, and channels on Discord: what is kept for each of them is kept from the warm-up on. */
const CONVERSATIONS = 24;
const CHANNELS = 4;
const ANSWER_MS = 120_000;

/** Memory of one process with all roles, on the embedded database, while it answers turn after turn. */
export function benchSoak(short: boolean): Promise<BenchRow[]> {
  return withStops(async (stops) => {
    const turns = short ? TURNS.short : TURNS.long;
    const { discord, child, url } = await startSoaked(stops);
    const samples: MemorySample[] = [];
    const began = performance.now();
    let [asked, onDiscord] = [0, 0];
    for (let sample = 1; sample <= SAMPLES; sample++) {
      const until = Math.round((turns * sample) / SAMPLES);
      const next = () => (asked < until ? asked++ : null);
      await Promise.all([
        ...Array.from({ length: CONVERSATIONS }, (_, i) => askOverHttp(url, i, next)),
        ...Array.from({ length: CHANNELS }, (_, i) =>
          askOnDiscord(discord, i, () => {
            onDiscord += 1;
            return next();
          }),
        ),
      ]);
      const measured = await ask(child);
      samples.push(measured);
      console.log(`${asked} turns: heap ${mib(measured.heapUsed)}, rss ${mib(measured.rss)} MiB`);
    }
    const perSecond = (turns / (performance.now() - began)) * 1_000;
    return soakRows(samples, { turns, onDiscord: onDiscord - SAMPLES * CHANNELS, perSecond });
  });
}

/** The first quarter warms up: caches fill, code is compiled. */
function soakRows(
  samples: readonly MemorySample[],
  { turns, onDiscord, perSecond }: { turns: number; onDiscord: number; perSecond: number },
): BenchRow[] {
  const quarter = Math.floor(samples.length / 4);
  const of = (part: readonly MemorySample[], key: keyof MemorySample) =>
    median(part.map((sample) => sample[key]));
  const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)];
  const grown = (key: keyof MemorySample) => of(late, key) / of(early, key);
  const note = (key: keyof MemorySample) =>
    `${mib(of(early, key))} → ${mib(of(late, key))} MiB, from the second quarter of ${turns} turns to the last`;
  return [
    {
      name: 'heap after a collection',
      value: grown('heapUsed'),
      unit: '×',
      target: { atMost: 1.05 },
      note: note('heapUsed'),
    },
    { name: 'resident memory', value: grown('rss'), unit: '×', target: { atMost: 1.1 }, note: note('rss') },
    {
      name: 'outside of the heap',
      value: of(late, 'external') / 2 ** 20,
      unit: 'MiB',
      note: note('external'),
    },
    {
      name: 'turns while it soaked',
      value: perSecond,
      unit: '/s',
      note: `${onDiscord} of them on Discord, the rest over HTTP`,
    },
  ];
}

async function startSoaked(stops: StopStack) {
  const model = await startStubModel(5);
  stops.add(() => model.close());
  const discord = await new DiscordDouble().start();
  stops.add(() => discord.stop());
  for (let i = 0; i < CHANNELS; i++)
    discord.world.addChannel({ kind: 'text', name: `soak-${i}`, guildId: discord.guild.id });
  const { folder, env } = await freshBackend('embedded', stops);
  await writeFile(path.join(folder, 'parley.config.yaml'), stringify(STUB_CONFIGURATION));
  const child = fork(new URL('./soaked-parley.js', import.meta.url), {
    cwd: folder,
    env: {
      ...stubEnvironment(model.url),
      ...env,
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
    },
    execArgv: ['--expose-gc', '--trace-warnings'],
  });
  stops.add(async () => {
    if (child.exitCode !== null) return;
    child.send('stop');
    await once(child, 'exit');
  });
  const [port] = await once(child, 'message');
  return { discord, child, url: `http://127.0.0.1:${port}/api/question` };
}

/** The next turn's number, null where there are enough. */
type Next = () => number | null;

async function askOverHttp(url: string, lane: number, next: Next): Promise<void> {
  for (let turn = next(); turn !== null; turn = next()) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        question: `Question number ${turn}, what is new?`,
        user_id: `user-${turn % 200}`,
        conversation_id: `soak-${lane}`,
      }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
  }
}

async function askOnDiscord(discord: DiscordDouble, lane: number, next: Next): Promise<void> {
  const channel = [...discord.world.channels.values()].find(({ name }) => name === `soak-${lane}`);
  if (!channel) throw new Error(`no channel soak-${lane}`);
  for (let turn = next(); turn !== null; turn = next()) {
    const { id } = discord.person.say(channel, `Question number ${turn}`, { mention: true });
    await discord.waitForReply(
      ({ content, referenceId }) => referenceId === id && content.endsWith('word11'),
      channel,
      ANSWER_MS,
    );
  }
}

async function ask(child: ChildProcess): Promise<MemorySample> {
  const answered = once(child, 'message');
  child.send('measure');
  const [sample] = await answered;
  return sample as MemorySample;
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
