import { closeFence } from '../../../src/pipeline/reply/split-reply.js';
import type { HistoryTurn, HistoryWalk } from '../../../src/ports/memory/history-reader.js';
import { turnBody } from './turn-body.js';

/** A conversation on its way into a file. */
export interface ConversationExport extends HistoryWalk {
  readonly id: string;
  readonly title: string | null;
  readonly exportedAt: Date;
}

/** One JSON object, turn by turn. */
export async function* exportedJson(exported: ConversationExport): AsyncGenerator<string> {
  const head = JSON.stringify({
    conversation_id: exported.id,
    title: exported.title,
    exported_at: exported.exportedAt.toISOString(),
    whole: exported.isWhole,
  });
  yield `${head.slice(0, -1)},"turns":[`;
  let between = '\n';
  for await (const turn of exported.turns) {
    yield between + JSON.stringify(turnBody(turn));
    between = ',\n';
  }
  yield '\n]}\n';
}

/** For people to read: questions quoted, answers as the model wrote them. */
export async function* exportedMarkdown(exported: ConversationExport): AsyncGenerator<string> {
  yield `# ${escaped(exported.title ?? 'Conversation')}\n\nExported from Parley, ${minute(exported.exportedAt)}.\n`;
  if (!exported.isWhole) yield '\nEarlier turns are left out.\n';
  for await (const turn of exported.turns) yield `\n---\n\n${exchange(turn)}\n`;
}

function exchange(turn: HistoryTurn): string {
  const { author, text, quoted, acceptedAt, vote } = turn;
  const blocks = [
    `**${escaped(author.name)}**, ${minute(acceptedAt)}`,
    ...(quoted ? [quote(quote(`${quoted.author}: ${quoted.text}`))] : []),
    quote(text),
    ...answer(turn),
    ...(vote ? [`${vote.vote === 1 ? '👍' : '👎'} ${escaped(vote.comment ?? '')}`.trimEnd()] : []),
  ];
  return blocks.join('\n\n');
}

function answer({ state, reply, model, persona, failure }: HistoryTurn): string[] {
  if (state === 'done') {
    const who = [model, persona].flatMap((name) => (name === null ? [] : [escaped(name)])).join(', as ');
    return [`**${who}**`, closeFence(reply)];
  }
  if (failure) return [`*${escaped(failure.notice)}*`];
  return [state === 'cancelled' ? '*Stopped before there was an answer.*' : '*Not answered yet.*'];
}

/** Whatever Markdown is in it ends with the quote. */
function quote(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replace(/^/gm, '> ');
}

/** On one line, and no Markdown. */
function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>#|~!&]/g, '\\$&');
}

/** 2026-11-21 09:30 UTC */
function minute(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
