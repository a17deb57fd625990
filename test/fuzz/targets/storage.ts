// What servers may answer to a storage. An input is a script: one byte that chooses what is asked for, then the answers
// in the order of the requests, each as `status`, header lines, an empty line and a body.
import { gcsStorage } from '@percept/storage/backends/gcs';
import { httpStorage } from '@percept/storage/backends/http';
import { hubStorage } from '@percept/storage/backends/hub';
import { s3Storage } from '@percept/storage/backends/s3';
import type { FuzzTarget } from '../target.js';

const separator = '\u001e';
const retry = { attempts: 2, firstDelayMs: 0, longestDelayMs: 0, timeoutMs: 100 };
const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
/** Larger than a part, so that it goes up in several. */
const large = new Uint8Array(300_000);
const session = 'c1fb1058-493e0 http://host/upload/1';

interface Opened {
  readonly fetch: typeof fetch;
}

const http = ({ fetch }: Opened) => httpStorage('http://host/files/', { fetch, retry });
const s3 = ({ fetch }: Opened) => s3Storage({ bucket: 'bucket', endpoint: 'http://host', credentials, fetch, retry });
const gcs = ({ fetch }: Opened) =>
  gcsStorage({ bucket: 'bucket', endpoint: 'http://host', credentials: 'anonymous', partSize: 262_144, fetch, retry });
const hub = ({ fetch }: Opened) => hubStorage({ repo: 'o/r', endpoint: 'http://host', fetch, retry });

const asked: readonly ((opened: Opened) => Promise<unknown>)[] = [
  (opened) => http(opened).stat('a'),
  (opened) => http(opened).read('a'),
  (opened) => http(opened).read('a', { range: { start: 3, end: 9 } }),
  (opened) => s3(opened).stat('a'),
  (opened) => s3(opened).read('a'),
  (opened) => s3(opened).read('a', { range: { start: 3 }, ifMatch: '"tag"' }),
  (opened) => listed(s3(opened).list('a')),
  (opened) => s3(opened).write('a', new Uint8Array(10), { ifAbsent: true }),
  (opened) =>
    s3(opened).resumeWrite('a', { size: 9_000_000, read: async ({ start, end }) => big.subarray(start, end) }),
  (opened) => s3(opened).abandonUploads('a'),
  (opened) => gcs(opened).stat('a'),
  (opened) => gcs(opened).read('a'),
  (opened) => listed(gcs(opened).list('a')),
  (opened) => gcs(opened).write('a', new Uint8Array(10), { ifMatch: '1' }),
  (opened) => gcs(opened).resumeWrite('a', large),
  (opened) => gcs(opened).resumeWrite('a', large, { session }),
  (opened) => hub(opened).stat('a'),
  (opened) => hub(opened).read('a'),
  (opened) => listed(hub(opened).list('')),
];
const big = new Uint8Array(9_000_000);

/** Answers of storages behind HTTP: statuses, headers that lie, XML and JSON of every kind. */
export const target: FuzzTarget = {
  name: 'storage',
  seeds: () =>
    scripts.map(([question, ...answers]) =>
      new TextEncoder().encode(`${String.fromCharCode(question)}${answers.join(separator)}`),
    ),
  async run(bytes) {
    const question = asked[(bytes[0] ?? 0) % asked.length]!;
    await question({ fetch: scripted(bytes.subarray(1)) });
  },
};

/** Plays a server: the answers of the script in turn, then a broken network. */
function scripted(script: Uint8Array): typeof fetch {
  const answers = new TextDecoder('latin1').decode(script).split(separator);
  let next = 0;
  return async (_url, init) => {
    const answer = answers[next++];
    if (answer === undefined) throw new TypeError('fetch failed');
    const end = answer.indexOf('\n\n');
    const [status = '', ...lines] = answer.slice(0, end === -1 ? undefined : end).split('\n');
    const headers = new Headers();
    for (const line of lines) {
      const colon = line.indexOf(':');
      headers.append(line.slice(0, colon), line.slice(colon + 1));
    }
    const body = end === -1 ? '' : answer.slice(end + 2);
    return new Response(init?.method === 'HEAD' ? null : cutAsNetworksCut(Buffer.from(body, 'latin1'), headers), {
      status: Number(status),
      headers,
    });
  };
}

/** A body in two chunks that breaks off if it is shorter than its header says. */
function cutAsNetworksCut(body: Uint8Array, headers: Headers): ReadableStream<Uint8Array> | null {
  const missing = Number(headers.get('content-length') ?? body.length) > body.length;
  if (body.length === 0 && !missing) return null;
  let chunk = 0;
  const half = body.length >> 1;
  return new ReadableStream({
    pull(controller) {
      chunk++;
      if (chunk === 1) controller.enqueue(body.subarray(0, half));
      else if (chunk === 2) controller.enqueue(body.subarray(half));
      else if (missing) controller.error(new TypeError('terminated'));
      else controller.close();
    },
  });
}

async function listed(infos: AsyncIterable<unknown>): Promise<void> {
  let count = 0;
  for await (const _ of infos) if (++count === 100) return;
}

const helloSha256 = '09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b';
const contents =
  '<Contents><Key>a%2Fb+c</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;tag&quot;</ETag><Size>5</Size></Contents>';
const listing = (rest: string) =>
  `200\ncontent-type: application/xml\n\n<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType>${contents}${rest}</ListBucketResult>`;
const objectAnswer =
  '200\ncontent-length: 12\netag: "tag"\nlast-modified: Thu, 01 Jan 2026 00:00:00 GMT\n\nhello, world';
const partAnswer = '206\ncontent-range: bytes 3-8/12\netag: "tag"\n\nlo, wo';
const commit = `200\n\n{"sha":"${'0123456789'.repeat(4)}"}`;
const hubEntry = `{"type":"file","path":"a","size":12,"oid":"${'ab'.repeat(20)}","lfs":{"oid":"${helloSha256}","size":12}}`;
const resource =
  '{"name":"a","size":"10","generation":"17","updated":"2026-01-01T00:00:00Z","crc32c":"493waw==","metadata":{"percept-sha256":"x"}}';

/** Answers as real servers give them, and refusals. */
const scripts: readonly (readonly [number, ...string[]])[] = [
  [0, '200\ncontent-length: 12\netag: "tag"\n\n'],
  [0, '405\n\n', '206\ncontent-range: bytes 0-0/12\n\nh'],
  [1, objectAnswer],
  [1, '302\nlocation: http://other/place\n\n', objectAnswer],
  [1, '200\ncontent-length: 12\netag: "tag"\n\nhello', '206\ncontent-range: bytes 5-11/12\netag: "tag"\n\n, world'],
  [2, partAnswer],
  [2, objectAnswer],
  [2, '416\ncontent-range: bytes */2\n\n'],
  [3, '200\ncontent-length: 12\netag: "tag"\nx-amz-checksum-sha256: Ccp+TqpuiunH0mEWcSkYSINkTQffuny/vEyKLgg2DVs=\n\n'],
  [
    4,
    '200\ncontent-length: 12\netag: "tag"\nx-amz-checksum-sha256: Ccp+TqpuiunH0mEWcSkYSINkTQffuny/vEyKLgg2DVs=\n\nhello, world',
  ],
  [4, '301\nx-amz-bucket-region: eu-west-1\n\n<Error><Code>PermanentRedirect</Code></Error>', objectAnswer],
  [5, '206\ncontent-range: bytes 3-11/12\netag: "tag"\n\nlo, world'],
  [5, '412\n\n<?xml version="1.0"?><Error><Code>PreconditionFailed</Code><Message>no</Message></Error>'],
  [6, listing('<IsTruncated>false</IsTruncated>')],
  [6, listing('<IsTruncated>true</IsTruncated><NextContinuationToken>t&amp;1</NextContinuationToken>'), listing('')],
  [7, '200\netag: "tag"\n\n'],
  [
    7,
    '503\nretry-after: 0\n\n<Error><Code>SlowDown</Code></Error>',
    '412\n\n',
    '200\ncontent-length: 10\netag: "tag"\n\n',
  ],
  [
    8,
    '200\n\n<ListMultipartUploadsResult><Upload><Key>a</Key><UploadId>u1</UploadId><Initiated>2026-01-01T00:00:00Z</Initiated></Upload></ListMultipartUploadsResult>',
    '200\n\n<ListPartsResult><Part><PartNumber>1</PartNumber><ETag>&quot;e&quot;</ETag><Size>8388608</Size><ChecksumSHA256>x</ChecksumSHA256></Part></ListPartsResult>',
    '200\netag: "1"\n\n',
    '200\netag: "2"\n\n',
    '200\n\n<CompleteMultipartUploadResult><ETag>"x-2"</ETag></CompleteMultipartUploadResult>',
  ],
  [
    9,
    '200\n\n<ListMultipartUploadsResult><Upload><Key>a</Key><UploadId>u1</UploadId></Upload><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker></ListMultipartUploadsResult>',
    '204\n\n',
  ],
  [10, `200\n\n${resource}`],
  [11, '200\ncontent-length: 12\nx-goog-generation: 17\nx-goog-hash: crc32c=aZmkHw==,md5=abc\n\nhello, world'],
  [12, `200\n\n{"items":[${resource}],"nextPageToken":"t"}`, `200\n\n{"items":[${resource}]}`],
  [13, `200\n\n${resource}`],
  [13, '412\n\n{"error":{"code":412,"message":"no","errors":[{"reason":"conditionNotMet"}]}}'],
  [
    14,
    '200\nlocation: http://host/upload/1\n\n',
    '308\nrange: bytes=0-262143\n\n',
    `200\n\n${resource.replace('"10"', '"300000"').replace('493waw==', 'wfsQWA==')}`,
  ],
  [15, '308\nrange: bytes=0-262143\n\n', `200\n\n${resource}`],
  [16, commit, `200\n\n[${hubEntry}]`],
  [17, commit, `200\n\n[${hubEntry}]`, '302\nlocation: http://cdn/x\n\n', objectAnswer],
  [18, commit, `200\nlink: <http://host/api/next>; rel="next"\n\n[${hubEntry}]`, '200\n\n[]'],
];
