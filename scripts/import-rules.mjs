/**
 * Which room may import which: what is not allowed here is forbidden, a new room too until it has a row. A row holds for
 * the folders below it. `npm run lint` checks it (check-imports.mjs) and the table in docs/architecture.md, which is
 * made from it by `npm run lint:imports -- --write`.
 *
 * @typedef {object} Room
 * @property {string} holds - what lies there, for docs/architecture.md
 * @property {readonly string[]} imports - rooms it may import besides itself; a row named here stands for all below it
 * @property {readonly string[]} packages - packages, and `node:` for Node's own modules; a scope ends in `/*`
 */

const CORE = ['src/domain', 'src/ports'];

/** @type {Readonly<Record<string, Room>>} */
export const ROOMS = {
  'src/domain': { holds: 'words, types and rules, no I/O', imports: [], packages: ['ipaddr.js'] },
  'src/ports': {
    holds: 'narrow interfaces to everything outside, by room',
    imports: ['src/domain'],
    packages: [],
  },
  'src/pipeline': {
    holds:
      'the way of one message, small steps: accept, answer, context (what the model reads), reply, commands, personas',
    imports: CORE,
    packages: [],
  },
  'src/routing': { holds: 'who answers: fallback, guards of an answer', imports: CORE, packages: [] },
  'src/fleet': {
    holds: 'who serves what, rounds that sweep and clean up, leases of processes',
    imports: [...CORE, 'src/process'],
    packages: ['node:'],
  },
  'src/process': {
    holds: 'what every process has: log, clock, time limits, stop stack, folders',
    imports: ['src/domain', 'src/ports/process'],
    packages: ['node:', 'pino', 'zod'],
  },
  'src/models': {
    holds: 'the catalog of models, their download and upkeep',
    imports: [...CORE, 'src/process'],
    packages: ['node:', 'proper-lockfile', 'undici', 'yauzl', 'zod'],
  },
  'src/exchange': {
    holds: 'what processes tell each other, by Redis or within one: live events, budgets, reports, orders',
    imports: [...CORE, 'src/process'],
    packages: ['node:', 'ioredis', 'lru-cache', 'zod'],
  },
  'src/queue': {
    holds: 'BullMQ, and the pages that show its queues',
    imports: [...CORE, 'src/exchange', 'src/process'],
    packages: ['node:', '@bull-board/*', '@hono/node-server', 'bullmq', 'hono', 'pg', 'zod'],
  },
  'src/storage': {
    holds: 'Prisma behind the ports; PGlite and PostgreSQL; migrations',
    imports: [...CORE, 'src/process'],
    packages: ['node:', '@electric-sql/pglite', '@prisma/*', 'lru-cache', 'pg'],
  },
  'src/config': {
    holds: 'what an operator decided, checked',
    imports: ['src/domain'],
    packages: ['node:', 'yaml', 'zod'],
  },
  'src/telemetry': {
    holds: 'metrics for Prometheus and traces, behind ports that the edges count and trace on',
    imports: [...CORE, 'src/process'],
    packages: ['node:', '@opentelemetry/*', 'prom-client'],
  },
  'workers/engine': {
    holds: 'the process that owns a local model',
    imports: ['src/domain', 'src/process'],
    packages: ['node:', 'node-llama-cpp', 'zod'],
  },
  'workers/providers': {
    holds: 'what runs a model: `llama-cpp` (an engine of our own), `hosted` (an API)',
    imports: [...CORE, 'workers/engine'],
    packages: ['node:', '@huggingface/inference', 'cockatiel', 'undici', 'zod'],
  },
  'workers/reply-worker': {
    holds: 'takes wake-ups from the queue and drains conversations',
    imports: [...CORE, 'src/pipeline'],
    packages: [],
  },
  'workers/log-export': {
    holds: 'posts finished turns to an endpoint',
    imports: [...CORE, 'src/fleet'],
    packages: ['node:'],
  },
  'adapters/discord': {
    holds: 'gateway, catch-up, source, delivery, rest',
    imports: [...CORE, 'src/fleet', 'src/pipeline', 'src/process'],
    packages: ['node:', '@discordjs/*', 'discord.js', 'lru-cache', 'zod'],
  },
  'adapters/slack': {
    holds: 'source, delivery, workspaces',
    imports: [...CORE, 'src/pipeline', 'src/process'],
    packages: ['node:', '@slack/*', 'lru-cache', 'ws', 'zod'],
  },
  'adapters/web': {
    holds: 'the HTTP API: conversations, openai (`/v1`), admin, numbers, access (who calls)',
    imports: [...CORE, 'src/pipeline', 'src/process'],
    packages: ['node:', '@hono/*', 'hono', 'lru-cache', 'zod'],
  },
  'adapters/web/page': {
    holds: 'the page in the browser: knows the HTTP API alone',
    imports: [],
    packages: [
      '@preact/signals',
      'dompurify',
      'eventsource-parser',
      'highlight.js',
      'marked',
      'preact',
      'temml',
      'uplot',
    ],
  },
  'adapters/terminal': {
    holds: 'the chat in the terminal, over the HTTP API',
    imports: ['src/domain', 'src/pipeline/commands'],
    packages: ['node:', 'eventsource-parser', 'zod'],
  },
  'src/compose': {
    holds: 'puts everything together: the foundation (storage, queue, settings), then each role on it',
    imports: [
      ...CORE,
      ...[
        'src/pipeline',
        'src/routing',
        'src/fleet',
        'src/process',
        'src/models',
        'src/exchange',
        'src/queue',
      ],
      ...['src/storage', 'src/config', 'src/telemetry', 'workers', 'adapters/discord', 'adapters/slack'],
      'adapters/web',
    ],
    packages: ['node:', 'zod'],
  },
  'src/cli': {
    holds: 'the command line: start, gateway, worker, web, chat, doctor, models, keys',
    imports: [
      ...[...CORE, 'src/compose', 'src/config', 'src/models', 'src/process', 'src/storage'],
      ...['workers/providers', 'adapters/terminal'],
    ],
    packages: ['node:', 'commander', 'ioredis', 'node-llama-cpp', 'zod'],
  },
  src: {
    holds: '`main.ts`, the entry',
    imports: ['src/cli', 'src/compose', 'src/process'],
    packages: ['node:', 'zod'],
  },
};
