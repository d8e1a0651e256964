import { Redis } from 'ioredis';
import { reasonOf } from './ask-api.js';
import { compareVersions } from './check-machine.js';
import { type Check, type Finding, fail, ok, warn } from './finding.js';

/** Oldest that BullMQ starts on, and oldest it recommends. */
const OLDEST = '5.0.0';
const RECOMMENDED = '6.2.0';
const CONNECT_MS = 5_000;

/** Redis: reachable, new enough, and keeping what it is given. */
export function redisCheck(url: string): Check {
  return {
    name: 'Redis',
    async run(signal) {
      const redis = new Redis(url, {
        lazyConnect: true,
        connectTimeout: CONNECT_MS,
        maxRetriesPerRequest: 0,
        retryStrategy: () => null,
      });
      // The cause of a failed connection is told here alone; what rejects says only that it is closed.
      let cause: unknown;
      redis.on('error', (error) => {
        cause = error;
      });
      const abort = () => redis.disconnect();
      signal.addEventListener('abort', abort, { once: true });
      try {
        await redis.connect();
        return judgeInfo(await redis.info());
      } catch (error) {
        return [
          fail(
            `cannot be used (${reasonOf(cause ?? error)})`,
            'Start Redis, mend REDIS_URL, or unset it: the queue then lives in the database.',
          ),
        ];
      } finally {
        signal.removeEventListener('abort', abort);
        redis.disconnect();
      }
    },
  };
}

/** Reads what Redis says of itself in answer to INFO. */
function judgeInfo(info: string): readonly Finding[] {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  const version = field('redis_version');
  const policy = field('maxmemory_policy');
  const findings: Finding[] = [];
  if (compareVersions(version, OLDEST) < 0)
    findings.push(fail(`${version} is too old`, `Install ${RECOMMENDED} or newer.`));
  else if (compareVersions(version, RECOMMENDED) < 0)
    findings.push(warn(`${version} works, but is old`, `Install ${RECOMMENDED} or newer.`));
  else findings.push(ok(`${version} answers`));
  if (policy !== '' && policy !== 'noeviction')
    findings.push(
      warn(
        `it drops keys when its memory is full (maxmemory-policy ${policy}), and with them jobs`,
        'Set maxmemory-policy to noeviction.',
      ),
    );
  if (field('loading') === '1') findings.push(warn('it is still loading its data', 'Wait, and look again.'));
  return findings;
}
