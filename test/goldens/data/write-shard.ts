// Packs shard-samples.json with this package and prints the folder that it made:
// node --conditions=@percept/source --import tsx test/goldens/data/write-shard.ts <folder>
import { readFileSync } from 'node:fs';
import { memorySource, packShards } from '@percept/data';
import { fsStorage } from '@percept/storage/backends/fs';

interface Row {
  key: string;
  extension: string;
  label: number;
  text: string;
}

const rows = JSON.parse(readFileSync(new URL('shard-samples.json', import.meta.url), 'utf8')) as Row[];
const samples = rows.map(({ text, ...rest }) => ({ ...rest, image: new TextEncoder().encode(text) }));
await packShards(memorySource(['a', 'b', 'c'], samples), fsStorage(process.argv[2]!), { prefix: 'shards' });
