import type { Predictor } from '../prediction.js';
import type { FetchImage } from './uploaded-image.js';

/** The built page: one script and one style sheet. */
export interface PageFiles {
  readonly script: string;
  readonly style: string;
}

/** Counts what the app does and writes it out for Prometheus. */
export interface AppMetrics {
  request(method: string, route: string, status: number, seconds: number): void;
  correction(): void;
  exposition(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** What the app takes from where it runs. Whatever is missing is a route that answers 404. */
export interface Platform {
  readonly fetchImage?: FetchImage;
  readonly loadPage?: () => Promise<PageFiles>;
  readonly createMetrics?: (predictor: Predictor) => AppMetrics;
}
