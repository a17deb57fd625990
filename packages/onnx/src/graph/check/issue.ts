import type { Node } from '../../model.js';
import { describeNode } from '../describe-node.js';

/** What {@link ModelIssue} a model breaks. */
export type CheckRule =
  | 'ir-version'
  | 'opset-import'
  | 'name'
  | 'value-type'
  | 'single-assignment'
  | 'undefined-value'
  | 'output-not-made'
  | 'unknown-operator'
  | 'deprecated-operator'
  | 'input-count'
  | 'output-count'
  | 'attribute'
  | 'tensor-data'
  | 'sparse-tensor'
  | 'external-data'
  | 'function'
  | 'type-constraint'
  | 'shape';

/** One thing that is wrong with a model. */
export interface ModelIssue {
  readonly rule: CheckRule;
  /** What was expected and what is there, naming the node or value. */
  readonly message: string;
  /** The node that it is about: its name, or its first output where it has none. */
  readonly node?: string;
  /** Where the graph lies: `main`, `main/loop1.body`, `function org.example.Rows`. */
  readonly graph: string;
}

/** Collects issues of one graph. */
export class IssueList {
  readonly #issues: ModelIssue[];
  readonly graph: string;

  constructor(graph: string, issues: ModelIssue[] = []) {
    this.graph = graph;
    this.#issues = issues;
  }

  /** The same list, for another graph. */
  in(graph: string): IssueList {
    return new IssueList(graph, this.#issues);
  }

  /** `expected` goes on from "Expected …". */
  add(rule: CheckRule, expected: string, node?: Node): void {
    const where = this.graph === 'main' ? '' : ` (in ${this.graph})`;
    this.#issues.push({
      rule,
      message: `Expected ${expected}${node === undefined ? '' : ` in ${describeNode(node)}`}${where}`,
      ...(node !== undefined && { node: node.name === '' ? (node.outputs[0] ?? node.opType) : node.name }),
      graph: this.graph,
    });
  }

  get all(): readonly ModelIssue[] {
    return this.#issues;
  }
}
