import chromium from '@sparticuz/chromium';
import { type Browser, type LaunchOptions, chromium as playwright } from 'playwright';

/** Meant for one-shot cloud functions: in a single process, the whole browser ends with its first page. */
const oneShot = ['--single-process', '--no-zygote'];

/** Starts the Chromium that comes with the development dependencies; headless, no download. The caller closes it. */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  return playwright.launch({
    ...options,
    executablePath: await chromium.executablePath(),
    args: [...chromium.args.filter((arg) => !oneShot.includes(arg)), '--no-sandbox', ...(options.args ?? [])],
  });
}
