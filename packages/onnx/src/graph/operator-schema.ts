// Reads the compact schema table: one line a schema, parsed when its operator is first asked for.
import { operatorSchemas, typeSets } from './operator-schemas.generated.js';

/** What an operator takes or gives at one position (onnx.proto: OpSchema.FormalParameter). */
export interface FormalParameter {
  readonly name: string;
  /** Name of a type variable of the schema, when `variable`; else one type, such as `float32` or `seq(int64)`. */
  readonly type: string;
  readonly variable: boolean;
  readonly kind: 'single' | 'optional' | 'variadic';
  /** Whether all values of a variadic parameter have one type. */
  readonly homogeneous: boolean;
}

/** Kinds of attributes, as {@link AttributeSchema} names them. */
export type AttributeKind =
  | 'float'
  | 'int'
  | 'string'
  | 'tensor'
  | 'graph'
  | 'sparse_tensor'
  | 'type_proto'
  | 'floats'
  | 'ints'
  | 'strings'
  | 'tensors'
  | 'graphs'
  | 'sparse_tensors'
  | 'type_protos';

/** What an operator says of one attribute. */
export interface AttributeSchema {
  readonly name: string;
  readonly kind: AttributeKind;
  readonly required: boolean;
  readonly default: number | string | readonly number[] | readonly string[] | undefined;
}

/** One version of an operator, as the ONNX standard (or onnxruntime, for `com.microsoft`) defines it. */
export interface OperatorSchema {
  readonly name: string;
  readonly domain: string;
  /** The operator set that brought this version. */
  readonly sinceVersion: number;
  readonly deprecated: boolean;
  readonly inputs: readonly FormalParameter[];
  readonly outputs: readonly FormalParameter[];
  readonly minInputs: number;
  /** `Infinity` where the last input is variadic. */
  readonly maxInputs: number;
  readonly minOutputs: number;
  readonly maxOutputs: number;
  readonly attributes: ReadonlyMap<string, AttributeSchema>;
  /** The types that each type variable may stand for. */
  readonly typeConstraints: ReadonlyMap<string, ReadonlySet<string>>;
}

const kinds: Readonly<Record<string, AttributeKind>> = {
  f: 'float',
  i: 'int',
  s: 'string',
  t: 'tensor',
  g: 'graph',
  p: 'sparse_tensor',
  y: 'type_proto',
  F: 'floats',
  I: 'ints',
  S: 'strings',
  T: 'tensors',
  G: 'graphs',
  P: 'sparse_tensors',
  Y: 'type_protos',
};

/** Lines by operator name, by domain. */
const linesByDomain = new Map<string, Map<string, string[]>>();
const parsed = new Map<string, OperatorSchema>();
const parsedTypeSets = new Map<number, ReadonlySet<string>>();

/** Whether operators of this domain are known, so that one that is not is a mistake. */
export function isKnownDomain(domain: string): boolean {
  return Object.hasOwn(operatorSchemas, domain === 'ai.onnx' ? '' : domain);
}

/**
 * The schema that holds for an operator in an operator set: the newest one that is not newer than `opset`.
 * `undefined` where the operator is not known or came later.
 */
export function operatorSchema(domain: string, opType: string, opset: number): OperatorSchema | undefined {
  let found: OperatorSchema | undefined;
  for (const schema of operatorHistory(domain, opType)) if (schema.sinceVersion <= opset) found = schema;
  return found;
}

/** All versions of an operator, oldest first; none where it is not known. */
export function operatorHistory(domain: string, opType: string): readonly OperatorSchema[] {
  const name = domain === 'ai.onnx' ? '' : domain;
  return (linesOf(name).get(opType) ?? []).map((line) => {
    const key = `${name}\n${line}`;
    let schema = parsed.get(key);
    if (schema === undefined) {
      schema = parseSchema(name, line);
      parsed.set(key, schema);
    }
    return schema;
  });
}

/** Names of the operators that a domain knows. */
export function operatorNames(domain: string): readonly string[] {
  return [...linesOf(domain === 'ai.onnx' ? '' : domain).keys()];
}

function linesOf(domain: string): Map<string, string[]> {
  let lines = linesByDomain.get(domain);
  if (lines === undefined) {
    lines = new Map();
    const text = Object.hasOwn(operatorSchemas, domain) ? operatorSchemas[domain]! : '';
    for (const line of text === '' ? [] : text.split('\n')) {
      const name = line.slice(0, line.indexOf(' '));
      lines.set(name, [...(lines.get(name) ?? []), line]);
    }
    linesByDomain.set(domain, lines);
  }
  return lines;
}

function parseSchema(domain: string, line: string): OperatorSchema {
  const [head = '', inputs = '', outputs = '', attributes = '', constraints = ''] = line.split('|');
  const [name = '', version = ''] = head.split(' ');
  const taken = words(inputs).map(parseParameter);
  const given = words(outputs).map(parseParameter);
  const [minInputs, maxInputs] = arity(taken);
  const [minOutputs, maxOutputs] = arity(given);
  return {
    name,
    domain,
    sinceVersion: Number.parseInt(version, 10),
    deprecated: version.endsWith('!'),
    inputs: taken.map(({ parameter }) => parameter),
    outputs: given.map(({ parameter }) => parameter),
    minInputs,
    maxInputs,
    minOutputs,
    maxOutputs,
    attributes: new Map(words(attributes).map((word) => [word.slice(0, word.indexOf(':')), parseAttribute(word)])),
    typeConstraints: new Map(
      words(constraints).map((word) => {
        const [variable = '', index = ''] = word.split('=');
        return [variable, typeSet(Number(index))];
      }),
    ),
  };
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}

interface ParsedParameter {
  readonly parameter: FormalParameter;
  readonly minArity: number;
}

/** `X:T`, `B:T?` (optional), `inputs:T*1` (variadic, at least one), `V*1~` (of any types), `sizes:=int64` (no variable). */
function parseParameter(word: string): ParsedParameter {
  const [, name = '', fixed, type = '', optional, arityText, mixed] =
    /^(.*?):(=?)([^?*]*)(\?)?(?:\*(\d+)(~)?)?$/.exec(word) ?? [];
  return {
    parameter: {
      name,
      type,
      variable: fixed === '',
      kind: arityText !== undefined ? 'variadic' : optional === '?' ? 'optional' : 'single',
      homogeneous: mixed === undefined,
    },
    minArity: Number(arityText ?? 0),
  };
}

/** How many there must and may be, counted as OpSchema::Finalize does. */
function arity(parameters: readonly ParsedParameter[]): [minimum: number, maximum: number] {
  let minimum = 0;
  let maximum = 0;
  for (const { parameter, minArity } of parameters) {
    maximum += parameter.kind === 'variadic' ? Number.POSITIVE_INFINITY : 1;
    if (parameter.kind === 'single') minimum = maximum;
    if (parameter.kind === 'variadic') minimum = parameters.length - 1 + minArity;
  }
  return [minimum, maximum];
}

/** `axis:i=1` (with a default), `axis:i!` (required), `axis:i`. */
function parseAttribute(word: string): AttributeSchema {
  const colon = word.indexOf(':');
  const rest = word.slice(colon + 2);
  return {
    name: word.slice(0, colon),
    kind: kinds[word[colon + 1]!]!,
    required: rest === '!',
    default: rest.startsWith('=') ? JSON.parse(rest.slice(1)) : undefined,
  };
}

function typeSet(index: number): ReadonlySet<string> {
  let set = parsedTypeSets.get(index);
  if (set === undefined) {
    set = new Set(typeSets[index]!.split(' '));
    parsedTypeSets.set(index, set);
  }
  return set;
}
