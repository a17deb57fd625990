// Edits a graph in place and knows at any time who makes and who reads each value (value-uses.ts) and where each node
// stands (node-order.ts). What an edit would break (a value made twice, read but not made, or depending on itself) is refused before anything
// changes. Type inference is not done here: declared types of values that an edit changes in kind are the caller's.
import { PerceptError, type Tensor } from '@percept/core';
import type { AttributeInput } from '../graph-builder.js';
import type { Graph, Node, ValueInfo } from '../model.js';
import { topologicalSort } from '../topological-sort.js';
import { describeNode } from './describe-node.js';
import { fittingAttribute } from './fitting-attribute.js';
import { NodeOrder } from './node-order.js';
import { isQuantizationParameter, keepQuantizationNotes, renameParameters } from './quantization-notes.js';
import { constantMaps, constantNames, namesIn, renameDefined, substituteReads, valuesRead } from './scope.js';
import { ValueUses } from './value-uses.js';

/** A node to be added, see {@link GraphEditor.insert}. */
export interface NodeSpec {
  readonly opType: string;
  readonly inputs: readonly string[];
  /** How many outputs there are, named freshly, or their names. Default 1. */
  readonly outputs?: number | readonly string[];
  /** As `GraphBuilder.node` takes them; whole numbers are floats where the operator wants these (`alpha: 1`). */
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
  /** Default: none. */
  readonly name?: string;
  /** Default `''`, the ONNX operators. */
  readonly domain?: string;
}

/**
 * A graph opened for editing. The graph given is changed in place; take a `cloneModel` first to keep the original. While
 * an editor is open, change the graph only through it, its nested graphs through {@link subgraph}.
 *
 * Every method leaves the nodes in topological order and every value made once (static single assignment), or throws
 * `ONNX_EDIT_INVALID` and changes nothing.
 */
export class GraphEditor {
  readonly graph: Graph;
  readonly #uses: ValueUses;
  readonly #order: NodeOrder;
  readonly #inputs: Set<string>;
  readonly #outputs: Set<string>;
  readonly #names: Set<string>;
  readonly #parent: { readonly editor: GraphEditor; readonly node: Node } | undefined;

  /**
   * Opens a graph; its nodes are put in topological order where they are not.
   *
   * @throws PerceptError `ONNX_GRAPH_INVALID` when values depend on themselves or are made twice
   */
  constructor(graph: Graph, parent?: { readonly editor: GraphEditor; readonly node: Node }) {
    this.graph = graph;
    this.#parent = parent;
    this.#names = parent === undefined ? new Set(namesIn(graph)) : parent.editor.#names;
    this.#inputs = new Set(graph.inputs.map(({ name }) => name));
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
    this.#order = new NodeOrder(graph);
    this.#uses = new ValueUses(graph.nodes);
  }

  /** The node that makes a value; `undefined` for inputs, constants, values of outer graphs and names that mean nothing. */
  producer(value: string): Node | undefined {
    return this.#uses.producer(value);
  }

  /** The nodes that read a value, also inside a nested graph, each once, in graph order. */
  readers(value: string): readonly Node[] {
    return [...this.#uses.readers(value)].sort((a, b) => this.#order.position(a) - this.#order.position(b));
  }

  /** Whether the value is an input of the graph. */
  isInput(value: string): boolean {
    return this.#inputs.has(value);
  }

  /** Whether the value is an output of the graph. */
  isOutput(value: string): boolean {
    return this.#outputs.has(value);
  }

  /**
   * The constant behind a value, from an initializer or a Constant node, of an outer graph too. `undefined` when it is
   * none, cannot be held as a tensor, or is also an input of the graph, which a caller may override.
   */
  constant(value: string | undefined): Tensor | undefined {
    if (value === undefined || value === '' || this.#inputs.has(value)) return undefined;
    if (this.#parent !== undefined && !this.#isDefined(value)) return this.#parent.editor.constant(value);
    const initializer = this.graph.initializers.get(value);
    if (initializer !== undefined) return initializer;
    const node = this.#uses.producer(value);
    const attribute = node?.opType === 'Constant' && node.domain === '' ? node.attributes.value : undefined;
    return attribute?.type === 'tensor' ? attribute.value : undefined;
  }

  /** A name that nothing has, in this graph or one nested in it: `hint` itself, or `hint_2`, `hint_3`, … It is taken at once. */
  freshName(hint: string): string {
    let name = hint === '' ? 'value' : hint;
    for (let suffix = 2; this.#names.has(name); suffix++) name = `${hint === '' ? 'value' : hint}_${suffix}`;
    this.#names.add(name);
    return name;
  }

  /** Adds a constant under a fresh name like `hint`, and gives the name. Its data is not copied. */
  addConstant(hint: string, tensor: Tensor): string {
    const name = this.freshName(hint);
    this.graph.initializers.set(name, tensor);
    return name;
  }

  /** Replaces the tensor of a constant (an initializer). All its readers see the new one. */
  setConstant(name: string, tensor: Tensor): void {
    if (!this.graph.initializers.has(name)) this.#refuse(`a constant to replace but ${name} is none`);
    this.graph.initializers.set(name, tensor);
  }

  /**
   * Adds a node, right after the last one that makes one of its inputs, or right before the node `before` where that is
   * given. Values named in `outputs` must not be made yet; they may have readers already.
   */
  insert(spec: NodeSpec, { before }: { readonly before?: Node } = {}): Node {
    const node = this.#make(spec);
    for (const output of node.outputs) {
      if (output !== '' && this.#isDefined(output))
        this.#refuse(`a value that nothing makes yet but received ${output}`);
    }
    this.#checkReadable(node, new Set());
    this.#place([node], before);
    return node;
  }

  /**
   * Takes a node out.
   *
   * @throws PerceptError `ONNX_EDIT_INVALID` when something still reads one of its values; rewire the readers first
   */
  remove(node: Node): void {
    this.#own(node);
    const needed = node.outputs.find((output) => this.#isNeeded(output, node));
    if (needed !== undefined) {
      this.#refuse(
        `values without a reader to remove ${describeNode(node)} but ${needed} is read. Rewire its readers first`,
      );
    }
    this.#detach(node);
    this.#forget(node.outputs);
    this.#changed();
  }

  /**
   * Puts new nodes in the place of old ones. Among them they must make every value of the old nodes that something
   * else reads, under the same names; the specs stand in an order in which each reads only what is there before.
   */
  replace(old: Node | readonly Node[], specs: readonly NodeSpec[]): readonly Node[] {
    const removed = new Set(Array.isArray(old) ? (old as readonly Node[]) : [old as Node]);
    for (const node of removed) this.#own(node);
    const gone = new Set([...removed].flatMap(({ outputs }) => outputs).filter((output) => output !== ''));
    const nodes = specs.map((spec) => this.#make(spec));
    const made = new Set<string>();
    for (const node of nodes) {
      for (const input of node.inputs) {
        if (gone.has(input) && !made.has(input))
          this.#refuse(`a value that stays for ${describeNode(node)} but ${input} goes`);
      }
      this.#checkReadable(node, made);
      for (const output of node.outputs) {
        if (output === '') continue;
        if (made.has(output) || (this.#isDefined(output) && !gone.has(output))) {
          this.#refuse(`a value that nothing else makes but received ${output}`);
        }
        made.add(output);
      }
    }
    for (const value of gone) {
      const isRead =
        this.#outputs.has(value) ||
        isQuantizationParameter(this.graph, value) ||
        [...this.#uses.readers(value)].some((node) => !removed.has(node));
      if (isRead && !made.has(value)) this.#refuse(`replacements that make ${value}, which is still read`);
    }
    // Checked before anything changes: no reader of what the new nodes make may stand before what they read.
    const backup = this.graph.nodes;
    this.graph.nodes = [...backup.filter((node) => !removed.has(node)), ...nodes];
    try {
      topologicalSort(this.graph);
    } catch (error) {
      this.#refuse(`replacements without a cycle but: ${(error as Error).message}`);
    } finally {
      this.graph.nodes = backup;
    }
    const anchor = [...removed].reduce<Node | undefined>(
      (first, node) => (first === undefined || this.#order.position(node) < this.#order.position(first) ? node : first),
      undefined,
    );
    const at = anchor === undefined ? 0 : this.#order.indexOf(anchor);
    for (const node of removed) this.#detach(node);
    this.#order.insert(at, nodes);
    for (const node of nodes) this.#uses.link(node);
    this.#forget([...gone].filter((value) => !made.has(value)));
    this.#restoreOrder(nodes);
    this.#changed();
    return nodes;
  }

  /** Puts constants in the place of a node, under the names of its outputs: one tensor per output that has a name. */
  replaceByConstants(node: Node, values: readonly (Tensor | undefined)[]): void {
    this.#own(node);
    for (const [at, name] of node.outputs.entries()) {
      if (name !== '' && values[at] === undefined) this.#refuse(`a constant for ${name} of ${describeNode(node)}`);
    }
    this.#detach(node);
    for (const [at, name] of node.outputs.entries()) if (name !== '') this.graph.initializers.set(name, values[at]!);
    this.#changed();
  }

  /**
   * Makes the readers of `from` read `to` instead: those in `readers`, or all, inside nested graphs and quantization
   * annotations too. A graph output named `from` keeps its name and its maker.
   */
  rewire(from: string, to: string, { readers }: { readonly readers?: readonly Node[] } = {}): void {
    if (from === to) return;
    if (!this.#isReadable(to)) this.#refuse(`a value of the graph to read but received ${JSON.stringify(to)}`);
    const all = this.#uses.readers(from);
    const moved = readers ?? [...all];
    for (const node of moved) {
      if (!all.has(node)) this.#refuse(`a reader of ${from} but received ${describeNode(node)}`);
    }
    this.#checkCycle(to, new Set(moved));
    const names = new Map([[from, to]]);
    for (const node of moved) this.#update(node, () => substituteReads(node, names, (hint) => this.freshName(hint)));
    if (readers === undefined) renameParameters(this.graph, names);
    this.#restoreOrder(moved);
    this.#changed();
  }

  /** Sets one input of a node; `''` leaves it out. Missing inputs before it are left out too. */
  setInput(node: Node, index: number, value: string): void {
    this.#own(node);
    if (value !== '') {
      if (!this.#isReadable(value)) this.#refuse(`a value of the graph to read but received ${JSON.stringify(value)}`);
      this.#checkCycle(value, new Set([node]));
    }
    this.#update(node, () => {
      while (node.inputs.length < index) node.inputs.push('');
      node.inputs[index] = value;
      while (node.inputs.length > 0 && node.inputs.at(-1) === '') node.inputs.pop();
    });
    this.#restoreOrder([node]);
    this.#changed();
  }

  /**
   * Takes out a node that passes an input on: readers of its first output read the input. Where that output is a graph
   * output, the maker of the input takes over its name.
   *
   * @returns false, with nothing changed, where the graph output needs the node to have its name: its input is an input
   *   of the graph, a constant, or an output too; or the node has other outputs that are read
   */
  bypass(node: Node, input = 0): boolean {
    this.#own(node);
    const from = node.inputs[input];
    const to = node.outputs[0];
    if (from === undefined || from === '' || to === undefined || to === '') return false;
    if (node.outputs.slice(1).some((output) => this.#isNeeded(output, node))) return false;
    if (this.#outputs.has(to)) {
      const producer = this.#uses.producer(from);
      if (producer === undefined || this.#outputs.has(from)) return false;
      this.rewire(to, from);
      this.#detach(node);
      this.#forget(node.outputs.slice(1));
      this.#dropInfo(new Set([to]));
      this.#rename(from, to);
    } else {
      this.rewire(to, from);
      this.#detach(node);
      this.#forget(node.outputs);
    }
    this.#changed();
    return true;
  }

  /** Renames a value wherever it is made, read or declared, nested graphs included. Inputs and outputs of the graph change their names too. */
  renameValue(from: string, to: string): void {
    if (from === to) return;
    if (!this.#isDefined(from)) this.#refuse(`a value of the graph to rename but received ${JSON.stringify(from)}`);
    if (to === '' || this.#names.has(to))
      this.#refuse(`a name that is not taken for ${from} but received ${JSON.stringify(to)}`);
    this.#names.add(to);
    this.#rename(from, to);
    this.#changed();
  }

  /** Renames a node. Names of nodes are unique where they are given. */
  renameNode(node: Node, name: string): void {
    this.#own(node);
    if (name !== '' && this.graph.nodes.some((other) => other !== node && other.name === name)) {
      this.#refuse(`a name that no other node has for ${describeNode(node)} but received ${JSON.stringify(name)}`);
    }
    node.name = name;
    this.#names.add(name);
  }

  /** Declares another input of the graph. */
  addInput(info: ValueInfo): void {
    if (info.name === '' || this.#isDefined(info.name))
      this.#refuse(`a name that is not taken for an input but received ${info.name}`);
    this.graph.inputs.push(info);
    this.#inputs.add(info.name);
    this.#names.add(info.name);
  }

  /** Declares a value as another output of the graph. */
  addOutput(info: ValueInfo): void {
    if (!this.#isReadable(info.name) || this.#outputs.has(info.name)) {
      this.#refuse(`a value of the graph that is no output yet but received ${info.name}`);
    }
    this.graph.outputs.push(info);
    this.#outputs.add(info.name);
    this.#changed();
  }

  /** Takes an output of the graph away; what made it stays until {@link removeUnused}. */
  removeOutput(name: string): void {
    if (!this.#outputs.has(name)) this.#refuse(`an output of the graph but received ${name}`);
    this.graph.outputs = this.graph.outputs.filter((output) => output.name !== name);
    this.#outputs.delete(name);
    this.#changed();
  }

  /** Removes nodes, constants and declared types that no output depends on, and gives how many nodes went. Inputs of the graph stay. */
  removeUnused(): number {
    const { graph } = this;
    const needed = new Set<Node>();
    for (const node of graph.nodes.toReversed()) {
      if (node.outputs.some((output) => this.#isNeeded(output, node))) needed.add(node);
      else this.#uses.unlink(node);
    }
    const removed = this.#order.filter((node) => needed.has(node));
    const isUnread = (name: string): boolean =>
      !this.#inputs.has(name) && !this.#outputs.has(name) && this.#uses.readers(name).size === 0;
    keepQuantizationNotes(
      graph,
      ({ tensorName }) => this.#uses.producer(tensorName) !== undefined || !isUnread(tensorName),
    );
    const unread = constantNames(graph).filter((name) => isUnread(name) && !isQuantizationParameter(graph, name));
    for (const name of unread) {
      for (const constants of constantMaps(graph)) constants.delete(name);
    }
    graph.valueInfos = graph.valueInfos.filter(({ name }) => this.#isDefined(name));
    this.#changed();
    return removed.length;
  }

  /** An editor for a graph nested in a node, which knows the names of the outer graph and keeps its indexes right. */
  subgraph(node: Node, attribute: string): GraphEditor {
    this.#own(node);
    const value = node.attributes[attribute];
    if (value?.type !== 'graph') this.#refuse(`a graph in attribute ${attribute} of ${describeNode(node)}`);
    return new GraphEditor(value.value, { editor: this, node });
  }

  #refuse(expected: string): never {
    throw new PerceptError('ONNX_EDIT_INVALID', `Expected ${expected} (graph ${JSON.stringify(this.graph.name)})`);
  }

  #own(node: Node): void {
    if (!this.#order.has(node)) this.#refuse(`a node of the graph but received ${describeNode(node)}`);
  }

  #make({ opType, inputs, outputs = 1, attributes = {}, name = '', domain = '' }: NodeSpec): Node {
    const names =
      typeof outputs === 'number'
        ? Array.from({ length: outputs }, () => this.freshName(name === '' ? opType : name))
        : [...outputs];
    for (const taken of [name, ...names]) this.#names.add(taken);
    return {
      name,
      opType,
      domain,
      inputs: [...inputs],
      outputs: names,
      attributes: Object.fromEntries(
        Object.entries(attributes).map(([key, value]) => [key, fittingAttribute(domain, opType, key, value)]),
      ),
      docString: '',
    };
  }

  #isDefined(value: string): boolean {
    if (this.#uses.producer(value) !== undefined || this.#inputs.has(value)) return true;
    return constantMaps(this.graph).some((constants) => constants.has(value));
  }

  #isReadable(value: string): boolean {
    if (this.#isDefined(value)) return true;
    return this.#parent === undefined ? false : this.#parent.editor.#isReadable(value);
  }

  #isNeeded(value: string, maker: Node): boolean {
    if (value === '') return false;
    if (this.#outputs.has(value) || isQuantizationParameter(this.graph, value)) return true;
    const readers = this.#uses.readers(value);
    return readers.size > (readers.has(maker) ? 1 : 0);
  }

  #checkReadable(node: Node, made: ReadonlySet<string>): void {
    for (const value of valuesRead(node)) {
      if (!made.has(value) && !this.#isReadable(value)) {
        this.#refuse(`values of the graph for ${describeNode(node)} but received ${JSON.stringify(value)}`);
      }
    }
  }

  #update(node: Node, change: () => void): void {
    this.#uses.unlink(node);
    change();
    this.#uses.link(node);
  }

  /** Tells the editor of the outer graph that the node which holds this one may read other values now. */
  #changed(): void {
    if (this.#parent === undefined) return;
    const { editor, node } = this.#parent;
    editor.#update(node, () => {});
    editor.#restoreOrder([node]);
    editor.#changed();
  }

  #detach(node: Node): void {
    this.#order.remove(node);
    this.#uses.unlink(node);
  }

  #forget(values: readonly string[]): void {
    this.#dropInfo(new Set(values.filter((value) => value !== '' && !this.#isDefined(value))));
  }

  #dropInfo(values: ReadonlySet<string>): void {
    if (values.size === 0) return;
    keepQuantizationNotes(this.graph, ({ tensorName }) => !values.has(tensorName));
    if (this.graph.valueInfos.length === 0) return;
    this.graph.valueInfos = this.graph.valueInfos.filter(({ name }) => !values.has(name));
  }

  #rename(from: string, to: string): void {
    const { graph } = this;
    const maker = this.#uses.producer(from);
    const touched = new Set(this.#uses.readers(from));
    if (maker !== undefined) touched.add(maker);
    for (const node of touched) this.#uses.unlink(node);
    renameDefined({ ...graph, nodes: [...touched] }, new Map([[from, to]]), (hint) => this.freshName(hint));
    for (const node of touched) this.#uses.link(node);
    if (this.#inputs.delete(from)) this.#inputs.add(to);
    if (this.#outputs.delete(from)) this.#outputs.add(to);
  }

  /** Refuses when `value`, read by `readers`, would depend on one of them. */
  #checkCycle(value: string, readers: ReadonlySet<Node>): void {
    const start = this.#uses.producer(value);
    if (start === undefined) {
      if (this.#parent !== undefined && !this.#isDefined(value)) {
        this.#parent.editor.#checkCycle(value, new Set([this.#parent.node]));
      }
      return;
    }
    const earliest = Math.min(...[...readers].map((node) => this.#order.position(node)));
    const stack: Node[] = [start];
    const seen = new Set<Node>(stack);
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (readers.has(node))
        this.#refuse(`no cycle but ${value} depends on ${describeNode(node)}, which would read it`);
      for (const name of this.#uses.reads(node)) {
        const producer = this.#uses.producer(name);
        // What stands before every reader cannot depend on one.
        if (producer === undefined || seen.has(producer) || this.#order.position(producer) < earliest) continue;
        seen.add(producer);
        stack.push(producer);
      }
    }
  }

  #place(nodes: readonly Node[], before: Node | undefined): void {
    let at = 0;
    if (before !== undefined) {
      this.#own(before);
      at = this.#order.indexOf(before);
    } else {
      for (const node of nodes) {
        for (const value of valuesRead(node)) {
          const producer = this.#uses.producer(value);
          if (producer !== undefined) at = Math.max(at, this.#order.indexOf(producer) + 1);
        }
      }
    }
    const made = nodes.flatMap(({ outputs }) => outputs);
    const readers = new Set(made.flatMap((output) => [...this.#uses.readers(output)]));
    for (const node of nodes) for (const value of valuesRead(node)) this.#checkCycle(value, readers);
    this.#order.insert(at, nodes);
    for (const node of nodes) this.#uses.link(node);
    this.#restoreOrder([...nodes, ...readers]);
    this.#changed();
  }

  /** Sorts the nodes anew where one of `suspects` stands before something that it reads. */
  #restoreOrder(suspects: Iterable<Node>): void {
    for (const node of suspects) {
      const position = this.#order.position(node);
      for (const value of this.#uses.reads(node)) {
        const producer = this.#uses.producer(value);
        if (producer !== undefined && this.#order.position(producer) >= position) {
          this.#order.sort();
          return;
        }
      }
      for (const output of node.outputs) {
        for (const reader of this.#uses.readers(output)) {
          if (this.#order.position(reader) > position) continue;
          this.#order.sort();
          return;
        }
      }
    }
  }
}
