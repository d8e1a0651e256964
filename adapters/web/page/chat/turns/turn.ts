export type TurnState = 'waiting' | 'writing' | 'done' | 'stopped' | 'failed';

/** A question and its answer as the chat shows them. */
export interface ShownTurn {
  /** Of this page; a turn of the API has its id only once it is accepted. */
  readonly key: string;
  readonly turnId: number | null;
  readonly question: string;
  readonly answer: string;
  readonly state: TurnState;
  /** Answers that come before this one; 0 where that is not known. */
  readonly ahead: number;
  /** A sentence where the answer failed, or ended early. */
  readonly notice: string;
  /** The connection broke off, or the question never arrived: what came of it can be asked for again. */
  readonly broken: boolean;
  readonly model: string | null;
  readonly replyTokens: number;
  /** Until the model began, in ms. */
  readonly firstTokenMs: number | null;
  readonly tokensPerSecond: number | null;
  /** Of the person who asks. */
  readonly vote: Vote;
  readonly comment: string | null;
}

/** 0: none. */
export type Vote = -1 | 0 | 1;

export function newTurn(key: string, question: string): ShownTurn {
  return {
    key,
    turnId: null,
    question,
    answer: '',
    state: 'waiting',
    ahead: 0,
    notice: '',
    broken: false,
    model: null,
    replyTokens: 0,
    firstTokenMs: null,
    tokensPerSecond: null,
    vote: 0,
    comment: null,
  };
}

export function isOpen({ state }: ShownTurn): boolean {
  return state === 'waiting' || state === 'writing';
}
