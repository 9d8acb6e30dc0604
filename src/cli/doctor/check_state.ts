/**
 * Room `cli`: the checks of `doctor` on the state directory, its disk and the socket.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readRememberedSocket } from "../../daemon/endpoint/remembered_socket.ts";
import { shortSocketPath } from "../../daemon/endpoint/socket_path.ts";
import { requireTrustedFiles } from "../../daemon/trust/trusted_files.ts";
import { messageOf } from "../../domain/errors.ts";
import { ifOurs } from "../../system/files/files.ts";
import { broken, brokenBy, type Check, ok, warn } from "./check.ts";

const OTHERS = 0o077;
const WRITING_OTHERS = 0o022;

/** Free bytes. Below `FEW_BYTES` jobs will soon fail. Below `TOO_FEW_BYTES` one long transcript does not fit. */
const FEW_BYTES = 1_073_741_824;
const TOO_FEW_BYTES = 104_857_600;

export function checkState(home: string): Check[] {
  const directory = checkDirectory(home);
  return [
    directory,
    ...(directory.status === "broken" ? [] : checkFiles(home)),
    checkDisk(home),
    checkSocket(home),
  ];
}

function checkDirectory(home: string): Check {
  const name = "state";
  const info = ifOurs(() => Deno.statSync(home));
  if (info === null) {
    const place = nearestPlace(home);
    const fault = writeFault(place);
    if (fault === null) return ok(name, `${home} is not there yet; the first job makes it`);
    const fix = "Make it, or set AGENT_ASYNC_HOME to a directory that can be written.";
    return broken(name, `${home} cannot be made in ${place}: ${messageOf(fault)}`, fix);
  }
  if (!info.isDirectory) {
    return broken(name, `${home} is no directory`, `Move it away: mv ${home} ${home}.old`);
  }
  const uid = Deno.build.os === "windows" ? null : Deno.uid();
  if (uid !== null && info.uid !== null && info.uid !== uid) {
    const fix =
      `Set AGENT_ASYNC_HOME to a directory of your own, or give this one back: chown -R ${uid} ${home}`;
    return broken(name, `${home} belongs to the user with id ${info.uid}, not to ${uid}`, fix);
  }
  const fault = writeFault(home);
  if (fault !== null) {
    const fix = `Make it writable (chmod 700 ${home}), or set AGENT_ASYNC_HOME to a directory that is.`;
    return broken(name, `${home} cannot be written: ${messageOf(fault)}`, fix);
  }
  if (Deno.build.os === "windows") return ok(name, home);
  const mode = (info.mode ?? 0) & 0o777;
  if ((mode & WRITING_OTHERS) !== 0) {
    return broken(name, `${home} may be written by others (mode ${octal(mode)})`, `chmod 700 ${home}`);
  }
  if ((mode & OTHERS) !== 0) {
    return warn(name, `${home} may be read by others (mode ${octal(mode)})`, `chmod 700 ${home}`);
  }
  return ok(name, `${home} (mode ${octal(mode)})`);
}

/**
 * Checks the files that every state directory has: only this user may read them, and the daemon must be able to use
 * them.
 */
function checkFiles(home: string): Check[] {
  try {
    requireTrustedFiles(home);
  } catch (error) {
    return [brokenBy("state files", error, `Look at what is in ${home}.`)];
  }
  const names = ["config.json", "daemon.lock", "daemon.log", "queue.db", "queue.db-wal", "queue.db-shm"];
  const open = names.map((name) => join(home, name)).filter((path) => {
    return Deno.build.os !== "windows" && (modeOf(path) & OTHERS) !== 0;
  });
  if (open.length === 0) return [];
  // This is only a warning: a directory of mode 0700 keeps others out whatever the modes of the files are.
  return [warn("state files", `${open.join(", ")} may be read by others`, `chmod 600 ${open.join(" ")}`)];
}

function checkDisk(home: string): Check {
  const name = "disk";
  const place = nearestPlace(home);
  try {
    const { bavail, bsize } = statfsSync(place);
    const free = bavail * bsize;
    const message = `${sizeText(free)} free for ${place}`;
    const fix = "Free some space, or remove old jobs: agent-async prune --older-than 7d";
    if (free < TOO_FEW_BYTES) return broken(name, message, fix);
    return free < FEW_BYTES ? warn(name, message, fix) : ok(name, message);
  } catch (error) {
    return warn(name, `free space of ${place} cannot be told: ${messageOf(error)}`, "Look with df.");
  }
}

function checkSocket(home: string): Check {
  const name = "socket";
  const realHome = ifOurs(() => Deno.realPathSync(home)) ?? home;
  // On Windows the daemon listens on a port, which this file names, instead of a socket.
  if (Deno.build.os === "windows") return ok(name, join(realHome, "daemon.address"));
  const path = shortSocketPath(realHome) ?? readRememberedSocket(realHome)?.path;
  return ok(
    name,
    path ?? "the path is too long for one here: the daemon makes a place for it when it starts",
  );
}

/**
 * The error of an attempt to write in the directory; `null` when that works. The mode alone would not tell, since
 * access control lists and read-only mounts do not show in it.
 */
function writeFault(directory: string): unknown {
  try {
    const probe = Deno.makeTempFileSync({ dir: directory, prefix: ".doctor-" });
    Deno.removeSync(probe);
    return null;
  } catch (error) {
    return error;
  }
}

/** The nearest existing directory at or above `path`. */
function nearestPlace(path: string): string {
  let place = path;
  while (ifOurs(() => Deno.statSync(place)) === null && dirname(place) !== place) place = dirname(place);
  return place;
}

/** The mode of a file; 0 when there is none, or when it is no regular file. */
function modeOf(path: string): number {
  const info = ifOurs(() => Deno.statSync(path));
  return info?.isFile === true ? info.mode ?? 0 : 0;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

function sizeText(bytes: number): string {
  return bytes >= FEW_BYTES
    ? `${(bytes / FEW_BYTES).toFixed(1)} GiB`
    : `${Math.round(bytes / 1_048_576)} MiB`;
}
