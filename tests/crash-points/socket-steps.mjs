// Names what goes over one connection: HTTP, WebSocket, PostgreSQL and Redis as Parley speaks them.
import { SqlReader } from './sql-reader.mjs';

const REQUEST = /^(GET|POST|PUT|PATCH|DELETE) (\S+) HTTP\/1\.1\r\n/;
const ANSWER = /^HTTP\/1\.1 (\d{3})/;
/** Keep the connection up, and belong to no message. */
const HEARTBEATS = new Set([1, 11]);

export class SocketSteps {
  #name;
  #speech;

  /** @param name - of whoever is at the other end; `PostgreSQL` and `Redis` speak their own protocols */
  constructor(name) {
    this.#name = name;
    if (name === 'PostgreSQL') this.#speech = new PostgresSpeech();
    else if (name === 'Redis') this.#speech = new RedisSpeech();
    else this.#speech = new HttpSpeech();
  }

  /** @returns {string[]} */
  sent(bytes) {
    return this.#speech.sent(bytes).map((label) => `→ ${this.#name}: ${label}`);
  }

  /** @returns {string[]} */
  received(bytes) {
    return this.#speech.received(bytes).map((label) => `← ${this.#name}: ${label}`);
  }
}

class HttpSpeech {
  #request = '';
  #answering = false;
  #socket = null;

  sent(bytes) {
    if (this.#socket !== null) return this.#socket.sent(bytes);
    const [, method, target] = REQUEST.exec(bytes.toString('latin1', 0, 4_000)) ?? [];
    if (method === undefined) return [];
    if (/\r\nupgrade: *websocket\r\n/i.test(bytes.toString('latin1'))) this.#socket = new WebSocketSpeech();
    this.#request = `${method} ${routeOf(target)}`;
    this.#answering = false;
    return [this.#request];
  }

  received(bytes) {
    const [, status] = ANSWER.exec(bytes.toString('latin1', 0, 20)) ?? [];
    if (status !== undefined) {
      this.#answering = /text\/event-stream/.test(bytes.toString('latin1'));
      return [`${this.#request} ${status}`];
    }
    if (this.#socket !== null) return this.#socket.received(bytes);
    return this.#answering ? [`${this.#request}, more`] : [];
  }
}

function routeOf(target) {
  return target
    .replace(/\?.*/s, '')
    .replace(/^\/api(\/v\d+)?\//, '/')
    .replace(/\/\d{5,}/g, '/:id')
    .replace(/\/[\w-]{40,}/g, '/:token');
}

class WebSocketSpeech {
  sent(bytes) {
    return framesOf(bytes).flatMap((text) => labelOf(text));
  }

  received(bytes) {
    return framesOf(bytes).flatMap((text) => labelOf(text));
  }
}

function labelOf(text) {
  const { op, t, d, type, payload, envelope_id: envelope } = parse(text);
  if (HEARTBEATS.has(op)) return [];
  if (typeof t === 'string') return [`${t}${d?.author?.bot === true ? ' (its own)' : ''}`];
  if (op !== undefined) return [`gateway op ${op}`];
  if (type === undefined) return envelope === undefined ? [] : ['acknowledgement'];
  const { event } = payload ?? {};
  const own = event?.bot_id !== undefined || event?.message?.bot_id !== undefined;
  return [`${event?.type ?? type}${own ? ' (its own)' : ''}`];
}

function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** Texts of the whole frames that begin in these bytes. */
function framesOf(bytes) {
  const texts = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const opcode = (bytes[at] ?? 0) & 0x0f;
    const masked = ((bytes[at + 1] ?? 0) & 0x80) !== 0;
    let length = (bytes[at + 1] ?? 0) & 0x7f;
    at += 2;
    if (length === 126) {
      length = bytes.readUInt16BE(at);
      at += 2;
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(at));
      at += 8;
    }
    const mask = masked ? bytes.subarray(at, at + 4) : null;
    if (mask) at += 4;
    const body = Buffer.from(bytes.subarray(at, at + length));
    if (mask) for (let i = 0; i < body.length; i++) body[i] ^= mask[i % 4];
    if (opcode === 1) texts.push(body.toString('utf8'));
    at += length;
  }
  return texts;
}

class PostgresSpeech {
  #reader = new SqlReader(false);
  #waiting = [];

  sent(bytes) {
    const labels = this.#reader.read(bytes);
    this.#waiting.push(...labels);
    return labels;
  }

  received(bytes) {
    // ReadyForQuery ends the answer to a statement.
    const ready = bytes.length >= 6 && bytes[bytes.length - 6] === 0x5a && bytes[bytes.length - 2] === 5;
    const label = ready ? this.#waiting.shift() : undefined;
    return label === undefined ? [] : [label];
  }
}

class RedisSpeech {
  #waiting = [];

  sent(bytes) {
    const labels = commandsOf(bytes.toString('latin1'));
    this.#waiting.push(...labels);
    return labels;
  }

  received() {
    const [label] = this.#waiting.splice(0);
    return label === undefined ? [] : [label];
  }
}

function commandsOf(text) {
  return [...text.matchAll(/\*\d+\r\n\$\d+\r\n([a-z]+)\r\n(?:\$\d+\r\n([^\r]*)\r\n)?/gi)].map(
    ([, command = '', first = '']) => {
      const name = command.toUpperCase();
      if (name === 'EVALSHA') return `${name} ${first}`;
      if (name === 'EVAL') return name;
      return `${name} ${first.replace(/\d+/g, 'n').slice(0, 60)}`;
    },
  );
}
