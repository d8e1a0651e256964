import { CrashLane, type LaneVerdict } from './crash-lane.js';
import { type PlatformName, TALKS_TO_STRIKE } from './lane-platform.js';
import type { StorageKind } from './lane-storage.js';
import { everyPoint, fewestPoints, labelsOf, type Step, type StrikePoint, wayOf } from './steps.js';

export interface StrikePlan {
  readonly storage: StorageKind;
  /** Lanes of each platform that run beside each other. */
  readonly lanes: number;
  /** Every step of every way. Else each label once, wherever it is. */
  readonly all: boolean;
  /** Of those labels, which; all unless given. */
  readonly which?: (label: string) => boolean;
}

export interface StrikeResult {
  readonly verdicts: readonly { readonly platform: PlatformName; readonly verdict: LaneVerdict }[];
  readonly ways: readonly Way[];
  /** Folders with logs and data, kept where something went wrong. */
  readonly kept: readonly string[];
}

/** The way of one message in one kind of conversation. */
export interface Way {
  readonly platform: PlatformName;
  readonly talk: number;
  readonly steps: readonly Step[];
}

const PLATFORMS: readonly PlatformName[] = ['Discord', 'Slack'];

/** Finds the steps of a message's ways on each platform, ends a process at each, and judges what people see. */
export async function strikeEverywhere({ storage, lanes, all, which }: StrikePlan): Promise<StrikeResult> {
  const open: CrashLane[] = [];
  const openLanes = (count: number) =>
    Promise.all(
      PLATFORMS.flatMap((platform) =>
        Array.from({ length: count }, async () => {
          const lane = await CrashLane.open(platform, storage);
          open.push(lane);
          return lane;
        }),
      ),
    );
  let clean = false;
  try {
    const first = await openLanes(1);
    const ways = (await Promise.all(first.map(exploreAll))).flat();
    const points = all ? everything(ways) : eachLabelOnce(ways, which);
    const everyLane = [...first, ...(await openLanes(lanes - 1))];
    const verdicts = await Promise.all(
      everyLane.map(async (lane) => {
        const { platform } = lane;
        const mine = everyLane.filter((other) => other.platform === platform);
        const share = points.get(platform)?.filter((_point, i) => i % mine.length === mine.indexOf(lane));
        await lane.strike(share ?? []);
        return { platform, verdict: await lane.judge() };
      }),
    );
    clean = verdicts.every(({ verdict }) => verdict.findings.length === 0);
    return { verdicts, ways, kept: clean ? [] : open.map(({ folder }) => folder) };
  } finally {
    await Promise.all(open.map((lane) => lane.close(!clean)));
  }
}

async function exploreAll(lane: CrashLane): Promise<Way[]> {
  const ways: Way[] = [];
  for (const talk of TALKS_TO_STRIKE) {
    ways.push({ platform: lane.platform, talk, steps: wayOf(await lane.explore(talk)) });
  }
  return ways;
}

type Points = ReadonlyMap<PlatformName, readonly StrikePoint[]>;

function everything(ways: readonly Way[]): Points {
  return byPlatform(ways, ({ steps, talk }) => everyPoint(steps, talk));
}

/** The ways take turns, so that the lanes have about the same to do. Points that stand for two labels come first. */
function eachLabelOnce(ways: readonly Way[], which: StrikePlan['which'] = () => true): Points {
  const open = new Set(ways.flatMap(({ steps }) => steps.map(({ label }) => label)).filter(which));
  const candidates = new Map(ways.map((way) => [way, fewestPoints(way.steps, way.talk)]));
  const picked = new Map<Way, StrikePoint[]>(ways.map((way) => [way, []]));
  for (const worth of [2, 1]) {
    for (let found = true; found; ) {
      found = false;
      for (const way of ways) {
        const counts = (point: StrikePoint) => labelsOf(point).filter((label) => open.has(label)).length;
        const point = candidates.get(way)?.find((candidate) => counts(candidate) >= worth);
        if (!point) continue;
        found = true;
        for (const label of labelsOf(point)) open.delete(label);
        picked.get(way)?.push(point);
      }
    }
  }
  return byPlatform(ways, (way) => picked.get(way) ?? []);
}

function byPlatform(ways: readonly Way[], pointsOf: (way: Way) => readonly StrikePoint[]): Points {
  return new Map(
    PLATFORMS.map((platform) => [
      platform,
      ways.filter((way) => way.platform === platform).flatMap((way) => pointsOf(way)),
    ]),
  );
}
