// Chromium as every script here starts it. CHROMIUM names the browser when it is not /usr/bin/chromium.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

export const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

export const launch = () => chromium.launch({ executablePath: PROGRAM, args: FLAGS });

/** The address of a file, or an address itself. */
export const whole = (name) => (/^[a-z]+:\/\//.test(name) ? name : pathToFileURL(resolve(name)).href);
