import { useSignal } from '@preact/signals';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { sentenceOf } from '../../api/call-api.js';
import { SAID } from '../sentences.js';
import type { ShownTurn } from '../turns/turn.js';

/** Longest comment, in UTF-16 code units, as the API takes it. */
const COMMENT_LENGTH = 2_000;

interface CommentFormProps {
  readonly turn: ShownTurn;
  /** @throws {ApiError} with the sentence to show */
  readonly save: (comment: string) => Promise<void>;
  /** @param sentence - what came of it; empty where nothing did */
  readonly onDone: (sentence: string) => void;
}

/** Why an answer was good or bad, in the words of whoever voted. */
export function CommentForm({ turn, save, onDone }: CommentFormProps) {
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const problem = useSignal('');
  useLayoutEffect(() => field.current?.focus(), []);
  // Under the last answer its buttons would lie below the edge.
  useLayoutEffect(() => form.current?.scrollIntoView({ block: 'nearest' }), [problem.value]);

  async function submit(): Promise<void> {
    const comment = (field.current?.value ?? '').trim();
    if (comment.length > COMMENT_LENGTH) {
      problem.value = SAID.commentLong(comment.length, COMMENT_LENGTH);
      return;
    }
    try {
      await save(comment);
      onDone(comment === '' ? SAID.commentGone : SAID.commentSaved);
    } catch (error) {
      problem.value = sentenceOf(error);
    }
  }

  return (
    <form
      ref={form}
      class="comment-form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        onDone('');
      }}
    >
      <label for={id}>{turn.vote === 1 ? SAID.commentGood : SAID.commentBad}</label>
      <textarea
        id={id}
        ref={field}
        rows={3}
        defaultValue={turn.comment ?? ''}
        aria-describedby={`${id}-problem`}
        aria-invalid={problem.value !== ''}
      />
      <p id={`${id}-problem`} class="problem" role="alert">
        {problem.value}
      </p>
      <div class="choices">
        <button type="submit" class="button main">
          {SAID.save}
        </button>
        <button type="button" class="button plain" onClick={() => onDone('')}>
          {SAID.cancel}
        </button>
      </div>
    </form>
  );
}
