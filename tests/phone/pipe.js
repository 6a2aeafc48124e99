/** JSON lines to and from the process that started this one; a line is read only once nothing is left to do, so that a seed decides all order. */
import {readSync, writeSync} from 'node:fs';

const CHUNK = 1 << 16;
const LOOP_EVERY = 200;
const later = globalThis.setImmediate;
const chunk = Buffer.alloc(CHUNK);
const tasks = [];
let at = 0;
let elsewhere = 0;
let heard = '';

/** Calls handle(message) for each line that comes in, for ever; what anybody schedules with setImmediate runs before the next line is read. */
export function listen(handle) {
  globalThis.setImmediate = (task) => { tasks.push(task); };
  later(() => turns(handle));
}

/** The same promise, during which other threads work: no line is read before it is settled. */
export function away(promise) {
  elsewhere += 1;
  return promise.finally(() => { elsewhere -= 1; });
}

export function tell(value) {
  const line = Buffer.from(`${JSON.stringify(value)}\n`);
  for (let from = 0; from < line.length;) from += writeSync(1, line, from);
}

/** Node's own loop asks the system at every turn whether anything came in, which costs more than the turn; it is given way now and then. */
function turns(handle) {
  for (let lines = 0; lines < LOOP_EVERY;) {
    process._tickCallback();
    if (at < tasks.length) {
      tasks[at++]();
    } else {
      tasks.length = at = 0;
      if (elsewhere) break;
      handle(JSON.parse(line()));
      lines += 1;
    }
  }
  later(() => turns(handle));
}

/** What comes in is ASCII: the other side escapes the rest. */
function line() {
  let end;
  while ((end = heard.indexOf('\n')) < 0) {
    const n = readSync(0, chunk, 0, CHUNK);
    if (!n) process.exit(0);
    heard += chunk.latin1Slice(0, n);
  }
  const text = heard.slice(0, end);
  heard = heard.slice(end + 1);
  return text;
}
