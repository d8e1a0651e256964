// Loaded into the real program before its own code (`node --import`). Counts the steps at which the process waits for
// something outside while it works on one message, and ends the process the moment it comes to a given one. It touches
// Node's own edges alone: sockets, and the messages to the thread that owns the embedded database.
import { appendFileSync } from 'node:fs';
import net from 'node:net';
import process from 'node:process';
import { isMainThread, Worker } from 'node:worker_threads';
import { SocketSteps } from './socket-steps.mjs';
import { SqlReader } from './sql-reader.mjs';

/**
 * `marker`: in the question's text; steps count from the moment it comes in. `ports`: who listens where. `record`: takes
 * a line for each step. `strike`: the step to end at; null counts only.
 *
 * @type {{ marker: string, ports: Record<string, string>, record: string,
 *          strike: { label: string, occurrence: number } | null }}
 */
const plan = JSON.parse(process.env.CRASH_PLAN ?? 'null');
/** Marks a step that came before the message: the process takes it in any case. */
const BEFORE = '~ ';
const met = new Map();
let counting = false;

if (isMainThread && plan !== null) watch();

function watch() {
  const { prototype } = net.Socket;
  const { connect, push, write } = prototype;
  const known = new WeakMap();
  const stepsOf = (socket) => known.get(socket);

  prototype.connect = function (...args) {
    // Node itself hands on what it was given as an array.
    const [to] = Array.isArray(args[0]) ? args[0] : args;
    const name = plan.ports[String(to?.port ?? to)];
    if (name !== undefined) known.set(this, new SocketSteps(name));
    return connect.apply(this, args);
  };
  prototype.write = function (data, ...rest) {
    const bytes = typeof data === 'string' ? Buffer.from(data, stringEncoding(rest[0])) : Buffer.from(data);
    for (const label of stepsOf(this)?.sent(bytes) ?? []) step(label);
    return write.call(this, data, ...rest);
  };
  prototype.push = function (data, ...rest) {
    if (data !== null) {
      const bytes = Buffer.from(data);
      notice(bytes);
      for (const label of stepsOf(this)?.received(bytes) ?? []) step(label);
    }
    return push.call(this, data, ...rest);
  };

  const reader = new SqlReader();
  const asked = new Map();
  const { emit, postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message?.type === 'execute') {
      const [label = 'batch'] = reader.read(Buffer.from(message.bytes)).slice(-1);
      asked.set(message.id, label);
      step(`→ database: ${label}`);
    }
    return postMessage.call(this, message, ...rest);
  };
  Worker.prototype.emit = function (event, message, ...rest) {
    if (event === 'message' && asked.has(message?.id)) {
      const label = asked.get(message.id);
      asked.delete(message.id);
      step(`← database: ${label}`);
    }
    return emit.call(this, event, message, ...rest);
  };
}

function notice(bytes) {
  if (!counting && bytes.includes(plan.marker)) counting = true;
}

function step(label) {
  if (!counting) {
    if (plan.strike === null) appendFileSync(plan.record, `${BEFORE}${label}\n`);
    return;
  }
  const occurrence = (met.get(label) ?? 0) + 1;
  met.set(label, occurrence);
  appendFileSync(plan.record, `${label}\n`);
  const { strike } = plan;
  if (strike === null || strike.label !== label || strike.occurrence !== occurrence) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal may reach another thread first; this one does nothing more.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function stringEncoding(encoding) {
  return typeof encoding === 'string' ? encoding : 'utf8';
}
