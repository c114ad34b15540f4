// Python in a worker: it starts once, answers one question after the other, and is ended from outside.
let python;
const modules = {};

async function start({ pyodide, archives }) {
  // All that Python needs comes at the same time; importing one after the other would wait for each.
  const packed = archives.map((url) => fetch(url).then((answer) => answer.arrayBuffer()));
  python = await boot(pyodide);
  for (const archive of packed) {
    python.unpackArchive(await archive, "zip", { extractDir: "/lib/book" });
  }
  python.runPython("import sys; sys.path.append('/lib/book')");
  modules.page = python.pyimport("companion.panel.page");
}

// Python's own start takes most of the time. Its memory right after the first one is kept in this browser, and the next
// page goes on from there: a third of the time. The options are Pyodide's own and marked as experimental, so whatever
// fails on that way only costs a plain start.
async function boot(pyodide) {
  const options = { indexURL: new URL(".", pyodide).href, fullStdLib: false };
  const [{ loadPyodide }, kept] = await Promise.all([import(pyodide), recall(pyodide)]);
  if (kept) {
    try {
      return await loadPyodide({ ...options, _loadSnapshot: kept });
    } catch {
      await caches.delete(KEPT);
    }
  }
  if (!self.caches) return loadPyodide(options);
  try {
    const fresh = await loadPyodide({ ...options, _makeSnapshot: true });
    keep(pyodide, fresh.makeMemorySnapshot()).catch(() => {});
    return fresh;
  } catch {
    return loadPyodide(options);
  }
}

const KEPT = "companion-python";

async function recall(pyodide) {
  try {
    const found = await (await caches.open(KEPT)).match(`${pyodide}?memory`);
    return found && new Uint8Array(await new Response(found.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
  } catch {
    return null;
  }
}

async function keep(pyodide, memory) {
  const packed = await new Response(new Blob([memory]).stream().pipeThrough(new CompressionStream("gzip"))).blob();
  await caches.delete(KEPT); // an older Python's
  await (await caches.open(KEPT)).put(`${pyodide}?memory`, new Response(packed));
}

const answers = {
  start,
  run: ({ request, id }) => modules.page.run(request, (done) => postMessage({ id, kind: "progress", done })),
  call: ({ module, name, request }) => python.pyimport(module)[name](request),
  warm: ({ module }) => void python.pyimport(module),
  tell: ({ module, request }) => python.pyimport(module).tell(request), // what a player's scene asks
  exercise: ({ givens, answer, check }) => {
    modules.exercise ??= python.pyimport("companion.panel.exercise");
    return modules.exercise.check(JSON.stringify({ givens, answer, check }));
  },
};

let turn = Promise.resolve();
onmessage = ({ data }) => {
  turn = turn.then(async () => {
    try {
      const text = await answers[data.kind](data);
      postMessage({ id: data.id, kind: "done", value: text ? JSON.parse(text) : null });
    } catch (error) {
      // Python's last line is the error itself; a refused value explains itself without its name.
      const last = String(error.message ?? error).trim().split("\n").at(-1);
      const refused = error.type === "ParameterError";
      postMessage({ id: data.id, kind: "failed", refused, message: refused ? last.replace(/^[\w.]+: /, "") : last });
    }
  });
};
