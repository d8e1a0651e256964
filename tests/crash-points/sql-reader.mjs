// Reads what a client of PostgreSQL sends, and names the statements it runs.
import { createHash } from 'node:crypto';

const PARSE = 0x50;
const BIND = 0x42;
const QUERY = 0x51;

export class SqlReader {
  #statements = new Map();
  #rest = Buffer.alloc(0);
  #started;

  /** @param started - false where a start-up message, which has no type, comes first */
  constructor(started = true) {
    this.#started = started;
  }

  /** @returns {string[]} a label for each statement that these bytes run */
  read(bytes) {
    const labels = [];
    let data = Buffer.concat([this.#rest, bytes]);
    if (!this.#started && data.length >= 4) {
      data = data.subarray(data.readUInt32BE(0));
      this.#started = true;
    }
    while (data.length >= 5 && data.length > data.readUInt32BE(1)) {
      const length = data.readUInt32BE(1) + 1;
      const body = data.subarray(5, length);
      const label = this.#message(data[0], body);
      if (label !== null) labels.push(label);
      data = data.subarray(length);
    }
    this.#rest = Buffer.from(data);
    return labels;
  }

  #message(type, body) {
    if (type === QUERY) return nameOf(text(body, 0));
    if (type === PARSE) {
      const name = text(body, 0);
      this.#statements.set(name, nameOf(text(body, Buffer.byteLength(name) + 1)));
    }
    if (type === BIND) {
      const portal = text(body, 0);
      return this.#statements.get(text(body, Buffer.byteLength(portal) + 1)) ?? 'unknown statement';
    }
    return null;
  }
}

/** Verbs and tables, and a mark that tells apart statements which share these. */
function nameOf(sql) {
  const plain = sql
    .replace(/--[^\n]*/g, ' ')
    .replace(/"(\w+)"/g, '$1')
    .replace(/\b(public|bullmq)\./g, '')
    .replace(/'[^']*'/g, '?')
    .replace(/\(\s*\$\d+(\s*,\s*\$\d+)*\s*\)/g, '(?)')
    .replace(/\$\d+|\b\d+\b/g, '?')
    .replace(/\s+/g, ' ')
    .trim();
  const mark = createHash('sha256').update(plain).digest('hex').slice(0, 4);
  return `${wordsOf(plain)} #${mark}`;
}

function wordsOf(sql) {
  const names = (pattern) => [...new Set([...sql.matchAll(pattern)].map(([, ...words]) => words.join(' ')))];
  const writes = names(/\b(INSERT INTO|UPDATE|DELETE FROM) (?!SET\b|SKIP\b|OF\b)(\w+)/g);
  if (writes.length > 0) return writes.join(', ');
  const [lock = ''] = /\bFOR UPDATE\b/.exec(sql) ?? [];
  const functions = names(/\b(?:SELECT|FROM)(?: \w+ FROM)? ([a-z]+(?:_[a-z]+)+)\(/g);
  const tables = names(/\b(?:FROM|JOIN) ([a-z_]+)\b(?!\()/g);
  if (functions.length + tables.length === 0) return sql.slice(0, 40);
  return `SELECT ${[...functions.map((name) => `${name}()`), ...tables].slice(0, 3).join(', ')} ${lock}`.trim();
}

function text(body, from) {
  const end = body.indexOf(0, from);
  return body.toString('utf8', from, end < 0 ? body.length : end);
}
