#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { runCommandLine } from './cli/command-line.js';
import { processOutput } from './cli/console-output.js';
import { stopSignal } from './cli/stop-signal.js';
import { PACKAGE_ROOT } from './process/compiled-entry.js';
import { createLog } from './process/logger.js';
import { systemClock } from './process/system-clock.js';

/** What connections have to close once everything has stopped. */
const LINGER_MS = 1_000;

// Traces name our sources, not the files of the bundle: of all that is loaded from here on.
process.setSourceMapsEnabled(true);
const manifest = await readFile(path.join(PACKAGE_ROOT, 'package.json'), 'utf8');
const { signal, release } = stopSignal();

process.exitCode = await runCommandLine(process.argv.slice(2), {
  version: z.object({ version: z.string() }).parse(JSON.parse(manifest)).version,
  env: process.env,
  cwd: process.cwd(),
  output: processOutput(),
  clock: systemClock,
  signal,
  createLog,
  start: async (options) => (await import('./cli/start.js')).start(options),
  role: async (role, options) => (await import('./cli/role.js')).runRole(role, options),
  chat: async (options) => (await import('./cli/chat.js')).chat(options),
  apiKeys: async (config, options, work) =>
    (await import('./compose/keys.js')).withApiKeys(config, options, work),
  doctor: async (config, options) => (await import('./cli/doctor/doctor.js')).doctor(config, options),
});
release();
// A connection to a server that hangs closes in no good order, and would keep the process.
setTimeout(() => process.exit(), LINGER_MS).unref();
