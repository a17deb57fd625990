// The suites that take long or need real photos; `.ci/run` calls it after `npm test`.
import { runVitest } from './run-vitest.mjs';

const { passed, failed } = runVitest(['--project', 'slow', '--project', 'integration']);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
