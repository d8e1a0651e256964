/**
 * The little of PostgreSQL's wire protocol (version 3) that sharing one session takes. A message is a type byte and
 * a 32-bit length that counts itself; the first one a client sends has no type byte.
 */

const TYPE = {
  parse: 0x50,
  bind: 0x42,
  describe: 0x44,
  close: 0x43,
  sync: 0x53,
  query: 0x51,
  flush: 0x48,
  terminate: 0x58,
  readyForQuery: 0x5a,
  notification: 0x41,
} as const;

const IDLE = 0x49;
/** What Describe and Close name: a statement, not a portal. */
const STATEMENT = 0x53;

/** AuthenticationOk, ReadyForQuery(idle): what a client gets for its start-up message. */
export const AUTHENTICATED = Buffer.from([
  0x52,
  0,
  0,
  0,
  8,
  0,
  0,
  0,
  0,
  TYPE.readyForQuery,
  0,
  0,
  0,
  5,
  IDLE,
]);

/** A simple query. */
export function queryMessage(sql: string): Buffer {
  const body = Buffer.from(`${sql}\0`);
  const head = Buffer.alloc(5);
  head[0] = TYPE.query;
  head.writeUInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

/** What a client sent, in pieces that must run without another client's between them. */
export type ClientInput =
  | { readonly type: 'startup' }
  | { readonly type: 'batch'; readonly bytes: Buffer }
  | { readonly type: 'terminate' };

/** Puts `prefix` before the name of a prepared statement, where the message names one. */
function prefixStatement(message: Buffer, prefix: string): Buffer {
  const at = statementNameAt(message);
  if (at === null || message[at] === 0) return message;
  const renamed = Buffer.concat([message.subarray(0, at), Buffer.from(prefix), message.subarray(at)]);
  renamed.writeUInt32BE(renamed.length - 1, 1);
  return renamed;
}

function statementNameAt(message: Buffer): number | null {
  const type = message[0];
  if (type === TYPE.parse) return 5;
  if (type === TYPE.bind) return message.indexOf(0, 5) + 1; // the portal's name comes first
  return (type === TYPE.describe || type === TYPE.close) && message[5] === STATEMENT ? 6 : null;
}

/**
 * Cuts one client's byte stream into batches: everything up to a Query, Sync or Flush. Its prepared statements get
 * names of its own, since clients that share a session would otherwise take each other's.
 */
export class ClientReader {
  readonly #prefix: string;
  #rest: Buffer = Buffer.alloc(0);
  #batch: Buffer[] = [];
  #started = false;

  /** @param prefix - what this client's names of prepared statements begin with, unlike any other's */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Takes the next bytes, cut anywhere, and gives back what they complete. */
  read(bytes: Buffer): ClientInput[] {
    const inputs: ClientInput[] = [];
    let rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    for (;;) {
      const head = this.#started ? 1 : 0;
      if (rest.length < head + 4) break;
      const length = head + rest.readUInt32BE(head);
      if (rest.length < length) break;
      this.#take(rest.subarray(0, length), inputs);
      rest = rest.subarray(length);
    }
    // A copy: the incoming buffer may be reused by its owner.
    this.#rest = Buffer.from(rest);
    return inputs;
  }

  #take(message: Buffer, inputs: ClientInput[]): void {
    if (!this.#started) {
      this.#started = true;
      inputs.push({ type: 'startup' });
      return;
    }
    if (message[0] === TYPE.terminate) {
      inputs.push({ type: 'terminate' });
      return;
    }
    this.#batch.push(prefixStatement(message, this.#prefix));
    if (message[0] === TYPE.sync || message[0] === TYPE.query || message[0] === TYPE.flush) {
      inputs.push({ type: 'batch', bytes: Buffer.concat(this.#batch) });
      this.#batch = [];
    }
  }
}

/** What the server answered to one batch. */
export interface ServerOutput {
  /** For the client that sent the batch. */
  readonly reply: Buffer;
  /** NotificationResponse messages: for every client, since all share the session that listens. */
  readonly notifications: Buffer;
  /** Whether a transaction is open now; `unknown` where the batch ended without ReadyForQuery. */
  readonly transaction: 'open' | 'none' | 'unknown';
}

/** Separates what only the asking client may see from what everyone does. */
export function splitServerOutput(bytes: Buffer): ServerOutput {
  const reply: Buffer[] = [];
  const notifications: Buffer[] = [];
  let transaction: ServerOutput['transaction'] = 'unknown';
  let start = 0;
  let at = 0;
  while (at + 5 <= bytes.length) {
    const type = bytes[at];
    const end = at + 1 + bytes.readUInt32BE(at + 1);
    if (type === TYPE.readyForQuery) transaction = bytes[at + 5] === IDLE ? 'none' : 'open';
    if (type === TYPE.notification) {
      if (at > start) reply.push(bytes.subarray(start, at));
      notifications.push(bytes.subarray(at, end));
      start = end;
    }
    at = end;
  }
  if (start < bytes.length) reply.push(bytes.subarray(start));
  return { reply: Buffer.concat(reply), notifications: Buffer.concat(notifications), transaction };
}
