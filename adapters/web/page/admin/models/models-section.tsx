import { useSignal } from '@preact/signals';
import type { AdminModel } from '../../api/api-types.js';
import { callApi } from '../../api/call-api.js';
import { ConfirmDialog, type Question } from '../../parts/confirm-dialog.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { Moment } from '../../parts/moment.js';
import { Outcome } from '../../parts/outcome.js';
import { showBytes, showNumber } from '../../parts/show-number.js';
import { useLoaded } from '../../parts/use-loaded.js';
import { useSubmission } from '../../parts/use-submission.js';
import type { ModelAction } from '../admin-api.js';
import { SectionState } from '../section-state.js';
import { SAID } from '../sentences.js';
import { ModelState } from './model-state.js';

const REFRESH_MS = 2_000;
const WITHOUT_FILE: ReadonlySet<AdminModel['state']> = new Set(['missing', 'pulling', 'failed']);

export function ModelsSection() {
  const loaded = useLoaded('GET /api/admin/models', {}, REFRESH_MS);
  const submission = useSubmission();
  const question = useSignal<Question | null>(null);
  const done = useSignal('');
  const { value } = loaded;

  async function send(worker: string, alias: string, action: ModelAction): Promise<void> {
    await callApi('POST /api/admin/models/{alias}/{action}', { path: { alias, action }, body: { worker } });
    done.value = SAID.ordered(SAID.modelActions[action], alias);
    await loaded.load();
  }

  function order(worker: string, alias: string, action: ModelAction): void {
    done.value = '';
    if (action !== 'delete') {
      void submission.run(() => send(worker, alias, action));
      return;
    }
    question.value = {
      title: SAID.deleteTitle(alias),
      more: SAID.deleteMore(worker),
      action: SAID.modelActions.delete,
      run: () => send(worker, alias, action),
    };
  }

  return (
    <>
      <p class="lead">{SAID.modelsLead}</p>
      <SectionState of={loaded} />
      <Outcome done={done.value} problem={submission.problem} />
      {value?.not_taken.map(({ worker, alias, action, problem }) => (
        <p key={`${worker} ${alias} ${action}`} class="problem">
          {SAID.notTaken(SAID.modelActions[action], alias, worker)} {problem}
        </p>
      ))}
      {value?.workers.length === 0 && <p class="quiet">{SAID.noWorkers}</p>}
      {value?.workers.map(({ worker, started_at: startedAt, models }) => (
        <section key={worker} class="group">
          <h2>{SAID.worker(worker)}</h2>
          <p class="quiet">
            {SAID.startedAt} <Moment at={startedAt} />
          </p>
          <DataTable
            label={SAID.modelsOf(worker)}
            columns={columnsOf((alias, action) => order(worker, alias, action))}
            rows={models}
            keyOf={({ alias }) => alias}
            empty={SAID.noModels}
          />
        </section>
      ))}
      {question.value && (
        <ConfirmDialog
          question={question.value}
          onClose={() => {
            question.value = null;
          }}
        />
      )}
    </>
  );
}

function columnsOf(onOrder: (alias: string, action: ModelAction) => void): readonly Column<AdminModel>[] {
  return [
    {
      title: 'Model',
      show: ({ alias, description, served, state }) => (
        <span>
          <strong>{alias}</strong>
          <span class="more">{description}</span>
          {!served && <span class="more">{WITHOUT_FILE.has(state) ? SAID.notServed : SAID.notListed}</span>}
        </span>
      ),
    },
    { title: 'State', show: (model) => <ModelState model={model} /> },
    {
      title: 'Size',
      kind: 'number',
      show: ({ size_bytes: bytes }) => (bytes === null ? '–' : showBytes(bytes)),
    },
    {
      title: 'Context',
      kind: 'number',
      show: ({ context_window: tokens }) => (tokens === null ? '–' : showNumber(tokens)),
    },
    {
      title: 'Actions',
      kind: 'actions',
      show: (model) => (
        <div class="row-actions">
          {actionsOf(model).map((action) => (
            <button
              key={action}
              type="button"
              class="button small"
              aria-label={`${SAID.modelActions[action]} ${model.alias}`}
              onClick={() => onOrder(model.alias, action)}
            >
              {SAID.modelActions[action]}
            </button>
          ))}
        </div>
      ),
    },
  ];
}

/** What makes sense to order for a model as it is now; the server has the last word. */
function actionsOf(model: AdminModel): readonly ModelAction[] {
  const { state, doing, ordered, served, deletable } = model;
  if (ordered !== null) return [];
  if (doing !== null) return doing === 'pull' || doing === 'check' ? ['cancel'] : [];
  const load: readonly ModelAction[] = served ? ['load'] : [];
  const remove: readonly ModelAction[] = deletable ? ['delete'] : [];
  switch (state) {
    case 'missing':
      return ['pull'];
    case 'on-disk':
      return [...load, 'check', ...remove];
    case 'loaded':
      return ['unload', 'check', ...remove];
    case 'failed':
      return ['pull', 'check', ...load, ...remove];
    default:
      return [];
  }
}
