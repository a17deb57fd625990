import type { MonitorReport, PropertyDrift } from '@percept/core';
import { useEffect, useState } from 'preact/hooks';
import { monitorReport } from './api.js';
import { figure } from './format.js';

const pollMs = 5_000;

const words: Record<MonitorReport['status'], string> = {
  'no-profile': 'No reference',
  'warming-up': 'Warming up',
  stable: 'Stable',
  'moderate-drift': 'Moderate drift',
  'major-drift': 'Major drift',
};

const meanings: Record<MonitorReport['status'], string> = {
  'no-profile': 'This model carries no reference profile, so drift cannot be measured.',
  'warming-up': 'A few more pictures, then drift can be judged.',
  stable: 'Pictures look like those that the model was made with.',
  'moderate-drift': 'Pictures begin to differ from those that the model was made with.',
  'major-drift': 'Pictures differ much from those that the model was made with: answers may be worse than they look.',
};

/** How far recent pictures and answers are from what the model was made with. */
export function MonitorPanel({ answers }: { answers: number }) {
  const [report, setReport] = useState<MonitorReport>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    void answers;
    const read = async () => {
      if (document.hidden) return;
      const outcome = await monitorReport();
      setProblem(outcome.ok ? undefined : outcome.message);
      if (outcome.ok) setReport(outcome.value);
    };
    // The server tells its monitor a moment after it has answered.
    const soon = setTimeout(read, 150);
    const poll = setInterval(read, pollMs);
    return () => {
      clearTimeout(soon);
      clearInterval(poll);
    };
  }, [answers]);

  return (
    <section class="card wide" aria-labelledby="monitor">
      <div class="heading">
        <h2 id="monitor">Drift monitor</h2>
        {report !== undefined && <p class={`chip ${report.status}`}>{words[report.status]}</p>}
      </div>
      {problem !== undefined && <p class="problem">{problem}</p>}
      {report !== undefined && (
        <>
          <p class="hint">{meanings[report.status]}</p>
          <dl class="facts">
            <div>
              <dt>Mean PSI</dt>
              <dd>{report.meanPsi === null ? '–' : figure(report.meanPsi)}</dd>
            </div>
            <div>
              <dt>Pictures in the window</dt>
              <dd>{report.images}</dd>
            </div>
          </dl>
          <div class="tables">
            <DriftTable caption="Pictures" drift={report.properties} />
            <DriftTable caption="Class scores" drift={report.scores} />
          </div>
        </>
      )}
    </section>
  );
}

/** By convention a PSI above 0.25 is a major shift; the bar is full at twice that. */
const fullBar = 0.5;

function DriftTable({ caption, drift }: { caption: string; drift: Readonly<Record<string, PropertyDrift>> }) {
  const rows = Object.entries(drift);
  if (rows.length === 0) return null;
  return (
    <div class="scroll">
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Property</th>
            <th scope="col">PSI</th>
            <td aria-hidden="true" />
            <th scope="col">Mean then</th>
            <th scope="col">Mean now</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, { psi, referenceMean, currentMean }]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{figure(psi)}</td>
              <td class="bar" aria-hidden="true">
                <span class="track">
                  <span class={`fill ${level(psi)}`} style={{ width: `${Math.min(1, psi / fullBar) * 100}%` }} />
                </span>
              </td>
              <td>{figure(referenceMean)}</td>
              <td>{figure(currentMean)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function level(psi: number): string {
  if (psi > 0.25) return 'major';
  return psi > 0.1 ? 'moderate' : 'small';
}
