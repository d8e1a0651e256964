import { useSignal } from '@preact/signals';
import type { Users } from '../api/api-types.js';
import { callApi } from '../api/call-api.js';
import { ConfirmDialog, type Question } from '../parts/confirm-dialog.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { Moment } from '../parts/moment.js';
import { Outcome } from '../parts/outcome.js';
import { Pager, usePaging } from '../parts/pager.js';
import { SearchForm } from '../parts/search-form.js';
import { showNumber } from '../parts/show-number.js';
import { useLoaded } from '../parts/use-loaded.js';
import type { Used, User } from './admin-api.js';
import { SectionState } from './section-state.js';
import { SAID } from './sentences.js';

export function UsersSection() {
  const search = useSignal('');
  const question = useSignal<Question | null>(null);
  const done = useSignal('');
  const paging = usePaging(search.value);
  const query = {
    ...(search.value !== '' && { search: search.value }),
    ...(paging.cursor !== null && { after: paging.cursor }),
  };
  const loaded = useLoaded('GET /api/admin/users', { query });
  const { value } = loaded;

  const forgetting = (user: User): Question => ({
    title: SAID.forgetTitle(user.name || user.key),
    more: SAID.forgetMore(user.key),
    action: SAID.forget,
    run: () => forget(user),
  });

  async function forget({ key, name }: User): Promise<void> {
    const { forgotten } = await callApi('POST /api/admin/users/{key}/forget', {
      path: { key },
      body: { confirm: key },
    });
    done.value = SAID.forgetDone(name || key, showNumber(forgotten));
    await loaded.load();
  }

  const columns: readonly Column<User>[] = [
    {
      title: 'User',
      show: ({ name, key }) => (
        <span>
          {name === '' ? <em>{SAID.forgotten}</em> : name}
          <span class="key">{key}</span>
        </span>
      ),
    },
    { title: 'Last asked', show: ({ last_asked_at: at }) => <Moment at={at} /> },
    {
      title: 'In 24 hours',
      kind: 'number',
      show: ({ day }) => <UsedOf used={day} limit={value?.limits.tokens_per_day ?? null} />,
    },
    { title: 'In 30 days', kind: 'number', show: ({ month }) => <UsedOf used={month} limit={null} /> },
    {
      title: 'Actions',
      kind: 'actions',
      show: (user) => (
        <button
          type="button"
          class="button small"
          aria-label={SAID.forgetLabel(user.name || user.key)}
          onClick={() => {
            question.value = forgetting(user);
          }}
        >
          {SAID.forget}
        </button>
      ),
    },
  ];

  return (
    <>
      <p class="lead">
        {SAID.usersLead} {value && limitsSentence(value)}
      </p>
      <SearchForm
        label={SAID.usersSearch}
        onSearch={(text) => {
          search.value = text;
        }}
      />
      <SectionState of={loaded} />
      <Outcome done={done.value} />
      {value && (
        <>
          <DataTable
            label="Users"
            columns={columns}
            rows={value.users}
            keyOf={({ key }) => key}
            empty={search.value === '' ? SAID.noUsers : SAID.noUsersFound}
          />
          <Pager paging={paging} next={value.next} />
        </>
      )}
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

interface UsedOfProps {
  readonly used: Used;
  /** Of tokens; null or 0 for none. */
  readonly limit: number | null;
}

function UsedOf({ used: { turns, tokens }, limit }: UsedOfProps) {
  const hasLimit = limit !== null && limit > 0;
  return (
    <span>
      {SAID.turns(showNumber(turns))}
      <span class={hasLimit && tokens >= limit ? 'more problem' : 'more'}>
        {SAID.tokens(hasLimit ? `${showNumber(tokens)} of ${showNumber(limit)}` : showNumber(tokens))}
      </span>
    </span>
  );
}

function limitsSentence({ limits: { turns_per_minute: turns, tokens_per_day: tokens } }: Users): string {
  return SAID.usersLimits(
    turns === null ? SAID.anyQuestions : SAID.questions(showNumber(turns)),
    tokens === null ? SAID.anyTokens : SAID.tokens(showNumber(tokens)),
  );
}
