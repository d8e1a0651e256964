import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { createLog } from '../../src/process/logger.js';
import { StopStack } from '../../src/process/stop-stack.js';
import { DiscordDouble } from '../doubles/discord/discord-double.js';
import { SlackDouble } from '../doubles/slack/slack-double.js';
import { Activity } from './activity.js';
import { Crowd } from './crowd.js';
import { DiscordVenue } from './discord-venue.js';
import { driveFaults } from './fault-driver.js';
import { processFaults } from './faults/process-faults.js';
import { spoilDiscordRequest, spoilSlackCall } from './faults/request-faults.js';
import { serverFaults } from './faults/server-faults.js';
import { socketFaults } from './faults/socket-faults.js';
import { type Ending, Fleet, type Post } from './fleet.js';
import { freePort } from './free-port.js';
import { judge, type Verdict } from './judge.js';
import { Random } from './random.js';
import { type Recovery, recoveries } from './recovery.js';
import { ScriptedModel } from './scripted-model.js';
import { Servers } from './servers.js';
import { settle } from './settle.js';
import { SlackVenue } from './slack-venue.js';
import { readTurns } from './stored-turns.js';
import { unfinishedOf } from './unfinished-turns.js';

export interface ChaosSettings {
  readonly mode: 'embedded' | 'servers';
  readonly seed: string;
  /** Questions to ask. */
  readonly turns: number;
  /** Nobody asks any more after that, in ms. */
  readonly limitMs: number;
  readonly conversations: { readonly discord: number; readonly slack: number };
  /** Milliseconds between one fault and the next, at least and at most. */
  readonly faultEveryMs: readonly [number, number];
  /** Share of questions before which one request to a platform is made to go wrong. */
  readonly spoiledShare: number;
  /** For logs and data; made where missing. */
  readonly folder: string;
  /** Where a database may be made; used in mode `servers` alone. */
  readonly databaseServer: string;
}

export interface ChaosResult extends Verdict {
  readonly mode: ChaosSettings['mode'];
  readonly faults: number;
  readonly kills: number;
  /** Processes that were asked to stop and had to be killed. */
  readonly lateStops: number;
  /** Processes that ended by themselves. */
  readonly ownEnds: number;
  readonly recoveries: readonly Recovery[];
  readonly limited: number;
  readonly modelRequests: number;
  readonly tookMs: number;
}

/** Longest wait for one of the parts to close. */
const STOP_LIMIT_MS = 60_000;
const SLACK_RETRIES_MS = [500, 3_000, 12_000];
const LOOK_MS = 50;
/** The first start of all processes, on a busy machine. */
const START_MS = 90_000;

const POSTS: Readonly<Record<ChaosSettings['mode'], readonly Post[]>> = {
  embedded: [{ name: 'parley', command: 'start' }],
  servers: [
    { name: 'gateway-1', command: 'gateway', env: { DISCORD_PROXY_PORT: '0' } },
    { name: 'gateway-2', command: 'gateway', env: { DISCORD_PROXY_PORT: '0' } },
    { name: 'worker-1', command: 'worker' },
    { name: 'worker-2', command: 'worker' },
  ],
};

/** Runs Parley under faults from start to judgement. */
export async function runChaos(settings: ChaosSettings): Promise<ChaosResult> {
  const stops = new StopStack(createLog('warn'), 2 * STOP_LIMIT_MS, STOP_LIMIT_MS);
  try {
    return await run(settings, stops);
  } finally {
    await stops.run();
  }
}

async function run(settings: ChaosSettings, stops: StopStack): Promise<ChaosResult> {
  const { mode, folder } = settings;
  const began = Date.now();
  await mkdir(folder, { recursive: true });
  const timeline = createWriteStream(path.join(folder, 'timeline.log'));
  const note = (line: string) => timeline.write(`${((Date.now() - began) / 1000).toFixed(1)} s  ${line}\n`);

  const random = new Random(`${settings.seed}/${mode}`);
  const model = new ScriptedModel(random.fork('model'));
  await model.start();
  stops.add(() => model.stop());
  const discord = await new DiscordDouble().start();
  stops.add(() => discord.stop());
  const slack = await SlackDouble.start({ retryDelaysMs: SLACK_RETRIES_MS });
  stops.add(() => slack.stop());
  const servers = mode === 'servers' ? await Servers.start(folder, settings.databaseServer) : null;
  stops.add(async () => servers?.stop());

  const discordVenue = new DiscordVenue(discord, settings.conversations.discord);
  const slackVenue = new SlackVenue(slack, settings.conversations.slack);
  const talks = [...discordVenue.talks, ...slackVenue.talks];
  const activity = new Activity();
  const endings: Ending[] = [];
  await writeFile(path.join(folder, 'parley.config.yaml'), stringify(CONFIGURATION));
  const port = mode === 'embedded' ? await freePort() : 0;
  const fleet = new Fleet({
    posts: POSTS[mode],
    folder,
    env: environment({ discord, slack, model, servers, port }),
    onEnded(ending) {
      endings.push(ending);
      note(`${ending.name} ended (${ending.signal ?? 'by itself'})`);
    },
  });
  fleet.start();
  stops.add(() => fleet.stop());
  const venues = [discordVenue, slackVenue];
  const looking = setInterval(() => {
    for (const venue of venues) venue.observe(activity, note);
  }, LOOK_MS);
  stops.add(async () => clearInterval(looking));

  const spoiling = random.fork('requests');
  const crowd = new Crowd({
    talks,
    activity,
    random: random.fork('crowd'),
    turns: settings.turns,
    beforeAsking() {
      if (!spoiling.chance(settings.spoiledShare)) return;
      if (spoiling.chance(0.8)) spoilDiscordRequest(discord, spoiling);
      else spoilSlackCall(slack, spoiling);
    },
  });
  await discord.log.waitFor(() => discord.gateway.connected, 'the bot to connect', START_MS);
  const calm = new AbortController();
  const faults = [
    ...processFaults(fleet, mode === 'servers'),
    ...socketFaults(discord, slack),
    ...(servers ? serverFaults(servers) : []),
  ];
  const everyMs = settings.faultEveryMs;
  const driving = driveFaults({ faults, random: random.fork('faults'), everyMs, note }, calm.signal);
  await crowd.run(AbortSignal.timeout(settings.limitMs));
  note(`${crowd.asked.length} questions asked`);
  calm.abort();
  const struck = await driving;
  await servers?.heal();
  discord.rest.faults.clear();
  const unfinishedTurns = () => servers?.unfinishedTurns() ?? unfinishedOf(port);
  const settled = await settle({ asked: crowd.asked, activity, venues, unfinishedTurns });
  note(settled ? 'settled' : 'not settled in time');
  await fleet.stop();

  const place = servers ? { url: servers.databaseUrl } : { dataDir: path.join(folder, 'parley', 'data') };
  const questions = crowd.asked.map((asked) => ({
    ...asked,
    takenAt: asked.takenAt(),
    mayBeMissed: asked.mayBeMissed(),
  }));
  const shown = new Map(talks.map((talk) => [talk.name, talk.shown()]));
  const verdict = judge(questions, await readTurns(place), shown);
  const recovered = recoveries(endings, model.broken, struck, activity);
  for (const { tag, name, ms, alone } of recovered)
    note(
      `${tag} stood still for ${ms} ms after ${name} was killed${alone ? '' : ', while something else was away'}`,
    );
  for (const finding of verdict.findings) note(finding);
  return {
    ...verdict,
    mode,
    faults: struck.length,
    kills: endings.filter(({ signal }) => signal === 'SIGKILL').length,
    lateStops: endings.filter(({ late }) => late).length,
    ownEnds: endings.filter(({ signal }) => signal === null).length,
    recoveries: recovered,
    limited: venues.reduce((sum, venue) => sum + venue.limited(), 0),
    modelRequests: model.requests,
    tookMs: Date.now() - began,
  };
}

const CONFIGURATION = {
  models: { hosted: { endpoint: 'openai', name: 'scripted', contextSize: 131_072, concurrency: 200 } },
  downloads: { allowed: false },
  sampling: { maxTokens: 4_096 },
  limits: { turnsPerMinute: 10_000 },
  delivery: { callAttention: 'off' },
};

function environment(parts: {
  readonly discord: DiscordDouble;
  readonly slack: SlackDouble;
  readonly model: ScriptedModel;
  readonly servers: Servers | null;
  readonly port: number;
}): Record<string, string> {
  const { discord, slack, model, servers, port } = parts;
  return {
    PATH: process.env['PATH'] ?? '',
    PARLEY_PORT: String(port),
    PARLEY_MODEL: 'hosted',
    LOG_LEVEL: 'info',
    OPENAI_BASE_URL: model.url,
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    ...servers?.env,
  };
}
