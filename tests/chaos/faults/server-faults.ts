import { setTimeout as delay } from 'node:timers/promises';
import type { TcpProxy } from '../../doubles/servers/tcp-proxy.js';
import type { Random } from '../random.js';
import type { Servers } from '../servers.js';
import type { Fault } from './fault.js';

const OUTAGE_MS = [300, 6_000] as const;

export function serverFaults(servers: Servers): Fault[] {
  return faultsOf(servers).map((fault) => ({ ...fault, halts: true }));
}

function faultsOf(servers: Servers): Omit<Fault, 'halts'>[] {
  const { redis, redisNetwork, databaseNetwork } = servers;
  const cut = async (network: TcpProxy, random: Random) => {
    await network.cut();
    await delay(random.between(...OUTAGE_MS));
    await network.restore();
  };
  const freeze = async (network: TcpProxy, random: Random) => {
    network.freeze();
    await delay(random.between(...OUTAGE_MS));
    await network.restore();
  };
  const restartRedis = async (end: () => Promise<void>, random: Random) => {
    await end();
    await delay(random.between(0, 3_000));
    await redis.start();
  };
  return [
    { name: 'Redis unreachable', weight: 1, strike: (random) => cut(redisNetwork, random) },
    { name: 'Redis hangs', weight: 0.5, strike: (random) => freeze(redisNetwork, random) },
    { name: 'Redis killed', weight: 1, strike: (random) => restartRedis(() => redis.kill(), random) },
    { name: 'Redis loses all', weight: 0.5, strike: (random) => restartRedis(() => redis.lose(), random) },
    { name: 'PostgreSQL unreachable', weight: 1, strike: (random) => cut(databaseNetwork, random) },
    { name: 'PostgreSQL hangs', weight: 0.5, strike: (random) => freeze(databaseNetwork, random) },
    { name: 'PostgreSQL ends all sessions', weight: 1, strike: () => servers.dropSessions() },
  ];
}
