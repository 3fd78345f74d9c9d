// What Google's evaluator says against a content security policy: one JSON line a finding, exit code 1 if there is any.
//
//   node csp.mjs POLICY
import { createRequire } from 'node:module';

const { CspEvaluator } = createRequire(import.meta.url)('csp_evaluator/dist/evaluator.js');
const { CspParser } = createRequire(import.meta.url)('csp_evaluator/dist/parser.js');

const found = new CspEvaluator(new CspParser(process.argv[2]).csp).evaluate();
for (const { directive, description, severity, value } of found) console.log(JSON.stringify({ directive, description, severity, value }));
process.exitCode = found.length ? 1 : 0;
