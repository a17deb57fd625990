import { startLoop } from './run-loop.js';

/** Starts the example with its app and waits until the loop is through; `close` ends it as Ctrl-C does. */
export async function openLoop(
  args: string[],
): Promise<{ url: string; output: string; close(): Promise<number | null> }> {
  const child = startLoop(args);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on('data', (chunk) => {
      output += chunk;
      const address = output.match(/The app is open at (http:\S+?)\.?\s/)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.stderr!.on('data', (chunk) => {
      output += chunk;
    });
    void ended.then((code) => reject(new Error(`The loop ended with ${code}:\n${output}`)));
  });
  return {
    url,
    output,
    close() {
      child.kill('SIGINT');
      return ended;
    },
  };
}
