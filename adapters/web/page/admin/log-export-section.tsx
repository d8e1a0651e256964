import { Moment } from '../parts/moment.js';
import { Status, type Tone } from '../parts/status.js';
import { useLoaded } from '../parts/use-loaded.js';
import type { LogExportState } from './admin-api.js';
import { SectionState } from './section-state.js';
import { SAID } from './sentences.js';

const REFRESH_MS = 5_000;

const TONES: Readonly<Record<LogExportState, Tone>> = {
  off: 'off',
  ok: 'good',
  waiting: 'busy',
  failing: 'bad',
};

export function LogExportSection() {
  const loaded = useLoaded('GET /api/admin/log-export', {}, REFRESH_MS);
  const { value } = loaded;
  return (
    <>
      <p class="lead">{SAID.logsLead}</p>
      <SectionState of={loaded} />
      {value?.processes.length === 0 && <p>{SAID.logsOff}</p>}
      <ul class="cards">
        {value?.processes.map((fares) => (
          <li key={fares.process} class="card">
            <div class="card-head">
              <h2>{SAID.logsOf(fares.process)}</h2>
              <Status tone={TONES[fares.state]}>{SAID.logStates[fares.state]}</Status>
            </div>
            {fares.origin !== null && <p>{SAID.logsGoTo(fares.origin)}</p>}
            <p>
              {SAID.lastSuccess} <Moment at={fares.last_success_at} never={SAID.notYet} />
            </p>
            {fares.last_failure && (
              <p class={fares.state === 'failing' ? 'problem' : undefined}>
                {SAID.lastFailure} <Moment at={fares.last_failure.at} />: {fares.last_failure.reason}
              </p>
            )}
            {fares.state === 'failing' && <p>{SAID.logsFailing}</p>}
          </li>
        ))}
      </ul>
    </>
  );
}
