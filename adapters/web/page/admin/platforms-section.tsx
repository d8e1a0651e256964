import { showNumber } from '../parts/show-number.js';
import { Status, type Tone } from '../parts/status.js';
import { useLoaded } from '../parts/use-loaded.js';
import type { Connection } from './admin-api.js';
import { SectionState } from './section-state.js';
import { SAID } from './sentences.js';

const REFRESH_MS = 5_000;

const TONES: Readonly<Partial<Record<Connection['state'], Tone>>> = {
  connected: 'good',
  connecting: 'busy',
  resuming: 'busy',
  failed: 'bad',
};

export function PlatformsSection() {
  const loaded = useLoaded('GET /api/admin/platforms', {}, REFRESH_MS);
  return (
    <>
      <p class="lead">{SAID.platformsLead}</p>
      <SectionState of={loaded} />
      <ul class="cards">
        {loaded.value?.platforms.map(({ platform, lacks, connections, reach, missing }) => (
          <li key={platform} class="card">
            <div class="card-head">
              <h2>{SAID.platform[platform]}</h2>
              {connections.length === 0 && <Status tone="off">{SAID.unconnected}</Status>}
            </div>
            {lacks !== null && <p>{lacks}</p>}
            {connections.map((connection) => (
              <ConnectionLine key={connection.process} connection={connection} />
            ))}
            {reach && <p>{SAID.reach[platform](showNumber(reach.workspaces))}</p>}
            {missing.length > 0 && (
              <>
                <p>{SAID.missing}</p>
                <ul>
                  {missing.map((sentence) => (
                    <li key={sentence}>{sentence}</li>
                  ))}
                </ul>
              </>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function ConnectionLine({ connection: { process, state, detail } }: { readonly connection: Connection }) {
  return (
    <div class="line">
      <Status tone={TONES[state] ?? 'off'}>{SAID.connection[state]}</Status>
      <span class="key">{process}</span>
      {detail !== '' && detail !== state && <p>{detail}</p>}
    </div>
  );
}
