import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { MODEL_ACTIONS } from '../domain/models/model-report.js';
import { type ModelOrders, OPEN_KEPT_MS, ORDER_TTL_MS } from '../ports/models/model-orders.js';
import { askRedis, NOW } from './ask-redis.js';

/**
 * KEYS: orders (hash to `since json`; a new one under worker and alias as JSON, one that was taken under its id). ARGV:
 * field, json, how long it is kept.
 */
const GIVE = `${NOW}redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %s', now, ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 0`;

/** Begins a script that goes through the orders: drops what is too old to be shown. ARGV[1]: how long it is kept. */
const EACH = `${NOW}local found = {}
local orders = redis.call('HGETALL', KEYS[1])
for i = 1, #orders, 2 do
  local since, json = string.match(orders[i + 1], '^(%d+) (.*)$')
  local age = now - since
  if age > tonumber(ARGV[1]) then redis.call('HDEL', KEYS[1], orders[i])
`;

/** ARGV: how long it is kept, worker, how long it may be taken. Returns each order's JSON. */
const TAKE = `${EACH}
  else
    local order = cjson.decode(json)
    -- A web process of the last release gives none.
    if not order.id then
      order.id = orders[i] .. since
      json = cjson.encode(order)
    end
    local taken = orders[i] == order.id
    if order.worker == ARGV[2] and (taken or age <= tonumber(ARGV[3])) then
      table.insert(found, json)
      if not taken then redis.call('HDEL', KEYS[1], orders[i]) end
      redis.call('HSET', KEYS[1], order.id, string.format('%d %s', now, json))
      redis.call('PEXPIRE', KEYS[1], ARGV[1])
    end
  end
end
return found`;

/** Returns field, age and JSON by turns. */
const READ = `${EACH}
  else
    table.insert(found, orders[i])
    table.insert(found, tostring(age))
    table.insert(found, json)
  end
end
return found`;

const Order = z.object({
  worker: z.string(),
  alias: z.string(),
  action: z.enum(MODEL_ACTIONS),
  /** Left out by a web process of the last release until the order is taken. */
  id: z.string().default(''),
});

/** Orders on a Redis that all processes share. */
export function redisModelOrders(redis: Redis, key: string): ModelOrders {
  const ask = <Answer>(question: () => Promise<Answer>) => askRedis(redis, 'orders', question);
  const run = (script: string, ...values: (string | number)[]) =>
    ask(() => redis.eval(script, 1, key, ...values)) as Promise<string[]>;
  const read = (json = 'null') => Order.parse(JSON.parse(json));
  return {
    async give(order) {
      const field = JSON.stringify([order.worker, order.alias]);
      await run(GIVE, field, JSON.stringify({ ...order, id: randomUUID() }), OPEN_KEPT_MS);
    },
    async take(worker) {
      return (await run(TAKE, OPEN_KEPT_MS, worker, ORDER_TTL_MS)).map((json) => read(json));
    },
    async done(id) {
      await ask(() => redis.hdel(key, id));
    },
    async open() {
      const found = await run(READ, OPEN_KEPT_MS);
      return found.flatMap((field, i) => {
        if (i % 3 !== 0) return [];
        const { id, ...order } = read(found[i + 2]);
        return [{ ...order, taken: field === id, ageMs: Number(found[i + 1]) }];
      });
    },
  };
}
