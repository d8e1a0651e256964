import { expect } from 'vitest';
import type { Check } from '../../../../src/cli/doctor/finding.js';
import { type JsonAnswer, JsonServer } from '../../../doubles/servers/json-server.js';

/** What a test opened, to be stopped after it. */
export const open: { stop(): Promise<void> }[] = [];

export function stopAll(): Promise<unknown> {
  return Promise.all(open.splice(0).map((server) => server.stop()));
}

/** Aborts never. */
export const signal = new AbortController().signal;

/** `state text` of each finding, and what mends it. */
export async function told(check: Check): Promise<string[]> {
  const findings = await check.run(signal);
  for (const { state, mend } of findings) expect(mend === undefined).toBe(state === 'ok');
  return findings.map(({ state, text, mend }) => `${state} ${text}${mend === undefined ? '' : ` → ${mend}`}`);
}

export async function api(answers: Record<string, JsonAnswer | null>): Promise<JsonServer> {
  const server = await JsonServer.start(answers);
  open.push(server);
  return server;
}

/** Where a server was a moment ago. */
export async function nobody(): Promise<string> {
  const server = await JsonServer.start({});
  const { url } = server;
  await server.stop();
  return url;
}
