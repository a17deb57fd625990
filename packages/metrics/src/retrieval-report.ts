import { ExactSum } from './exact-sum.js';

/** How the search for one item went. */
export interface RetrievalQuery {
  /** Place of the item among all that were added, from 0. */
  readonly index: number;
  readonly label: number;
  /** Items of its label in the gallery, itself not counted. */
  readonly relevant: number;
  /** What came first of the gallery; `undefined` when that was empty. */
  readonly nearest: { readonly index: number; readonly label: number; readonly distance: number } | undefined;
  readonly averagePrecision: number;
  /** 1 over the rank of the first item of its label. */
  readonly reciprocalRank: number;
  /** Share of its label among as many first items as there are of it. */
  readonly rPrecision: number;
  readonly normalizedDcg: number;
  /** By `k`. */
  readonly atK: Readonly<Record<string, RetrievalAtK>>;
}

/** What the first `k` of the gallery hold. */
export interface RetrievalAtK {
  /** 1 when any item is of the label, else 0. Works on metric learning call it recall@k. */
  readonly hitRate: number;
  /** Share of the items of the label that are among them. */
  readonly recall: number;
  /** Items of the label over `k`. */
  readonly precision: number;
  /** DCG over the best that there is to have within `k`; gains of 0 and 1. */
  readonly normalizedDcg: number;
}

/** Means over queries, each 0..1; 0 without queries. */
export interface RetrievalReport {
  /** Queries that count. */
  readonly queries: number;
  /** Of all queries, those of whose label there is nothing in the gallery. */
  readonly withoutRelevant: number;
  /** mAP over the whole gallery. */
  readonly meanAveragePrecision: number;
  /** MRR. */
  readonly meanReciprocalRank: number;
  readonly rPrecision: number;
  /** nDCG over the whole gallery. */
  readonly normalizedDcg: number;
  /** By `k`. */
  readonly atK: Readonly<Record<string, RetrievalAtK>>;
}

/** The means of some queries, in any order: the same queries give the same report. */
export function retrievalReport(
  queries: readonly RetrievalQuery[],
  ks: readonly number[],
  withoutRelevant: number,
): RetrievalReport {
  const mean = (figure: (query: RetrievalQuery) => number): number => {
    const sum = new ExactSum();
    for (const query of queries) sum.add(figure(query));
    return queries.length === 0 ? 0 : sum.value / queries.length;
  };
  const meanAt = (k: number, name: keyof RetrievalAtK): number => mean(({ atK }) => atK[k]![name]);
  return {
    queries: queries.length,
    withoutRelevant,
    meanAveragePrecision: mean(({ averagePrecision }) => averagePrecision),
    meanReciprocalRank: mean(({ reciprocalRank }) => reciprocalRank),
    rPrecision: mean((query) => query.rPrecision),
    normalizedDcg: mean(({ normalizedDcg }) => normalizedDcg),
    atK: Object.fromEntries(
      ks.map((k) => [
        k,
        {
          hitRate: meanAt(k, 'hitRate'),
          recall: meanAt(k, 'recall'),
          precision: meanAt(k, 'precision'),
          normalizedDcg: meanAt(k, 'normalizedDcg'),
        },
      ]),
    ),
  };
}
