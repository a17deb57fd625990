import chromium from '@sparticuz/chromium';
import { type Browser, type LaunchOptions, chromium as playwright } from 'playwright';

/** Meant for one-shot cloud functions: in a single process, the whole browser ends with its first page. */
const oneShot = ['--single-process', '--no-zygote'];
/** They switch off what pages are tested for: other origins and what may load. */
const insecure = ['--disable-web-security', '--allow-running-insecure-content', '--disable-site-isolation-trials'];

/** How to start the Chromium that comes with the development dependencies. */
export async function chromiumLaunchOptions(): Promise<{ executablePath: string; args: string[] }> {
  const args = chromium.args.filter((arg) => ![...oneShot, ...insecure].includes(arg));
  return { executablePath: await chromium.executablePath(), args: [...args, '--no-sandbox'] };
}

/** Starts the Chromium that comes with the development dependencies; headless, no download. The caller closes it. */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  const { executablePath, args } = await chromiumLaunchOptions();
  return playwright.launch({ ...options, executablePath, args: [...args, ...(options.args ?? [])] });
}
