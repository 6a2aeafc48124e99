/* Reads {modules: {id: source}, cases: [{module, name, context, language, word}]} and writes what each case renders to: {html} or {error}. */
import { readFileSync } from 'node:fs';
import { speaker, strict } from '../../pwa/i18n.js';
import { render } from '../../pwa/render.js';

const { modules, cases, messages } = JSON.parse(readFileSync(0, 'utf8'));
const loaded = {};
for (const [id, source] of Object.entries(modules)) {
  loaded[id] = (await import(`data:text/javascript;base64,${Buffer.from(source).toString('base64')}`)).templates;
}
strict(true);
const answers = cases.map(({ module, name, context, language, word }) => {
  try {
    return { html: render(loaded[module], name, context, speaker(language, word, messages).globals()) };
  } catch (error) {
    return { error: String(error.message) };
  }
});
process.stdout.write(JSON.stringify(answers));
