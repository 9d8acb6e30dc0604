/**
 * A program between a host and an MCP server that notes what they say: `wire_recorder.ts LOG COMMAND ARGUMENT...`. The
 * log has one message a line, `> ` before what the host says.
 *
 * @module
 */
const [log = "", executable = "", ...args] = Deno.args;

const child = new Deno.Command(executable, { args, stdin: "piped", stdout: "piped", stderr: "inherit" })
  .spawn();

const mark = new TextEncoder();

/** Passes whole lines on, each noted first. */
async function pass(from: ReadableStream<Uint8Array>, to: WritableStream<Uint8Array>, sign: string) {
  const writer = to.getWriter();
  let rest = "";
  for await (const text of from.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) Deno.writeTextFileSync(log, `${sign} ${line}\n`, { append: true });
    for (const line of lines) await writer.write(mark.encode(`${line}\n`)).catch(() => {});
  }
  if (rest !== "") await writer.write(mark.encode(rest)).catch(() => {});
  await writer.close().catch(() => {});
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    try {
      child.kill(signal);
    } catch {
      // It has left already.
    }
  });
}

// Not awaited: a host may leave its end open after the server has left.
void pass(Deno.stdin.readable, child.stdin, ">").catch(() => {});
await pass(child.stdout, Deno.stdout.writable, "<").catch(() => {});
Deno.exit((await child.status).code);
