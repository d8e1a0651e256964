import type { Redis } from 'ioredis';
import { z } from 'zod';
import { MODEL_ACTIONS } from '../domain/model-report.js';
import { type ModelOrders, ORDER_TTL_MS, UNTAKEN_KEPT_MS } from '../ports/model-orders.js';
import { askRedis, NOW } from './ask-redis.js';

/** KEYS: orders (hash: worker and alias as JSON, to `given json`). ARGV: field, json, how long it is kept. */
const GIVE = `${NOW}redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %s', now, ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 0`;

/** Begins a script that goes through the orders: drops what is too old to be shown. ARGV[1]: how long it is kept. */
const EACH = `${NOW}local found = {}
local orders = redis.call('HGETALL', KEYS[1])
for i = 1, #orders, 2 do
  local given, json = string.match(orders[i + 1], '^(%d+) (.*)$')
  local age = now - given
  if age > tonumber(ARGV[1]) then redis.call('HDEL', KEYS[1], orders[i])
`;

/** ARGV: how long it is kept, worker, how long it may be taken. Returns each order's JSON, once. */
const TAKE = `${EACH}
  elseif age <= tonumber(ARGV[3]) and cjson.decode(json).worker == ARGV[2] then
    table.insert(found, json)
    redis.call('HDEL', KEYS[1], orders[i])
  end
end
return found`;

/** Returns age and JSON by turns. */
const READ = `${EACH}
  else
    table.insert(found, tostring(age))
    table.insert(found, json)
  end
end
return found`;

const Order = z.object({ worker: z.string(), alias: z.string(), action: z.enum(MODEL_ACTIONS) });

/** Orders on a Redis that all processes share. */
export function redisModelOrders(redis: Redis, key: string): ModelOrders {
  const ask = (script: string, ...values: (string | number)[]) =>
    askRedis(redis, 'orders', () => redis.eval(script, 1, key, ...values)) as Promise<string[]>;
  const read = (json = 'null') => Order.parse(JSON.parse(json));
  return {
    async give(order) {
      const field = JSON.stringify([order.worker, order.alias]);
      await ask(GIVE, field, JSON.stringify(order), UNTAKEN_KEPT_MS);
    },
    async take(worker) {
      return (await ask(TAKE, UNTAKEN_KEPT_MS, worker, ORDER_TTL_MS)).map((json) => read(json));
    },
    async untaken() {
      const found = await ask(READ, UNTAKEN_KEPT_MS);
      return found.flatMap((age, i) => (i % 2 === 0 ? [{ ...read(found[i + 1]), ageMs: Number(age) }] : []));
    },
  };
}
