import { useSignal } from '@preact/signals';
import { callApi } from '../api/call-api.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { Moment } from '../parts/moment.js';
import { Outcome } from '../parts/outcome.js';
import { Pager, usePaging } from '../parts/pager.js';
import { showNumber } from '../parts/show-number.js';
import { useLoaded } from '../parts/use-loaded.js';
import { useSubmission } from '../parts/use-submission.js';
import { address, goWithin } from '../state/navigation.js';
import { session } from '../state/session.js';
import type { QueuedTurn, QueueState } from './admin-api.js';
import { SectionState } from './section-state.js';
import { SAID } from './sentences.js';

const REFRESH_MS = 3_000;
const STATES: readonly QueueState[] = ['waiting', 'running', 'failed'];

export function QueueSection() {
  const asked = address.value.query.get('state');
  const state = STATES.find((name) => name === asked) ?? 'waiting';
  const showsText = useSignal(false);
  const done = useSignal('');
  const submission = useSubmission();
  const paging = usePaging(state);
  const loaded = useLoaded(
    'GET /api/admin/queue',
    {
      query: {
        state,
        show_text: showsText.value ? 'yes' : 'no',
        ...(paging.cursor !== null && { before: paging.cursor }),
      },
    },
    REFRESH_MS,
  );
  const { value } = loaded;

  async function retry(id: number): Promise<void> {
    done.value = '';
    const isDone = await submission.run(async () => {
      await callApi('POST /api/admin/turns/{id}/retry', { path: { id: String(id) } });
      await loaded.load();
    });
    if (isDone) done.value = SAID.retried(id);
  }

  return (
    <>
      <p class="lead">{SAID.queueLead}</p>
      <div class="tools">
        <nav class="tabs" aria-label="States">
          {STATES.map((name) => {
            const href = `/admin?section=queue&state=${name}`;
            return (
              <a
                key={name}
                href={href}
                aria-current={name === state ? 'page' : undefined}
                onClick={(event) => goWithin(event, href)}
              >
                {SAID.queueStates[name]} {value && showNumber(value.counts[name])}
              </a>
            );
          })}
        </nav>
        <label class="check">
          <input
            type="checkbox"
            checked={showsText.value}
            onChange={({ currentTarget }) => {
              showsText.value = currentTarget.checked;
            }}
          />
          {SAID.showText}
        </label>
        {session.value === 'signed-in' && (
          <a href="/queues" target="_blank" rel="noopener">
            {SAID.board}
          </a>
        )}
      </div>
      <SectionState of={loaded} />
      <Outcome done={done.value} problem={submission.problem} />
      {value && (
        <>
          <DataTable
            label={SAID.queueStates[state]}
            columns={columnsOf(state, showsText.value, (id) => void retry(id))}
            rows={value.turns.filter((turn) => turn.state === state)}
            keyOf={({ turn_id: id }) => id}
            empty={SAID.queueEmpty[state]}
          />
          <Pager paging={paging} next={value.earlier} />
        </>
      )}
    </>
  );
}

function columnsOf(
  state: QueueState,
  showsText: boolean,
  onRetry: (id: number) => void,
): readonly Column<QueuedTurn>[] {
  const asked: readonly Column<QueuedTurn>[] = [
    { title: 'Turn', kind: 'number', show: ({ turn_id: id }) => id },
    { title: 'Asked', show: ({ asked_at: at }) => <Moment at={at} /> },
    {
      title: 'By',
      show: ({ user, place }) => (
        <span>
          {user.name === '' ? <em>{SAID.forgotten}</em> : user.name}
          <span class="key">{place}</span>
        </span>
      ),
    },
    { title: 'Model', show: ({ model }) => model ?? <span class="quiet">{SAID.modelOfPlace}</span> },
  ];
  const text: Column<QueuedTurn> = { title: 'Question', show: ({ text }) => text ?? '–' };
  const started: Column<QueuedTurn> = {
    title: 'Started',
    show: ({ started_at: at }) => <Moment at={at} />,
  };
  const attempt: Column<QueuedTurn> = { title: 'Attempt', kind: 'number', show: (turn) => turn.attempt };
  const failed: readonly Column<QueuedTurn>[] = [
    {
      title: 'Reason',
      show: ({ failure }) => (
        <span>
          {failure?.message}
          <span class="key">{failure?.kind}</span>
        </span>
      ),
    },
    {
      title: 'Actions',
      kind: 'actions',
      show: ({ turn_id: id }) => (
        <button
          type="button"
          class="button small"
          aria-label={SAID.retryLabel(id)}
          onClick={() => onRetry(id)}
        >
          {SAID.retry}
        </button>
      ),
    },
  ];
  return [
    ...asked,
    ...(showsText ? [text] : []),
    ...(state === 'running' ? [started] : []),
    ...(state === 'waiting' ? [] : [attempt]),
    ...(state === 'failed' ? failed : []),
  ];
}
