import type { Progress } from '@percept/core';
import { formatFixed, formatShort } from './format-number.js';
import { plainText } from './plain-text.js';

/** Share done, 0..1; `undefined` while the total is unknown. A stage of nothing is done. */
export function shareOf({ done, total }: Progress): number | undefined {
  if (total === undefined || !Number.isFinite(total)) return undefined;
  return total <= 0 ? 1 : Math.min(1, Math.max(0, done / total));
}

/** `pack shards`, without anything that could move the cursor. */
export function stageText({ stage }: Progress): string {
  return plainText(stage);
}

/** `12,000/60,000 images  loss 0.31`. */
export function countText({ done, total, unit, values }: Progress): string {
  const count = total === undefined ? formatFixed(done, 0) : `${formatFixed(done, 0)}/${formatFixed(total, 0)}`;
  const figures = Object.entries(values ?? {}).map(([name, value]) => `${plainText(name)} ${shortFigure(value)}`);
  return [`${count} ${plainText(unit)}`, ...figures].join('  ');
}

/** `5,321 images/s`; empty while too little time has passed to tell. */
export function rateText({ done, unit }: Progress, startedAt: number, doneAtStart: number): string {
  const seconds = (performance.now() - startedAt) / 1000;
  const rate = (done - doneAtStart) / seconds;
  return seconds < 0.2 || !(rate > 0) ? '' : `  ${shortFigure(rate)} ${plainText(unit)}/s`;
}

/** `9s`, `1m 20s`, `2h 05m`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
}

function shortFigure(value: number): string {
  return formatShort(Number.isFinite(value) ? Number(value.toPrecision(4)) : value);
}
