/* The compiled templates, made anew from pwa/templates for these tests. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const python = existsSync(`${root}.venv/bin/python`) ? `${root}.venv/bin/python` : 'python3';
const source = execFileSync(python, ['-m', 'server.phone_templates'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });

export const { templates } = await import(`data:text/javascript;base64,${Buffer.from(source).toString('base64')}`);
