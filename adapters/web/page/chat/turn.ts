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
  readonly model: string | null;
  readonly replyTokens: number;
  readonly vote: -1 | 0 | 1;
}

export function newTurn(key: string, question: string): ShownTurn {
  return {
    key,
    turnId: null,
    question,
    answer: '',
    state: 'waiting',
    ahead: 0,
    notice: '',
    model: null,
    replyTokens: 0,
    vote: 0,
  };
}

export function isOpen({ state }: ShownTurn): boolean {
  return state === 'waiting' || state === 'writing';
}
