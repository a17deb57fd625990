import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** An upload that is to be killed. */
export interface KilledUpload {
  readonly endpoint: string;
  readonly bucket: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly key: string;
  /** File with the bytes. */
  readonly file: string;
  /** SIGKILL comes when so many bytes have been sent. */
  readonly killAfter: number;
  /** Command-line flags of Node, such as conditions that packages are found by. */
  readonly flags?: readonly string[];
}

/** Starts an upload in a process of its own, kills that, and lets another process go on with it. */
export async function resumeKilledUpload(
  upload: KilledUpload,
): Promise<{ readonly sentBefore: number; readonly sentAfter: number }> {
  const sentBefore = await run(upload, upload.killAfter);
  const sentAfter = await run(upload, Number.POSITIVE_INFINITY);
  return { sentBefore, sentAfter };
}

/** Bytes that one process has sent, as its parts were answered. */
async function run(upload: KilledUpload, killAfter: number): Promise<number> {
  const script = fileURLToPath(new URL('./upload-process.ts', import.meta.url));
  const child = spawn(process.execPath, [...(upload.flags ?? []), '--import', 'tsx', script, JSON.stringify(upload)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) =>
    child.on('exit', (code, signal) => resolve(signal ?? code)),
  );
  let sent = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    sent = Number(line);
    if (sent >= killAfter) child.kill('SIGKILL');
  }
  const end = await ended;
  if (end !== (killAfter === Number.POSITIVE_INFINITY ? 0 : 'SIGKILL')) throw new Error(`The upload ended with ${end}`);
  return sent;
}
